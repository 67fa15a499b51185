"""A table in memory that keeps DynamoDB's rules and counts its units: for unit tests, dry runs and benchmarks."""

from __future__ import annotations

import threading
from bisect import bisect_left, insort
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from shared.adapters.check_transaction import check_transaction
from shared.adapters.cursors import read_cursor, write_cursor
from shared.adapters.indexes import KEYS, PROJECTED
from shared.adapters.usage import Usage
from shared.ports import Conflict, Item, Page, RefusedByTable, Write

PAGE_BYTES = 1_000_000
MAX_ITEM_BYTES = 400 * 1024
MAX_TRANSACTION_BYTES = 4 * 1024 * 1024
MAX_PK_BYTES, MAX_SK_BYTES = 2048, 1024

Change = tuple[dict[str, Any] | None, dict[str, Any] | None]


class MemoryTable:
    """The fake of ``Table``; the contract suite runs on it and on DynamoDB's adapter alike.

    ``on_change`` is called after each write that changed something, with the old and the new image: a stream. Without
    ``sized`` no item is measured, which takes a fifth of the time: nothing is too large, and units say nothing.
    ``indexes``: names of the table's indexes (``indexes.INDEXES``). Each of their keys holds text or is absent.
    """

    def __init__(
        self,
        usage: Usage | None = None,
        on_change: Callable[[Change], None] | None = None,
        *,
        sized: bool = True,
        indexes: Collection[str] = (),
    ) -> None:
        self.usage = usage or Usage()
        self._bytes_of = bytes_of if sized else _no_size
        self.on_change = on_change
        self._items: dict[str, dict[str, dict[str, Any]]] = {}
        self._order: dict[str, list[str]] = {}
        self._sizes: dict[tuple[str, str], int] = {}
        self._indexed: dict[str, dict[str, set[tuple[str, str]]]] = {name: {} for name in indexes}
        self._text_keys = {"pk", "sk"}.union(*(KEYS[name] for name in indexes))
        self._lock = threading.RLock()

    def get(self, pk: str, sk: str) -> dict[str, Any] | None:
        _check_key(pk, sk)
        with self._lock:
            found = self._items.get(pk, {}).get(sk)
            self.usage.add("get", read=read_units(self._sizes.get((pk, sk), 0)))
            return _copied(found) if found else None

    def get_many(self, keys: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
        for pk, sk in keys:
            _check_key(pk, sk)
        with self._lock:
            found = [self._items.get(pk, {}).get(sk) for pk, sk in dict.fromkeys(keys)]
            self.usage.add(
                "get_many",
                read=sum(read_units(self._sizes.get(key, 0)) for key in dict.fromkeys(keys)),
                requests=-(-len(found) // 100),
            )
            return [_copied(item) for item in found if item is not None]

    def put(self, item: Item, *, expect: Item | None = None) -> None:
        self._check_types(item)
        with self._lock:
            size = self._bytes_of(item)
            self._check(item["pk"], item["sk"], expect, size)
            self._write("put", item, size)

    def put_many(self, items: Sequence[Item]) -> None:
        with self._lock:
            if len({(item["pk"], item["sk"]) for item in items}) != len(items):
                raise ValueError("a batch must not write one key twice")
            for item in items:
                self._check_types(item)
            for item in items:
                self._write("put_many", item, self._bytes_of(item), requests=0)
            self.usage.add("put_many", requests=-(-len(items) // 25))

    def transact(self, writes: Sequence[Write]) -> None:
        check_transaction(writes)
        for write in writes:
            self._check_types(write.item)
        with self._lock:
            sizes = [self._bytes_of(write.item) for write in writes]
            if max(sizes) > MAX_ITEM_BYTES or sum(sizes) > MAX_TRANSACTION_BYTES:
                raise RefusedByTable("the items of the transaction are too large")
            for write, size in zip(writes, sizes, strict=True):
                _check_key(write.item["pk"], write.item["sk"])
                self._check(write.item["pk"], write.item["sk"], write.expect, size)
            for write, size in zip(writes, sizes, strict=True):
                self._write("transact", write.item, size, requests=0, times=2)
            self.usage.add("transact", requests=1)

    def delete(self, pk: str, sk: str, *, expect: Item | None = None) -> None:
        _check_key(pk, sk)
        with self._lock:
            self._check(pk, sk, expect, 0)
            self._remove("delete", pk, sk)

    def delete_many(self, keys: Sequence[tuple[str, str]]) -> None:
        for pk, sk in keys:
            _check_key(pk, sk)
        with self._lock:
            if len(set(keys)) != len(keys):
                raise ValueError("a batch must not write one key twice")
            for pk, sk in keys:
                self._remove("delete_many", pk, sk, requests=0)
            self.usage.add("delete_many", requests=-(-len(keys) // 25))

    def _remove(self, operation: str, pk: str, sk: str, *, requests: int = 1) -> None:
        old = self._items.get(pk, {}).pop(sk, None)
        size = self._sizes.pop((pk, sk), 0)
        self.usage.add(operation, write=write_units(size) + self._index(old, None), requests=requests)
        if old is not None:
            self._order[pk].remove(sk)
            self._tell(old, None)

    def add(self, pk: str, sk: str, amounts: Mapping[str, int], *, set_to: Item | None = None) -> dict[str, int]:
        with self._lock:
            item = {"pk": pk, "sk": sk, **self._items.get(pk, {}).get(sk, {})}
            for name, amount in amounts.items():
                item[name] = item.get(name, 0) + amount
            item.update(set_to or {})
            self._check_types(item)
            self._write("add", item, self._bytes_of(item))
            return {name: item[name] for name in amounts}

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
        _check_key(pk)
        with self._lock:
            first = prefix or at_least or ""
            if prefix is not None:
                below = prefix + "\U0010ffff"
            if index is None:
                sort_keys = self._order.get(pk, [])
                chosen: list[tuple[str, ...]] = [(sk, pk) for sk in sort_keys[_between(sort_keys, first, below)]]
            else:
                rows = self._rows_of(pk, index)
                chosen = rows[_between([row[0] for row in rows], first, below)]
            if newest_first:
                chosen.reverse()
            if cursor is not None:
                chosen = self._behind(chosen, cursor, pk, index, newest_first=newest_first)
            return self._page(chosen, limit, index)

    def first(self, pk: str) -> str | None:
        """The first sort key of a partition, uncounted: for those who move time by hand."""
        with self._lock:
            return next(iter(self._order.get(pk, ())), None)

    def items(self) -> list[dict[str, Any]]:
        """Everything, in key order: for oracles."""
        with self._lock:
            return [_copied(self._items[pk][sk]) for pk in sorted(self._items) for sk in self._order[pk]]

    def _rows_of(self, pk: str, index: str) -> list[tuple[str, ...]]:
        sort = KEYS[index][1]
        return sorted((self._items[p][s][sort], p, s) for p, s in self._indexed[index].get(pk, ()))

    def _behind(
        self, keys: list[tuple[str, ...]], cursor: str, pk: str, index: str | None, *, newest_first: bool
    ) -> list[tuple[str, ...]]:
        partition = (KEYS[index][0] if index else "pk", pk)
        last = read_cursor(cursor, {"pk", "sk", *(KEYS[index] if index else ())}, partition)
        mark = (last["sk"], last["pk"]) if index is None else (last[KEYS[index][1]], last["pk"], last["sk"])
        return [key for key in keys if (key < mark if newest_first else key > mark)]

    def _page(self, keys: list[tuple[str, ...]], limit: int | None, index: str | None) -> Page:
        items: list[dict[str, Any]] = []
        size = 0
        for key in keys:
            if index is None:
                sk, pk = key
                item = self._items[pk][sk]
                size += self._sizes[pk, sk]
            else:
                item = _projection(self._items[key[1]][key[2]], index)
                size += self._bytes_of(item)
            items.append(_copied(item))
            if size > PAGE_BYTES or len(items) == limit:
                break
        self.usage.add("query", read=read_units(size) / (2 if index else 1))
        if len(items) == len(keys):
            return Page(items, None)
        names = ["pk", "sk", *(KEYS[index] if index else ())]
        return Page(items, write_cursor({name: items[-1][name] for name in names}))

    def _check_types(self, item: Item) -> None:
        for name in self._text_keys:
            if name in item and (type(item[name]) is not str or not item[name]):
                raise RefusedByTable(f"{name} is a key of the table or of an index: it holds text or is absent")

    def _check(self, pk: str, sk: str, expect: Item | None, size: int) -> None:
        found = self._items.get(pk, {}).get(sk) or {}
        for name, value in (expect or {}).items():
            if found.get(name) != value or (value is None and name in found):
                self.usage.add("conflict", write=write_units(max(size, self._sizes.get((pk, sk), 0))))
                raise Conflict(f"{name} is not what was expected")

    def _write(self, operation: str, item: Item, size: int, requests: int = 1, times: int = 1) -> None:
        if size > MAX_ITEM_BYTES:
            raise RefusedByTable("the item is larger than 400 KB")
        pk, sk = item["pk"], item["sk"]
        _check_key(pk, sk)
        old = self._items.get(pk, {}).get(sk)
        if old is None:
            insort(self._order.setdefault(pk, []), sk)
        new = _copied(item)
        index_units = self._index(old, new)
        self._items.setdefault(pk, {})[sk] = new
        units = times * (write_units(max(size, self._sizes.get((pk, sk), 0))) + index_units)
        self._sizes[pk, sk] = size
        self.usage.add(operation, write=units, requests=requests)
        if old != new:
            self._tell(old, new)

    def _index(self, old: dict[str, Any] | None, new: dict[str, Any] | None) -> float:
        """Keeps the indexes; returns their write units: a changed key costs a delete and a put, a changed attribute
        that the index holds one put, anything else nothing."""
        units = 0.0
        for name in self._indexed:
            partition, sort = KEYS[name]
            before = old if old and partition in old and sort in old else None
            after = new if new and partition in new and sort in new else None
            if before is None and after is None:
                continue
            held = [None if image is None else _projection(image, name) for image in (before, after)]
            if held[0] == held[1]:
                continue
            costs = [write_units(self._bytes_of(image)) for image in held if image is not None]
            moved = before is None or after is None or any(before[key] != after[key] for key in (partition, sort))
            units += sum(costs) if moved else max(costs)
            for image, change in ((before, set.discard), (after, set.add)):
                if image is not None:
                    change(self._indexed[name].setdefault(image[partition], set()), (image["pk"], image["sk"]))
        return units

    def _tell(self, old: dict[str, Any] | None, new: dict[str, Any] | None) -> None:
        if self.on_change is not None:
            self.on_change((_copied(old) if old else None, _copied(new) if new else None))


def _check_key(pk: str, sk: str = "-") -> None:
    """DynamoDB refuses empty and long keys, when they are only asked for too."""
    for text, most in ((pk, MAX_PK_BYTES), (sk, MAX_SK_BYTES)):
        if not text or (len(text) > most // 4 and size_of(text) > most):
            raise RefusedByTable("a key is empty or too long")


def _between(ordered: Sequence[str], first: str, below: str | None) -> slice:
    """Where the sort keys lie that are at least ``first`` and smaller than ``below``."""
    return slice(bisect_left(ordered, first), None if below is None else bisect_left(ordered, below))


def _projection(item: dict[str, Any], index: str) -> dict[str, Any]:
    """What an index holds of an item."""
    return {name: item[name] for name in ("pk", "sk", *KEYS[index], *PROJECTED[index]) if name in item}


def _copied(item: Mapping[str, Any]) -> dict[str, Any]:
    """A copy that shares nothing that could be changed; several times faster than ``copy.deepcopy``."""
    if _HOLDERS.isdisjoint(map(type, item.values())):
        return dict(item)
    return {name: _copied_value(value) if type(value) in _HOLDERS else value for name, value in item.items()}


def _copied_value(value: Any) -> Any:
    if type(value) is dict:
        return _copied(value)
    if _HOLDERS.isdisjoint(map(type, value)):
        return list(value)
    return [_copied_value(inner) if type(inner) in _HOLDERS else inner for inner in value]


_HOLDERS = frozenset({dict, list, tuple})


def read_units(size: int) -> float:
    """Consistent read: one unit per started 4 KB, at least one."""
    return float(max(1, -(-size // 4096)))


def write_units(size: int) -> float:
    """One unit per started 1 KB, at least one."""
    return float(max(1, -(-size // 1024)))


def _no_size(_item: Item) -> int:
    return 0


def bytes_of(item: Item) -> int:
    """The size of an item that DynamoDB bills: names and values of its attributes."""
    total = 0
    for name, value in item.items():
        total += _text_size(name) + (_text_size(value) if type(value) is str else size_of(value))
    return total


def _text_size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def size_of(value: Any) -> int:
    """The size of a value: UTF-8 bytes, about a byte per two digits, three and one per element for a collection."""
    match value:
        case str():
            return _text_size(value)
        case None | bool():
            return 1
        case bytes():
            return len(value)
        case int():
            return len(str(value)) // 2 + 2
        case Mapping():
            return 3 + sum(size_of(name) + size_of(item) for name, item in value.items())
        case list() | tuple():
            return 3 + sum(1 + size_of(item) for item in value)
        case _:
            raise TypeError(f"a table cannot hold {type(value).__name__}")
