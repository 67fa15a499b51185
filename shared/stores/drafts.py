"""Drafts of definitions, as items of the catalog: ``drafts`` / ``<kind>/<name>``. One draft per definition."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from shared.domain.definitions.drafts import Draft
from shared.ports import Conflict, Table

PARTITION = "drafts"


class Drafts:
    def __init__(self, catalog: Table) -> None:
        self._table = catalog

    def all(self) -> tuple[Draft, ...]:
        """Every draft, by key."""
        found: list[Draft] = []
        cursor = None
        while True:
            page = self._table.query(PARTITION, cursor=cursor)
            found += map(_read, page.items)
            cursor = page.cursor
            if cursor is None:
                return tuple(found)

    def get(self, key: str) -> Draft | None:
        """The draft of a definition."""
        item = self._table.get(PARTITION, key)
        return None if item is None else _read(item)

    def put(self, draft: Draft) -> None:
        """Writes the next version of a draft; its ``version`` is one more than that which was read, 1 for a new one.

        Raises
        ------
        Conflict
            If somebody else changed it meanwhile.
        """
        expect = {"pk": None} if draft.version == 1 else {"version": draft.version - 1}
        self._table.put(_item(draft), expect=expect)

    def remove(self, drafts: Iterable[Draft]) -> None:
        """Takes these away, each as it was read; one that was changed meanwhile stays."""
        for draft in drafts:
            try:
                self._table.delete(PARTITION, draft.key, expect={"version": draft.version})
            except Conflict:
                continue


def _item(draft: Draft) -> dict[str, Any]:
    return {
        "pk": PARTITION,
        "sk": draft.key,
        "content": json.dumps(draft.content, ensure_ascii=False),
        "base": draft.base,
        "by": draft.by,
        "at": draft.at,
        "version": draft.version,
    }


def _read(item: dict[str, Any]) -> Draft:
    content = json.loads(item["content"])
    return Draft(item["sk"], content, item["base"], item["by"], item["at"], int(item["version"]))
