"""What a template can say: the customer, the cart of now, what the enrollment is about, the offer and the shop.

Everything is made for the reader's language here, as plain texts and numbers, so that templates only place words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct

from shared.domain.definitions.shop import Shop
from shared.domain.messages.request import SendRequest
from shared.domain.products.product import Product
from shared.domain.profile.profile import Line, Profile
from shared.domain.templates.definition import Template
from shared.domain.templates.display_values import base_url, clean, listed, sum_text
from shared.domain.templates.fixed_parts import fixed_parts, nothing_for_empty
from shared.domain.templates.formats import moment_text, money
from shared.domain.templates.guide import guide_view
from shared.domain.templates.near_store import NearStore, store_view
from shared.domain.templates.trigger_event import (
    NOTHING,
    TriggerEvent,
    offer_of,
    order_view,
    pickup_of,
    product_of,
    without_words,
)

View = Mapping[str, Any]


class Reader(Struct, frozen=True):
    """For whom it is written."""

    language: str
    zone: ZoneInfo
    now: datetime
    unsubscribe_url: str = ""
    preferences_url: str = ""
    given_at: datetime | None = None
    """From when on what the step gives counts; now, if nothing was given yet."""
    confirmation_url: str = ""
    confirmation_code: str = ""


def view_of(
    profile: Profile,
    shop: Shop,
    request: SendRequest,
    template: Template,
    reader: Reader,
    trigger_event: TriggerEvent = NOTHING,
    store: NearStore | None = None,
    guide: Sequence[tuple[Line, Product]] = (),
) -> View:
    """The names that templates know. Every name is always there; what is absent is None or an empty list.

    ``trigger_event`` is what began the enrollment; without it ``order``, ``product`` and ``recommended`` are empty.
    ``store`` and ``guide`` are what the stock and the shop's products add (``refresh_products``).
    """
    if template.purpose == "transactional" and trigger_event is not NOTHING:
        trigger_event = without_words(trigger_event)
    fixed = fixed_parts(shop)
    own: dict[str, Any] = {
        "language": reader.language,
        "customer": customer_names(profile),
        "cart": _cart(profile, shop, reader.language),
        "selection": _selection(template, shop, reader.language),
        "offer": _offer(request, shop, reader, trigger_event, fixed["offer"]),
        "unsubscribe": {"url": reader.unsubscribe_url},
        "preferences": {"url": reader.preferences_url},
        "confirmation": {"url": reader.confirmation_url, "code": reader.confirmation_code},
        "action": {"text": template.action.text.get(reader.language, ""), "url": ""},
    }
    if trigger_event is not NOTHING:
        own |= {
            "order": order_view(trigger_event, profile, shop, reader.language),
            "product": product_of(trigger_event, shop, reader.language),
            "pickup": pickup_of(trigger_event, reader.zone, reader.language),
            "recommended": _recommended(trigger_event, shop, reader.language),
        }
    if store is not None:
        own["store"] = store_view(store, shop, reader.now, reader.language)
    if guide:
        own["guide"] = guide_view(guide, shop, reader.language)
    view = {**fixed, **nothing_for_empty(own)}
    for name, text in template.defaults.get(reader.language, {}).items():
        _stand_in(view, name.split("."), text)
    return view


def without_code(text: str, view: View) -> str:
    """A text for the ledger, which operators read, without the code that only the recipient may know."""
    code = (view.get("confirmation") or {}).get("code")
    return text.replace(code, "•" * len(code)) if code else text


def missing(template: Template, view: View) -> tuple[str, ...]:
    """The names in ``needs`` that are empty for this customer now."""
    return tuple(name for name in template.needs if not _look_up(view, name.split(".")))


def customer_names(profile: Profile) -> dict[str, str]:
    """First, last and whole name, as far as traits say them; else empty."""
    first, last = (_trait(profile, *names) for names in (("first_name", "firstName"), ("last_name", "lastName")))
    name = _trait(profile, "name") or " ".join(part for part in (first, last) if part)
    return {"first_name": first or name.partition(" ")[0], "last_name": last, "name": name}


def _trait(profile: Profile, *names: str) -> str:
    return next((text for name in names if (text := clean(profile.trait(name), 60))), "")


def _cart(profile: Profile, shop: Shop, language: str) -> dict[str, Any]:
    """Products that have a name, the newest first. The total only if every price is known, in one currency."""
    lines = sorted(profile.cart.items, key=lambda line: (line.changed_at, line.product_id), reverse=True)
    return {
        **listed(lines, shop, language, fallback_url=shop.cart_url),
        "total": sum_text(lines, shop, language),
        "url": shop.cart_url,
    }


def _selection(template: Template, shop: Shop, language: str) -> dict[str, Any]:
    """The products that the template names, as those of a cart; a name that is not said in a language is left out."""
    if not template.selection:
        return {"items": [], "count": 0}
    items = [
        {
            "name": clean(product.name.get(language)),
            "price": "" if product.price is None else money(product.price, shop.currency, language),
            "image": product.image,
            "url": product.url,
            "variant": "",
            "quantity": 1,
        }
        for product in template.selection
        if product.name.get(language)
    ]
    return {"items": items, "count": len(items)}


def _recommended(trigger_event: TriggerEvent, shop: Shop, language: str) -> dict[str, Any]:
    shown = listed(trigger_event.recommended, shop, language, fallback_url=base_url(shop))
    return {**shown, "url": shown["items"][0]["url"] if shown["items"] else ""}


def _offer(
    request: SendRequest, shop: Shop, reader: Reader, trigger_event: TriggerEvent, nothing: Mapping[str, Any]
) -> dict[str, Any]:
    """What the step gives, else what the event announced; ``nothing`` if it is about no event."""
    announced = nothing
    if trigger_event is not NOTHING:
        announced = offer_of(trigger_event, shop, reader.zone, reader.now, reader.language)
    if request.give is None:
        return {**announced, "valid_until": ""}
    end = request.valid_until(reader.given_at or reader.now)
    return {
        **announced,
        "coupon": clean(request.give.coupon, 60),
        "percent": request.give.percent or "",
        "valid_until": "" if end is None else moment_text(end, reader.zone, reader.language),
    }


def _look_up(view: View, path: list[str]) -> Any:
    found: Any = view
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _stand_in(view: dict[str, Any], path: list[str], text: str) -> None:
    """Parts are copied where something is put in, because the shop's are those of all messages."""
    *parts, last = path
    place = view
    for name in parts:
        part = dict(place.get(name) or {})
        place[name] = part
        place = part
    if not place.get(last):
        place[last] = text or None
