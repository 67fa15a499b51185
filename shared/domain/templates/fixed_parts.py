"""The parts of a view that are the same in every message of a shop: what it says of itself, and what stands where a
message is about no event, no store and no purchase."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from shared.domain.definitions.shop import Shop
from shared.domain.profile.profile import Cart, Profile
from shared.domain.templates.brand_colours import brand_view
from shared.domain.templates.display_values import base_url, listed
from shared.domain.templates.guide import guide_view
from shared.domain.templates.near_store import store_view
from shared.domain.templates.trigger_event import NOTHING, offer_of, order_view, pickup_of, product_of

_NOBODY = Profile("", (), (), {}, Cart((), None), (), (), (), {}, {})
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_UTC = ZoneInfo("UTC")
KEPT = 8
"""Shops whose parts are kept: a worker sends messages of few releases at a time."""
_kept: tuple[tuple[Shop, Mapping[str, Any]], ...] = ()
"""The newest first. It is replaced as a whole, for threads."""


def fixed_parts(shop: Shop) -> Mapping[str, Any]:
    """``shop``, ``order``, ``product``, ``pickup``, ``recommended``, ``store``, ``guide`` and ``offer``, as they are
    where nothing is known of them. Made once for each shop object, so nobody may change them."""
    global _kept
    for known, parts in _kept:
        if known is shop:
            return parts
    made = _made(shop)
    _kept = ((shop, made), *_kept)[:KEPT]
    return made


def nothing_for_empty(value: Any) -> Any:
    """Liquid takes an empty text for true; None is false and prints as nothing."""
    kind = type(value)
    if kind is str:
        return value or None
    if kind is dict:
        return {name: (part or None) if type(part) is str else nothing_for_empty(part) for name, part in value.items()}
    if kind is list:
        return [nothing_for_empty(part) for part in value]
    return value


def _made(shop: Shop) -> Mapping[str, Any]:
    """No language and no instant shows in what is empty."""
    language = shop.languages[0]
    front = base_url(shop)
    parts: dict[str, Any] = {
        "shop": {
            "name": shop.name,
            "address": shop.address,
            "contact": shop.contact,
            "mersis": shop.mersis,
            "url": front,
            "brand": brand_view(shop.brand),
        },
        "order": order_view(NOTHING, _NOBODY, shop, language),
        "product": product_of(NOTHING, shop, language),
        "pickup": pickup_of(NOTHING, _UTC, language),
        "recommended": {**listed((), shop, language, fallback_url=front), "url": ""},
        "store": store_view(None, shop, _LONG_AGO, language),
        "guide": guide_view((), shop, language),
        "offer": offer_of(NOTHING, shop, _UTC, _LONG_AGO, language),
    }
    return {name: nothing_for_empty(part) for name, part in parts.items()}
