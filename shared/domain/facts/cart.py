"""The cart as facts: per product the latest set or removal, and the adds since then (docs/architecture.md)."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field

from shared.domain.facts.newest import Entry, Mark, Stamp, floor_of, higher, later

MAX_LINES = 200
MAX_ADDS = 30
"""Adds remembered per product since its last set or removal; older ones no longer count."""
MAX_QUANTITY = 9_999

_LAST = chr(0x10FFFF)
"""Not below any product id: what is cleared is cleared of all products."""

Add = tuple[int, int]
"""(milliseconds, quantity)"""


class CartLine(Struct):
    """One product. ``base`` holds the quantity last set (0: removed); ``adds`` are increments after it, by event id.

    ``details`` are the last word on what it looks like. A removal is such a word too, an empty one: so it makes no
    difference whether a quantity that was set after it arrives before or after it.
    """

    base: Entry | None = None
    adds: dict[str, Add] = field(default_factory=dict)
    floor: Stamp | None = None
    details: Entry | None = None

    def absorb(self, other: CartLine) -> None:
        self.base = _latest(self.base, other.base)
        for event, add in other.adds.items():
            known = self.adds.get(event)
            self.adds[event] = add if known is None else max(known, add)
        self.floor = higher(self.floor, other.floor)
        self.details = _latest(self.details, other.details)

    def prune(self, product: str, below: Mark | None) -> None:
        """Forgets what a set, a removal, a cleared cart or the bounds have made meaningless."""
        if below is not None and self.base is not None and (*self.base[:2], product) <= below:
            self.base = None
        limit = higher(below, (*self.base[:2], product) if self.base else None)
        if limit is not None and self.adds:
            self.adds = {event: add for event, add in self.adds.items() if (add[0], event, product) > limit}
        if len(self.adds) > MAX_ADDS:
            self.floor = higher(self.floor, floor_of(((add[0], event) for event, add in self.adds.items()), MAX_ADDS))
        if self.floor is not None:
            floor = self.floor
            self.adds = {event: add for event, add in self.adds.items() if (add[0], event) > floor}
            if limit is not None and (*floor, product) <= limit:
                self.floor = None
        if below is not None and self.details is not None and (*self.details[:2], product) <= below:
            self.details = None

    @property
    def newest(self) -> Stamp | None:
        stamps = [(add[0], event) for event, add in self.adds.items()]
        if self.base is not None:
            stamps.append(self.base[:2])
        return max(stamps, default=None)

    @property
    def quantity(self) -> int:
        total = (self.base[2] if self.base else 0) + sum(quantity for _, quantity in self.adds.values())
        return int(min(total, MAX_QUANTITY))

    def copy(self) -> CartLine:
        return CartLine(self.base, dict(self.adds), self.floor, self.details)


class CartFacts(Struct):
    """``cleared``: everything at or before it is gone. ``changed``: the last add, removal or change of quantity."""

    lines: dict[str, CartLine] = field(default_factory=dict)
    cleared: Stamp | None = None
    floor: Mark | None = None
    changed: Stamp | None = None

    def add(self, product: str, stamp: Stamp, quantity: int, details: dict[str, Any]) -> None:
        line = self.lines.setdefault(product, CartLine())
        line.absorb(CartLine(adds={stamp[1]: (stamp[0], quantity)}, details=(*stamp, details)))

    def set(self, product: str, stamp: Stamp, quantity: int, details: dict[str, Any] | None) -> None:
        """``details`` None or empty: nothing was said of them, and what was known stays, unless the product goes."""
        line = self.lines.setdefault(product, CartLine())
        said = {} if quantity == 0 else details or None
        line.absorb(CartLine(base=(*stamp, quantity), details=None if said is None else (*stamp, said)))

    def absorb(self, other: CartFacts) -> None:
        for product, line in other.lines.items():
            known = self.lines.get(product)
            if known is None:
                self.lines[product] = line.copy()
            else:
                known.absorb(line)
        self.cleared = higher(self.cleared, other.cleared)
        self.floor = higher(self.floor, other.floor)
        self.changed = higher(self.changed, other.changed)
        self.trim()

    def trim(self) -> None:
        """Prunes each line, then keeps the newest lines; the floor makes the bound independent of order."""
        self._prune()
        if len(self.lines) > MAX_LINES:
            marks = ((*stamp, product) for product, line in self.lines.items() if (stamp := line.newest) is not None)
            self.floor = higher(self.floor, floor_of(marks, MAX_LINES))
            self._prune()
        if self.floor is not None and self.cleared is not None and self.floor[:2] <= self.cleared:
            self.floor = None  # says no more than ``cleared`` does, and nothing if that came first

    def _prune(self) -> None:
        below = higher(None if self.cleared is None else (*self.cleared, _LAST), self.floor)
        for product, line in self.lines.items():
            line.prune(product, below)
        self.lines = {product: line for product, line in self.lines.items() if line.newest is not None}

    def copy(self) -> CartFacts:
        lines = {product: line.copy() for product, line in self.lines.items()}
        return CartFacts(lines, self.cleared, self.floor, self.changed)

    def __bool__(self) -> bool:
        return bool(self.lines) or any((self.cleared, self.floor, self.changed))


def _latest(one: Entry | None, other: Entry | None) -> Entry | None:
    if one is None or other is None:
        return one or other
    return later(one, other)
