"""The port of a table, its items and its errors. Stores are written against it; adapters implement it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from msgspec import Struct

Item = Mapping[str, Any]
"""A stored item: ``pk`` and ``sk`` are text; values are text, int, bool, bytes, None, lists and mappings. No floats."""


class Conflict(Exception):
    """A conditional write found something else than expected. Load again and decide again."""


class Throttled(Exception):
    """The table does not take more right now; nothing is known to be lost, the caller says so or tries later."""


class RefusedByTable(ValueError):
    """The table will never take this request, however often it comes: an item beyond 400 KB, a broken key."""


class Page(Struct, frozen=True):
    """Some items in key order, and where to go on (None at the end). The cursor is opaque."""

    items: list[dict[str, Any]]
    cursor: str | None = None


MOST_IN_TRANSACTION = 100
"""Items of one transaction, as DynamoDB allows."""


class Write(Struct, frozen=True):
    """One item of a transaction: it is put on condition of ``expect``, as ``Table.put`` does."""

    item: Item
    expect: Item | None = None


class Table(Protocol):
    """One DynamoDB table, as narrow as the project needs it.

    ``expect`` names attributes that must have exactly these values in the stored item (None: must be absent), else
    Conflict. Reads are strongly consistent unless an index is asked. Every call may raise Throttled, or RefusedByTable.
    """

    def get(self, pk: str, sk: str) -> dict[str, Any] | None: ...

    def get_many(self, keys: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
        """The items that exist, in any order; consistent; any number of distinct keys."""

    def put(self, item: Item, *, expect: Item | None = None) -> None: ...

    def put_many(self, items: Sequence[Item]) -> None:
        """Unconditional puts of items with distinct keys (else ValueError), durable when it returns; up to 25 cost one
        request."""

    def transact(self, writes: Sequence[Write]) -> None:
        """All puts or none, of 1 to 100 items with distinct keys (else ValueError), at the price of two puts each.

        Raises Conflict if a condition does not hold, or if another request writes one of the items at this moment.
        """

    def delete(self, pk: str, sk: str, *, expect: Item | None = None) -> None: ...

    def delete_many(self, keys: Sequence[tuple[str, str]]) -> None:
        """Unconditional deletes of distinct keys (else ValueError), durable when it returns; up to 25 cost one
        request. A key that is not there is no error."""

    def add(self, pk: str, sk: str, amounts: Mapping[str, int], *, set_to: Item | None = None) -> dict[str, int]:
        """Counters: adds to numbers (absent ones start at 0), and sets other attributes, in one atomic write. Returns
        the numbers that this call added to, as they are after it: no two calls get the same."""

    def query(
        self,
        pk: str,
        *,
        prefix: str | None = None,
        at_least: str | None = None,
        below: str | None = None,
        limit: int | None = None,
        newest_first: bool = False,
        index: str | None = None,
        cursor: str | None = None,
    ) -> Page:
        """One page (at most ``limit`` items or 1 MB) of a partition, with ``at_least <= sk < below`` or ``sk``
        beginning with ``prefix`` (which excludes the other two). With ``index``, pk and sk are those of the index, and
        an item holds no more than the index does. A page may hold fewer items than ``limit`` and still have a cursor.
        A cursor that was not given out for this list raises InvalidCursor (a ValueError)."""
