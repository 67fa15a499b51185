"""Facts: all that is remembered of one identifier's events. ``join`` is associative, commutative and idempotent."""

from __future__ import annotations

from dataclasses import dataclass, field

from shared.domain.facts.cart import CartFacts
from shared.domain.facts.newest import Newest, Stamp
from shared.domain.facts.orders import OrderFacts
from shared.domain.facts.touches import EngagementFacts

MAX_TRAITS = 100
MAX_TOKENS = 10
MAX_WISHES = 200
MAX_ACTIVITY = 40
MAX_VIEWED = 10
MAX_CATEGORIES = 5

Visit = tuple[int, str, str]
"""(hours since 1970 in UTC, channel, device kind): an hour in which the person did something there"""


@dataclass(slots=True)
class Seen:
    """Occurrences of one event name: the first, and the newest ``keep`` ones, newest first."""

    keep: int
    first: int
    newest: tuple[Stamp, ...]

    def absorb(self, other: Seen) -> None:
        self.keep = max(self.keep, other.keep)
        self.first = min(self.first, other.first)
        if other.newest != self.newest:
            self.newest = tuple(sorted({*self.newest, *other.newest}, reverse=True)[: self.keep])


def _newest(cap: int) -> Newest:
    return Newest(cap)


@dataclass(slots=True)
class Facts:
    """A trusted source's traits are kept apart from a public one's, so that a flood of the latter displaces nothing.

    ``name`` is the plain identifier (``user:42``) if an event of this partition told it.
    """

    name: str = ""
    trusted: Newest = field(default_factory=lambda: _newest(MAX_TRAITS))
    public: Newest = field(default_factory=lambda: _newest(MAX_TRAITS))
    orders: dict[str, OrderFacts] = field(default_factory=dict)
    cart: CartFacts = field(default_factory=CartFacts)
    wishlist: Newest = field(default_factory=lambda: _newest(MAX_WISHES))
    tokens: Newest = field(default_factory=lambda: _newest(MAX_TOKENS))
    places: Newest = field(default_factory=lambda: _newest(4))
    seen: dict[str, Seen] = field(default_factory=dict)
    activity: tuple[Visit, ...] = ()
    viewed: Newest = field(default_factory=lambda: _newest(MAX_VIEWED))
    categories: Newest = field(default_factory=lambda: _newest(MAX_CATEGORIES))
    engagement: EngagementFacts = field(default_factory=EngagementFacts)

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
        ):
            if theirs:
                mine.absorb(theirs)
        for order, facts in other.orders.items():
            known = self.orders.get(order)
            if known is None:
                self.orders[order] = facts.copy()
            else:
                known.absorb(facts)
        if other.cart:
            self.cart.absorb(other.cart)
        for name, seen in other.seen.items():
            if name in self.seen:
                self.seen[name].absorb(seen)
            else:
                self.seen[name] = Seen(seen.keep, seen.first, seen.newest)
        if other.activity:
            self.activity = tuple(sorted({*self.activity, *other.activity}, reverse=True)[:MAX_ACTIVITY])
        if other.engagement:
            self.engagement.absorb(other.engagement)

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
            {name: Seen(seen.keep, seen.first, seen.newest) for name, seen in self.seen.items()},
            self.activity,
            self.viewed.copy(),
            self.categories.copy(),
            self.engagement.copy(),
        )


def join(*parts: Facts) -> Facts:
    """The least facts that hold everything of all parts; the parts stay as they are."""
    whole = Facts()
    for part in parts:
        whole.absorb(part)
    return whole
