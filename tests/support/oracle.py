"""What a customer must be, by brute force over the raw list of all events; written without ``facts`` and ``claims``.

Slow and naive on purpose: it replays a person's whole history in order each time, as docs/architecture.md and
docs/definitions.md tell it, and knows nothing of joins, floors, partitions or arrival order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from shared.domain.events.event import Event
from shared.domain.identity.identifiers import Identifier, IdentifierType

Stamp = tuple[datetime, str]


@dataclass(frozen=True)
class Bought:
    """One order, as the oracle sees it."""

    at: datetime
    total: Decimal
    refunded: Decimal
    state: str


class Oracle:
    """Answers for every identifier that the events name. ``keys`` breaks ties between owners, as production does."""

    def __init__(self, events: Iterable[Event], keys: Callable[[Identifier], str]) -> None:
        self.events = sorted(events, key=lambda one: (one.time, one.id))
        self.keys = keys
        self.everybody = {one.owner for one in self.events} | {child for one in self.events for child in owned(one)}
        self._parents: dict[Identifier, Identifier | None] = {}

    def parent(self, child: Identifier) -> Identifier | None:
        """A user first, then the better trust, then the earliest word."""
        if child not in self._parents:  # the events never change, so neither does the answer
            self._parents[child] = self._parent(child)
        return self._parents[child]

    def _parent(self, child: Identifier) -> Identifier | None:
        words: dict[Identifier, list[Event]] = {}
        for one in self.events:
            if child in owned(one):
                words.setdefault(one.owner, []).append(one)

        def preference(owner: Identifier) -> tuple[int, int, Stamp, str]:
            user = 0 if owner.type is IdentifierType.USER else 1
            trusted = 0 if any(one.trusted for one in words[owner]) else 1
            return user, trusted, min((one.time, one.id) for one in words[owner]), self.keys(owner)

        return min(words, key=preference, default=None)

    def root(self, who: Identifier) -> Identifier:
        """Up to whom nobody owns; of a circle, its smallest member."""
        path = [who]
        while (above := self.parent(path[-1])) is not None:
            if above in path:
                return min(path[path.index(above) :], key=self.keys)
            path.append(above)
        return path[-1]

    def members(self, root: Identifier) -> set[Identifier]:
        return {who for who in self.everybody if self.root(who) == root}

    def history(self, who: Identifier) -> list[Event]:
        """All events of the person: those of each identifier, but a shared browser's only up to its second user."""
        mine = self.members(self.root(who))
        return [one for one in self.events if one.owner in mine and not self._contested(one)]

    def _contested(self, event: Event) -> bool:
        if event.owner.type not in (IdentifierType.ANONYMOUS, IdentifierType.DEVICE):
            return False
        first: dict[Identifier, datetime] = {}
        for one in self.events:
            if event.owner in owned(one) and one.owner.type is IdentifierType.USER:
                first.setdefault(one.owner, one.time)
        second = sorted(first.values())[1:2]
        return bool(second) and event.time >= second[0]

    def cart(self, who: Identifier) -> dict[str, int]:
        """Replayed step by step. The clearing of a whole cart comes before everything else of its instant."""
        lines: dict[str, int] = {}
        for _, one, clears in sorted(_steps(self.history(who)), key=lambda step: step[0]):
            said = one.properties
            if clears:
                lines = {}
            elif one.name == "Product Added":
                lines[said["product_id"]] = lines.get(said["product_id"], 0) + said["quantity"]
            elif one.name == "Product Removed":
                lines.pop(said["product_id"], None)
            elif one.name == "Cart Updated":
                lines |= {product["product_id"]: product["quantity"] for product in said["products"]}
            elif one.name == "Order Completed":
                listed = [product["product_id"] for product in said["products"]]
                lines = {name: count for name, count in lines.items() if listed and name not in listed}
        return {name: count for name, count in lines.items() if count}

    def cart_changed(self, who: Identifier) -> datetime | None:
        changes = ("Product Removed", "Cart Updated")
        return max(
            (
                one.time
                for one in self.history(who)
                if one.name in changes or (one.name == "Product Added" and one.properties["quantity"])
            ),
            default=None,
        )

    def traits(self, who: Identifier) -> dict[str, Any]:
        """The latest word of a trusted source, else the latest of a public one; null unsets."""
        found: dict[str, Any] = {}
        for trusted in (False, True):
            for one in self.history(who):
                if one.trusted is trusted:
                    found |= one.traits
        return {name: value for name, value in found.items() if value is not None}

    def orders(self, who: Identifier) -> dict[str, Bought]:
        about: dict[str, list[Event]] = {}
        for one in self.history(who):
            if one.name.startswith("Order "):
                about.setdefault(one.properties["order_id"], []).append(one)
        return {name: order for name, told in about.items() if (order := _bought(told)) is not None}

    def segments(self, who: Identifier, now: datetime) -> set[str]:
        """The two of the tests: new (first order within 30 days), at-risk (bought, but not within 90)."""
        ages = [now - order.at for order in self.orders(who).values() if order.state == "completed" and order.at <= now]
        found = set()
        if ages and max(ages) < timedelta(days=30):
            found.add("new")
        if ages and min(ages) >= timedelta(days=90):
            found.add("at-risk")
        return found


def owned(event: Event) -> set[Identifier]:
    """Who an event says belongs to its owner: lower ranks only, users aside, and never itself."""
    said = {*event.claimable, *([event.alias_of] if event.alias_of else [])}
    both_users = {one for one in said if one.type is event.owner.type is IdentifierType.USER}
    return ({one for one in said if one.rank > event.owner.rank} | both_users) - {event.owner}


def _steps(history: Sequence[Event]) -> list[tuple[Stamp, Event, bool]]:
    steps = [((one.time, one.id), one, False) for one in history]
    return steps + [((one.time, ""), one, True) for one in history if one.name == "Cart Updated"]


def _bought(told: Sequence[Event]) -> Bought | None:
    """One order from everything that was said about it, in order of time."""
    done = [one for one in told if one.name == "Order Completed"]
    if not done:
        return None
    last = max(done, key=lambda one: (one.trusted, one.time, one.id))
    total = Decimal(last.properties["total"])
    sums = [one.properties["total"] for one in told if one.name == "Order Refunded"]
    refunded = total if None in sums else min(total, Decimal(sum(sums)))
    state = "fully_refunded" if sums and refunded >= total else "completed"
    if any(one.name == "Order Cancelled" for one in told):
        state = "cancelled"
    return Bought(min(one.time for one in done), total, refunded, state)
