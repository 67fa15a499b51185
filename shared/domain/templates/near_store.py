"""Stores in messages: where a customer can have what is in the cart, and what of it lies in the store he is near."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct

from shared.domain.definitions.shop import Shop
from shared.domain.profile.profile import Line, Profile
from shared.domain.stock.location import Location
from shared.domain.stock.of_now import near_stores
from shared.domain.templates.display_values import clean, listed
from shared.domain.templates.product_of_now import ProductsOfNow, ids_of
from shared.domain.time.durations import describe_duration


class NearStore(Struct, frozen=True):
    """``lines``: what of the cart lies in the store, if the message is about that."""

    location: Location
    lines: tuple[Line, ...] = ()


def pickup_store(profile: Profile, known: ProductsOfNow) -> NearStore | None:
    """The nearest store that has everything in the cart that can be ordered, in the quantities of the cart."""
    lines = [line for line in profile.cart.items if known.sold_out(line) is None]
    if not lines:
        return None
    for store in near_stores(profile, known.stock.locations):
        if all(_lies_at(line, store.name, line.quantity, known) for line in lines):
            return NearStore(store)
    return None


def nearby_store(profile: Profile, known: ProductsOfNow, name: str) -> NearStore | None:
    """A store, with the products of the cart of which a piece lies there, as they are now; None if nobody described
    it."""
    store = known.stock.locations.get(name)
    if store is None:
        return None
    lying = [known.line(line) for line in profile.cart.items if _lies_at(line, name, 1, known)]
    return NearStore(store, tuple(lying))


def store_view(store: NearStore | None, shop: Shop, now: datetime, language: str) -> Mapping[str, Any]:
    """``name, city, address, hours`` (of today, until it closes), ``open`` (now, as far as is known), ``ready_within``
    (opening hours that it takes to prepare an order, in words), and the products as in a cart. Everything is empty
    without a store."""
    lines = listed(store.lines if store else (), shop, language, fallback_url=shop.cart_url)
    if store is None:
        return {"name": "", "city": "", "address": "", "hours": "", "open": False, "ready_within": "", **lines}
    place, zone = store.location, ZoneInfo(shop.time_zone)
    today = place.opening.until_closed(now, zone)
    promised = place.ready_within if place.pickup else timedelta()
    return {
        "name": clean(place.shown, 60),
        "city": clean(place.city, 60),
        "address": clean(place.address, 200),
        "hours": "" if today is None else today.text,
        "open": place.opening.is_open(now, zone) is True,
        "ready_within": describe_duration(promised, "tr" if language == "tr" else "en") if promised else "",
        **lines,
    }


def _lies_at(line: Line, location: str, quantity: int, known: ProductsOfNow) -> bool:
    return known.stock.lies_at(ids_of(line.product_id, line.details), location, max(1, quantity))
