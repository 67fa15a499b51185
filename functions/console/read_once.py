"""Reads of one page, each made once: parts of a page ask for the same identifier again and again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from shared.ports import Item, Page, Table, Write


class ReadOnce:
    """A table as it was when a page first read it. For the answer to one GET only: it is made for each, and whatever is
    written through it is read anew. ``table``: the one behind it, for whoever keeps what never changes."""

    def __init__(self, table: Table) -> None:
        self.table = self._table = table
        self._read: dict[Any, Any] = {}

    def get(self, pk: str, sk: str) -> dict[str, Any] | None:
        key = ("get", pk, sk)
        if key not in self._read:
            self._read[key] = self._table.get(pk, sk)
        found: dict[str, Any] | None = self._read[key]
        return found

    def get_many(self, keys: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
        return self._table.get_many(keys)

    def query(self, pk: str, **asked: Any) -> Page:
        key = ("query", pk, tuple(sorted(asked.items())))
        if key not in self._read:
            self._read[key] = self._table.query(pk, **asked)
        page: Page = self._read[key]
        return page

    def put(self, item: Item, *, expect: Item | None = None) -> None:
        self._read.clear()
        self._table.put(item, expect=expect)

    def put_many(self, items: Sequence[Item]) -> None:
        self._read.clear()
        self._table.put_many(items)

    def transact(self, writes: Sequence[Write]) -> None:
        self._read.clear()
        self._table.transact(writes)

    def delete(self, pk: str, sk: str, *, expect: Item | None = None) -> None:
        self._read.clear()
        self._table.delete(pk, sk, expect=expect)

    def delete_many(self, keys: Sequence[tuple[str, str]]) -> None:
        self._read.clear()
        self._table.delete_many(keys)

    def add(self, pk: str, sk: str, amounts: Mapping[str, int], *, set_to: Item | None = None) -> dict[str, int]:
        self._read.clear()
        return self._table.add(pk, sk, amounts, set_to=set_to)
