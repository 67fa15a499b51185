"""The ``customer`` item on a root: what was decided about a person, and what was folded just now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, Literal, overload

from msgspec import Struct, field
from msgspec.structs import replace

from shared.domain.identity.keys import milliseconds

MAX_FOLDED = 100
"""Events named in one write; a larger batch makes several writes, so that nobody misses one."""

Folded = tuple[str, str, str, int]
"""(event name, partition key, sort key, milliseconds)"""


class Customer(Struct, frozen=True):
    """Written by segmentation only, always when events were folded, on condition of its version.

    ``segments``: name to the millisecond since when the rule is true. ``armed``: when the next flip is due.
    ``cart_at``: the last change of the cart, ``cart_count`` its products: so that schedule sees without reading whether
    a cart matters. ``entered`` and ``left``: memberships that this write changed; ``left_at``: since when the rule of a
    segment in ``left`` is false; ``backfilled``: those of them for which the definition is new or another, not an event
    or the time. ``history``: nothing but events that an import marked as history led to this write. ``absorbed``: the
    identifier has an owner now; ``segments`` are then those of before, and hold no more.
    """

    version: int = 0
    release: int = 0
    segments: Mapping[str, int] = field(default_factory=dict)
    armed: int | None = None
    cart_at: int | None = None
    cart_count: int = 0
    events: Sequence[Folded] = ()
    entered: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    left_at: Mapping[str, int] = field(default_factory=dict)
    history: bool = False
    backfilled: tuple[str, ...] = ()
    state: Literal["live", "absorbed"] = "live"

    def bumped(self) -> Customer:
        """The same, one version on: whoever decides from the old one must start again."""
        return replace(
            self, version=self.version + 1, events=(), entered=(), left=(), left_at={}, history=False, backfilled=()
        )


def write_customer(customer: Customer, root: str) -> dict[str, Any]:
    """Attributes of the item on ``root``; absent means empty."""
    return {
        "version": customer.version,
        "release": customer.release,
        "state": customer.state,
        **({"segments": dict(sorted(customer.segments.items()))} if customer.segments else {}),
        **({"armed": customer.armed} if customer.armed is not None else {}),
        **({"cart_at": customer.cart_at} if customer.cart_at is not None else {}),
        **({"cart_count": customer.cart_count} if customer.cart_count else {}),
        **({"events": [_row(folded, root) for folded in customer.events]} if customer.events else {}),
        **({"entered": list(customer.entered)} if customer.entered else {}),
        **({"left": list(customer.left)} if customer.left else {}),
        **({"left_at": dict(sorted(customer.left_at.items()))} if customer.left_at else {}),
        **({"history": True} if customer.history else {}),
        **({"backfilled": list(customer.backfilled)} if customer.backfilled else {}),
    }


def read_customer(item: Mapping[str, Any]) -> Customer:
    return Customer(
        version=item["version"],
        release=item.get("release", 0),
        segments=item.get("segments", {}),
        armed=item.get("armed"),
        cart_at=item.get("cart_at"),
        cart_count=item.get("cart_count", 0),
        events=_Stored(item["events"], item.get("pk", "")) if "events" in item else (),
        entered=tuple(item.get("entered", ())),
        left=tuple(item.get("left", ())),
        left_at=item.get("left_at", {}),
        history=item.get("history", False),
        backfilled=tuple(item.get("backfilled", ())),
        state=item.get("state", "live"),
    )


class _Stored(Sequence[Folded]):
    """The events of a stored item, read when somebody asks: who decides anew needs none of them."""

    def __init__(self, rows: Sequence[list[Any]], root: str) -> None:
        self._rows, self._root = rows, root

    @cached_property
    def _read(self) -> tuple[Folded, ...]:
        return tuple(_folded(row, self._root) for row in self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Folded]:
        return iter(self._read)

    @overload
    def __getitem__(self, place: int) -> Folded: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Folded]: ...
    def __getitem__(self, place: int | slice) -> Folded | Sequence[Folded]:
        return self._read[place]

    def __eq__(self, other: object) -> bool:
        return self._read == (other._read if isinstance(other, _Stored) else other)

    def __hash__(self) -> int:
        return hash(self._read)

    def __repr__(self) -> str:
        return repr(self._read)


def _row(folded: Folded, root: str) -> list[Any]:
    """An event in few bytes, since a burst names many: its time is in its key, its partition often the root."""
    name, pk, sk, when = folded
    row: list[Any] = [name, sk]
    if pk != root or _time_in(sk) != when:
        row.append("" if pk == root else pk)
    if _time_in(sk) != when:
        row.append(when)
    return row


def _folded(row: list[Any], root: str) -> Folded:
    name, sk, *rest = row
    pk = (rest[0] if rest else "") or root
    return name, pk, sk, rest[1] if len(rest) > 1 else _time_in(sk) or 0


def _time_in(sort_key: str) -> int | None:
    """The time that the sort key of an event tells; None in the slot of events without a time."""
    try:
        return milliseconds(datetime.fromisoformat(sort_key.split("#")[1]))
    except (ValueError, IndexError):
        return None
