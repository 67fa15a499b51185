"""What a message is about beside customer and cart: the order, product or offer that began its enrollment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct, field
from msgspec.structs import replace

from shared.domain.definitions.shop import Shop
from shared.domain.facts import values
from shared.domain.interests.interest import KINDS
from shared.domain.profile.profile import Line, Order, Profile
from shared.domain.templates.display_values import (
    amount_of,
    base_url,
    clean,
    https_url,
    listed,
    price_text,
    product_view,
    shop_url,
)
from shared.domain.templates.formats import at_time, moment_text

ASKED = ("order", "product", "recommended", "pickup", "confirmation", "store", "guide")
"""The parts of a view that come from here; a template names what it uses of them in ``needs``."""
OFFER_ENDS = "offer.ends_at"


class TriggerEvent(Struct, frozen=True):
    """The event that began the enrollment, as it was told.

    ``trusted``: whether a server said it; links that lead away from the shop and codes are taken from servers only.
    ``recommended``: products that others bought together with those of the order, the best first.
    """

    name: str = ""
    properties: Mapping[str, Any] = field(default_factory=dict)
    trusted: bool = False
    at: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    recommended: tuple[Line, ...] = ()
    sold_out: bool = False
    told_price: Decimal | None = None
    """As ``Line`` has them, of the product of the event."""


NOTHING = TriggerEvent()
_PLAIN_NUMBER = re.compile(r"[A-Za-z0-9#_-]{1,40}")
_SAYS_NO_WORDS = ("total", "revenue", "currency", "order_url")


def needs_trigger_event(needs: tuple[str, ...]) -> bool:
    """Whether a template with these ``needs`` says anything of what began the enrollment: else nobody reads it."""
    return any(name.partition(".")[0] in ASKED or name == OFFER_ENDS for name in needs)


def without_words(trigger_event: TriggerEvent) -> TriggerEvent:
    """What a public source may put into a message that needs no consent: the order's number and its total.

    A public key is readable by everybody: with names of products a stranger would write to whom he likes.
    """
    if trigger_event.trusted:
        return trigger_event
    said = trigger_event.properties
    kept = {name: said[name] for name in _SAYS_NO_WORDS if name in said}
    for name in ("order_id", "order_number"):
        number = said.get(name)
        if isinstance(number, str | int) and _PLAIN_NUMBER.fullmatch(str(number)):
            kept[name] = number
    return replace(trigger_event, properties=kept)


def order_view(trigger_event: TriggerEvent, profile: Profile, shop: Shop, language: str) -> dict[str, Any]:
    """The order of the event, with what became of it since: ``id, number``, the products as in a cart, ``total, url``,
    and of the parcel ``tracking_number, tracking_url, carrier``. Everything is empty if the event was about none."""
    said = trigger_event.properties
    known = order_of(trigger_event, profile)
    lines = lines_of(said) if values.id_of(said.get("order_id")) else ()
    parcel: Mapping[str, Any] = known.details if known else {}
    front = base_url(shop)
    return {
        "id": clean(said.get("order_id"), 60),
        "number": clean(said.get("order_number"), 60) or clean(said.get("order_id"), 60),
        **listed(lines, shop, language, fallback_url=front),
        "total": (price_text(said, "total", shop, language) or price_text(said, "revenue", shop, language))
        if values.id_of(said.get("order_id"))
        else "",
        "tracking_number": clean(parcel.get("tracking_number"), 60),
        "tracking_url": https_url(parcel.get("tracking_url")),
        "carrier": clean(parcel.get("carrier"), 60),
        "url": shop_url(said.get("order_url"), shop) or front,
    }


def order_of(trigger_event: TriggerEvent, profile: Profile) -> Order | None:
    """The order of the event as the customer has it now."""
    wanted = values.id_of(trigger_event.properties.get("order_id"))
    return next((order for order in profile.orders if wanted and order.id == wanted), None)


def lines_of(properties: Mapping[str, Any]) -> tuple[Line, ...]:
    """The products that an event lists, in its order, each once."""
    at, found = datetime(1970, 1, 1, tzinfo=UTC), dict[str, Line]()
    for product in values.products(properties):
        key = values.product_id(product)
        if not key:
            continue
        details = {"currency": properties.get("currency"), **product}
        before = found[key].quantity if key in found else 0
        found[key] = Line(key, before + max(1, values.quantity(product.get("quantity"))), at, details)
    return tuple(found.values())


def product_of(trigger_event: TriggerEvent, shop: Shop, language: str) -> dict[str, Any]:
    """The product of the event; ``old_price`` if a server said that it was dearer, ``reason`` why the customer is told.
    Empty if it was about none."""
    said = trigger_event.properties
    key = values.product_id(said)
    shown = product_view(
        Line(key, 1, trigger_event.at, said if key else {}, trigger_event.sold_out, trigger_event.told_price),
        shop,
        language,
        fallback_url=base_url(shop) if key else "",
    )
    now, before = amount_of(said.get("price")), amount_of(said.get("old_price"))
    dearer = key and trigger_event.trusted and now is not None and before is not None and before > now
    reason = str(said.get("reason", "")) if key and trigger_event.trusted else ""
    return {
        **shown,
        "old_price": price_text(said, "old_price", shop, language) if dearer else "",
        "reason": reason if reason in KINDS else "",
    }


def offer_of(trigger_event: TriggerEvent, shop: Shop, zone: ZoneInfo, now: datetime, language: str) -> dict[str, Any]:
    """An offer that a server announced for the customer: ``name, coupon, percent, ends_at, ends_time, url``.

    Once it has ended there is no ``ends_at`` any more, so that nothing calls for an offer that is over.
    """
    said = trigger_event.properties
    end = instant_of(said.get("ends_at")) if trigger_event.trusted else None
    open_ = end is not None and end > now
    percent = amount_of(said.get("percent")) if open_ else None
    return {
        "name": clean(said.get("name"), 60) if open_ else "",
        "coupon": clean(said.get("coupon"), 60) if open_ else "",
        "percent": int(percent) if percent is not None and 0 < percent <= 100 and percent == int(percent) else "",
        "ends_at": moment_text(end, zone, language) if end is not None and open_ else "",
        "ends_time": at_time(end, zone, language) if end is not None and open_ else "",
        "url": shop_url(said.get("url"), shop) or base_url(shop),
    }


def pickup_of(trigger_event: TriggerEvent, zone: ZoneInfo, language: str) -> dict[str, Any]:
    """A pick-up in store that our own stock told of: ``code, location, address, until, number``.

    Empty for any other event: a public source must not put a code into a message that needs no consent."""
    said = trigger_event.properties if trigger_event.trusted else {}
    waits = bool(values.id_of(said.get("pickup_id")))
    end = instant_of(said.get("until")) if waits else None
    return {
        "code": clean(said.get("code"), 20) if waits else "",
        "location": (clean(said.get("location_name"), 60) or clean(said.get("location"), 60)) if waits else "",
        "address": clean(said.get("location_address"), 200) if waits else "",
        "until": moment_text(end, zone, language) if end is not None else "",
        "number": clean(said.get("order_id"), 60) if waits else "",
    }


def instant_of(value: object) -> datetime | None:
    """An instant in ISO 8601 with its offset (``Z`` too); a time without an offset says no instant."""
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        read = datetime.fromisoformat(value)
    except ValueError:
        return None
    return read.astimezone(UTC) if read.tzinfo is not None else None
