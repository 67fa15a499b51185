"""The brute-force answer: all stock in dictionaries, changed one request at a time."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from shared.domain.stock.level import NO_RULES, Level, StockRules
from shared.domain.stock.request import Line


@dataclass
class StockOracle:
    """Plain counters per (sku, location), and the quantities of open reservations."""

    rules: dict[str, StockRules] = field(default_factory=dict)
    on_hand: Counter[tuple[str, str]] = field(default_factory=Counter)
    incoming: Counter[tuple[str, str]] = field(default_factory=Counter)
    open: dict[str, list[tuple[str, str, int]]] = field(default_factory=dict)
    done: dict[str, object] = field(default_factory=dict)

    def reserved(self, sku: str, location: str) -> int:
        return sum(n for lines in self.open.values() for s, place, n in lines if (s, place) == (sku, location))

    def level(self, sku: str, location: str) -> Level:
        return Level(self.on_hand[sku, location], self.reserved(sku, location), self.incoming[sku, location])

    def apply(self, key: str, lines: list[Line]) -> bool:
        """Whether the request is applied, now or before."""
        if key in self.done:
            return True
        before = self.on_hand.copy(), self.incoming.copy()
        held: list[tuple[str, str, int]] = []
        for line in lines:
            if not self._line(line, held):
                self.on_hand, self.incoming = before
                return False
        self.done[key] = lines
        if held:
            self.open[key] = held
        return True

    def _line(self, line: Line, held: list[tuple[str, str, int]]) -> bool:
        rules = self.rules.get(line.location, NO_RULES)
        here = line.sku, line.location
        promised = self.reserved(*here) + sum(n for s, place, n in held if (s, place) == here)
        free = self.on_hand[here] - promised
        if line.kind in ("sale", "transfer") and free < line.quantity and not rules.backorder:
            return False
        if line.kind == "reserve":
            held.append((*here, line.quantity))
            return rules.backorder or free - line.quantity >= rules.safety
        if line.kind == "count":
            if line.quantity < self.on_hand[here] and line.quantity < promised and not rules.backorder:
                return False
            self.on_hand[here] = line.quantity
        elif line.kind == "sale":
            self.on_hand[here] -= line.quantity
        elif line.kind == "transfer":
            self.on_hand[here] -= line.quantity
            there = self.incoming if line.arrival == "expected" else self.on_hand
            there[line.sku, line.to] += line.quantity
        elif line.arrival == "expected":
            self.incoming[here] += line.quantity
        else:
            self.on_hand[here] += line.quantity
            if line.arrival == "arrived":
                self.incoming[here] = max(0, self.incoming[here] - line.quantity)
        return True

    def end(self, id_: str, *, sold: bool) -> bool:
        lines = self.open.get(id_)
        if lines is None:
            return False
        if sold:
            wanted = Counter[tuple[str, str]]()
            for sku, location, n in lines:
                wanted[sku, location] += n
            for (sku, location), n in wanted.items():
                rules = self.rules.get(location, NO_RULES)
                if not rules.backorder and self.on_hand[sku, location] < n:
                    return False
            self.on_hand.subtract(wanted)
        del self.open[id_]
        return True
