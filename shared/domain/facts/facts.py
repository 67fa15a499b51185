"""Facts: all that is remembered of one identifier's events. ``join`` is associative, commutative and idempotent."""

from __future__ import annotations

from msgspec import Struct, field

from shared.domain.facts.cart import CartFacts
from shared.domain.facts.cases import CaseFacts, both_cases
from shared.domain.facts.newest import Entry, Newest
from shared.domain.facts.orders import OrderFacts
from shared.domain.facts.provisional import Reports, absorb_reports
from shared.domain.facts.seen import Seen
from shared.domain.facts.touches import EngagementFacts

MAX_TRAITS = 100
MAX_TOKENS = 10
MAX_WISHES = 200
MAX_ALERTS = 100
MAX_ACTIVITY = 40
MAX_VIEWED = 10
MAX_CATEGORIES = 5
MAX_USED = 32
"""Pairs of channel and kind of device."""
MAX_VALUES = 50
"""Values remembered of one property of one event."""
USE = "\x1f"
"""Between channel and kind of device in the keys of ``Facts.used``; channels are named by the shop, without it."""

Visit = tuple[int, str, str]
"""(hours since 1970 in UTC, channel, device kind): an hour in which the person did something there"""


def used_by(visit: Visit) -> tuple[str, Entry]:
    """The entry of ``Facts.used``: known to the hour, so the event does not matter."""
    hour, channel, kind = visit
    return f"{channel}{USE}{kind}", (hour, "", None)


def values_kept() -> Newest:
    return Newest(MAX_VALUES)


class Facts(Struct):
    """A trusted source's traits are kept apart from a public one's, so that a flood of the latter displaces nothing.

    ``name`` is the plain identifier (``user:42``) if an event of this partition told it. ``seen``: by event name, and
    by ``feature_key`` for those that pass the tests of a definition. ``used``: per channel and kind of device the
    newest hour (since 1970) of use; it knows at least the newest of ``activity``. ``keyed``: per event and property
    the values it had. ``cases``: None for most people. ``reported``: what public sources
    reported of orders, where that does not count by itself. ``alerts``: by sku (or product) that the customer asked to
    be told of it; None when he was told, or asks no more.
    """

    name: str = ""
    trusted: Newest = field(default_factory=lambda: Newest(MAX_TRAITS))
    public: Newest = field(default_factory=lambda: Newest(MAX_TRAITS))
    orders: dict[str, OrderFacts] = field(default_factory=dict)
    cart: CartFacts = field(default_factory=CartFacts)
    wishlist: Newest = field(default_factory=lambda: Newest(MAX_WISHES))
    tokens: Newest = field(default_factory=lambda: Newest(MAX_TOKENS))
    places: Newest = field(default_factory=lambda: Newest(4))
    seen: dict[str, Seen] = field(default_factory=dict)
    activity: tuple[Visit, ...] = ()
    viewed: Newest = field(default_factory=lambda: Newest(MAX_VIEWED))
    categories: Newest = field(default_factory=lambda: Newest(MAX_CATEGORIES))
    engagement: EngagementFacts = field(default_factory=EngagementFacts)
    used: Newest = field(default_factory=lambda: Newest(MAX_USED))
    keyed: dict[tuple[str, str], Newest] = field(default_factory=dict)
    cases: CaseFacts | None = None
    reported: Reports = field(default_factory=dict)
    alerts: Newest = field(default_factory=lambda: Newest(MAX_ALERTS))

    def absorb(self, other: Facts) -> None:
        """Becomes the join of both."""
        self.name = max(self.name, other.name)
        for mine, theirs in (
            (self.trusted, other.trusted),
            (self.public, other.public),
            (self.wishlist, other.wishlist),
            (self.tokens, other.tokens),
            (self.places, other.places),
            (self.viewed, other.viewed),
            (self.categories, other.categories),
            (self.used, other.used),
            (self.alerts, other.alerts),
        ):
            if theirs.entries or theirs.floor is not None:
                mine.absorb(theirs)
        for order, facts in other.orders.items():
            known = self.orders.get(order)
            if known is None:
                self.orders[order] = facts.copy()
            else:
                known.absorb(facts)
        if other.reported or (self.reported and other.orders):
            absorb_reports(self.reported, other.reported, self.orders)
        if other.cart:
            self.cart.absorb(other.cart)
        for name, seen in other.seen.items():
            if name in self.seen:
                self.seen[name].absorb(seen)
            else:
                self.seen[name] = seen.copy()
        if any(visit not in self.activity for visit in other.activity):
            self.activity = tuple(sorted({*self.activity, *other.activity}, reverse=True)[:MAX_ACTIVITY])
        if other.engagement:
            self.engagement.absorb(other.engagement)
        for asked, there in other.keyed.items():
            self.keyed.setdefault(asked, values_kept()).absorb(there)
        self.cases = both_cases(self.cases, other.cases)

    def copy(self) -> Facts:
        return Facts(
            self.name,
            self.trusted.copy(),
            self.public.copy(),
            {order: facts.copy() for order, facts in self.orders.items()},
            self.cart.copy(),
            self.wishlist.copy(),
            self.tokens.copy(),
            self.places.copy(),
            {name: seen.copy() for name, seen in self.seen.items()},
            self.activity,
            self.viewed.copy(),
            self.categories.copy(),
            self.engagement.copy(),
            self.used.copy(),
            {asked: there.copy() for asked, there in self.keyed.items()},
            self.cases.copy() if self.cases is not None else None,
            dict(self.reported),
            self.alerts.copy(),
        )


def join(*parts: Facts) -> Facts:
    """The least facts that hold everything of all parts; the parts stay as they are."""
    whole = Facts()
    for part in parts:
        whole.absorb(part)
    return whole
