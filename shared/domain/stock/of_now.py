"""What the stock has of some products at one moment, and the stores that are near a customer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from msgspec import Struct, field

from shared.domain.products.product import name_key
from shared.domain.profile.profile import Profile
from shared.domain.stock.location import Location

MOST_STORES = 20
"""Stores that are looked at for one customer."""


class Left(Struct, frozen=True):
    """What a location can still promise of a sku. ``since``: from when on nothing, as far as that is known."""

    location: str
    pieces: int
    since: datetime | None = None
    backorder: bool = False

    def has(self, quantity: int) -> bool:
        """Whether so many can be promised."""
        return self.backorder or self.pieces >= quantity


class StockOfNow(Struct, frozen=True):
    """``levels``: by sku, what each location has left; a sku of which nothing was ever moved is not there."""

    levels: Mapping[str, tuple[Left, ...]] = field(default_factory=dict)
    locations: Mapping[str, Location] = field(default_factory=dict)

    def of(self, ids: Iterable[str]) -> tuple[Left, ...]:
        """The levels of the first of these ids that the stock knows; none if it knows none of them."""
        return next((self.levels[one] for one in ids if one in self.levels), ())

    def lies_at(self, ids: Iterable[str], location: str, quantity: int) -> bool:
        """Whether this location can promise so many pieces. What the stock does not know lies nowhere."""
        return any(left.location == location and left.has(quantity) for left in self.of(ids))


def near_stores(profile: Profile, locations: Mapping[str, Location]) -> list[Location]:
    """The stores that serve pick-up near a customer: those of his purchases, the newest first, then those of his city,
    by name."""
    serving = {name: place for name, place in locations.items() if place.pickup}
    bought = dict.fromkeys(order.location for order in reversed(profile.orders) if order.location in serving)
    city = _city(profile)
    living = [name for name in sorted(serving) if city and name_key(serving[name].city) == city]
    return [serving[name] for name in dict.fromkeys([*bought, *living])][:MOST_STORES]


def _city(profile: Profile) -> str:
    """As the customer's own traits say it, in the form in which names are compared."""
    address = profile.trait("address")
    said = profile.trait("city") or (address.get("city") if isinstance(address, Mapping) else None)
    return name_key(said[:200]) if isinstance(said, str) else ""
