"""What a template can say: the customer, the cart of now, the offer and the shop, as plain texts and numbers.

Everything is made for the reader's language here, so that templates only place words. Values come from channels that
anybody can speak on: texts are cut and freed of control characters, links lead to the shop only, images are https.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from shared.domain.messages.request import SendRequest
from shared.domain.profile import Line, Profile
from shared.domain.shop import Shop
from shared.domain.templates.formats import moment_text, money
from shared.domain.templates.language import Template

View = Mapping[str, Any]

LINES_SHOWN = 5
"""Products shown in a message; ``cart.more`` counts the others."""

NAME_LENGTH = 120
_PLAIN_URL = re.compile(r"https?://[^\s\"'<>\\{}|^`\x00-\x20\x7f]{1,2000}")
_MOST = Decimal("1e12")


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom it is written."""

    language: str
    zone: ZoneInfo
    now: datetime
    unsubscribe_url: str = ""


def view_of(profile: Profile, shop: Shop, request: SendRequest, template: Template, reader: Reader) -> View:
    """The names that templates know. Every name is always there; what is absent is None or an empty list."""
    view: dict[str, Any] = {
        "language": reader.language,
        "customer": _customer(profile),
        "cart": _cart(profile, shop, reader.language),
        "offer": _offer(request, reader),
        "shop": {
            "name": shop.name,
            "address": shop.address,
            "contact": shop.contact,
            "mersis": shop.mersis,
            "url": _base_of(shop.cart_url),
        },
        "unsubscribe": {"url": reader.unsubscribe_url},
        "action": {"text": template.action.text.get(reader.language, ""), "url": ""},
    }
    for name, text in template.defaults.get(reader.language, {}).items():
        _stand_in(view, name.split("."), text)
    return {name: _nothing_for_empty(value) for name, value in view.items()}


def missing(template: Template, view: View) -> tuple[str, ...]:
    """The names in ``needs`` that are empty for this customer now."""
    return tuple(name for name in template.needs if not _look_up(view, name.split(".")))


def clean(value: object, length: int = NAME_LENGTH) -> str:
    """One line of text from a value of an event: no control or invisible direction characters, cut with an ellipsis."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return ""
    text = "".join(" " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c for c in str(value)[: length * 4])
    text = "".join(c for c in text if unicodedata.category(c) not in {"Cf", "Cs", "Co"} or c == "\u200d")
    text = unicodedata.normalize("NFC", " ".join(text.split()))
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def _customer(profile: Profile) -> dict[str, str]:
    first, last = (_trait(profile, *names) for names in (("first_name", "firstName"), ("last_name", "lastName")))
    name = _trait(profile, "name") or " ".join(part for part in (first, last) if part)
    return {"first_name": first or name.partition(" ")[0], "last_name": last, "name": name}


def _trait(profile: Profile, *names: str) -> str:
    return next((text for name in names if (text := clean(profile.trait(name), 60))), "")


def _cart(profile: Profile, shop: Shop, language: str) -> dict[str, Any]:
    """Products that have a name, the newest first. The total only if every price is known, in one currency."""
    lines = sorted(profile.cart.items, key=lambda line: (line.changed_at, line.product_id), reverse=True)
    items = [item for line in lines if (item := _product(line, shop, language))["name"]]
    total = _total(profile.cart.items, shop)
    return {
        "items": items[:LINES_SHOWN],
        "count": len(items),
        "more": max(0, len(items) - LINES_SHOWN),
        "first": items[0]["name"] if items else "",
        "image": next((item["image"] for item in items if item["image"]), ""),
        "total": "" if total is None else money(*total, language),
        "url": shop.cart_url,
    }


def _product(line: Line, shop: Shop, language: str) -> dict[str, Any]:
    price = _amount(line.details.get("price"))
    return {
        "id": line.product_id,
        "name": clean(line.details.get("name")),
        "brand": clean(line.details.get("brand"), 60),
        "variant": clean(line.details.get("variant"), 60),
        "quantity": line.quantity,
        "price": "" if price is None else money(price, _currency(line, shop), language),
        "image": image_url(line.details.get("image_url")),
        "url": shop_url(line.details.get("url"), shop) or shop.cart_url,
    }


def _total(lines: Iterable[Line], shop: Shop) -> tuple[Decimal, str] | None:
    known = [(_amount(line.details.get("price")), line.quantity, _currency(line, shop)) for line in lines]
    if not known or len({currency for _, _, currency in known}) > 1:
        return None
    total = Decimal(0)
    for price, quantity, _ in known:
        if price is None:
            return None
        total += price * quantity
    return total, known[0][2]


def _offer(request: SendRequest, reader: Reader) -> dict[str, Any]:
    if request.give is None:
        return {"coupon": "", "percent": "", "valid_until": ""}
    end = request.valid_until(reader.now)
    return {
        "coupon": clean(request.give.coupon, 60),
        "percent": request.give.percent or "",
        "valid_until": "" if end is None else moment_text(end, reader.zone, reader.language),
    }


def _amount(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    try:
        amount = Decimal(value)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and 0 <= amount < _MOST else None


def _currency(line: Line, shop: Shop) -> str:
    said = line.details.get("currency")
    return said if isinstance(said, str) and re.fullmatch(r"[A-Z]{3}", said) else shop.currency


def image_url(value: object) -> str:
    """An https address of an image, else nothing."""
    return value if isinstance(value, str) and value.startswith("https://") and _PLAIN_URL.fullmatch(value) else ""


def shop_url(value: object, shop: Shop) -> str:
    """A link to the shop's own host or below it, else nothing: no event may bring a stranger's link into our mail."""
    if not isinstance(value, str) or not _PLAIN_URL.fullmatch(value):
        return ""
    try:
        host, own = urlsplit(value), urlsplit(shop.cart_url)
        named, base = (host.hostname or ""), (own.hostname or "").removeprefix("www.")
    except ValueError:
        return ""
    if not base or host.username is not None or host.scheme != own.scheme:
        return ""
    return value if named == base or named.endswith("." + base) else ""


def _base_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def _nothing_for_empty(value: Any) -> Any:
    """Liquid takes an empty text for true; None is false and prints as nothing."""
    if isinstance(value, Mapping):
        return {name: _nothing_for_empty(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_nothing_for_empty(part) for part in value]
    return None if value == "" else value


def _look_up(view: View, path: list[str]) -> Any:
    found: Any = view
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _stand_in(view: dict[str, Any], path: list[str], text: str) -> None:
    place: Any = view
    for name in path[:-1]:
        place = place.setdefault(name, {})
    if not place.get(path[-1]):
        place[path[-1]] = text
