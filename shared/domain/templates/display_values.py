"""Values of events as a message may show them: one line of text, a price, a link to the shop, an image.

Values come from channels that anybody can speak on: texts are cut and freed of control characters, links lead to the
shop only, images are https.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from shared.domain.definitions.shop import Shop
from shared.domain.profile.profile import Line
from shared.domain.templates.formats import money

LINES_SHOWN = 5
"""Products shown in a message; ``more`` counts the others."""

NAME_LENGTH = 120
_PLAIN_URL = re.compile(r"https?://[^\s\"'<>\\{}|^`\x00-\x20\x7f]{1,2000}")
_LONGEST_URL = len("https://") + 2_000
_SHORT = 40
"""Characters of an amount that is kept as it is shown; nobody fills the memory with long ones."""
_CURRENCY = re.compile(r"[A-Z]{3}")
_MOST = Decimal("1e12")


def clean(value: object, length: int = NAME_LENGTH) -> str:
    """One line of text from a value of an event: no control or invisible direction characters, cut with an ellipsis."""
    if value is None or value == "":
        return ""
    if type(value) is not str and (isinstance(value, bool) or not isinstance(value, str | int | Decimal)):
        return ""
    text = str(value)[: length * 4]
    if not text.isprintable():  # what is printable holds none of these
        text = "".join(" " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c for c in text)
        text = "".join(c for c in text if unicodedata.category(c) not in {"Cf", "Cs", "Co"} or c == "\u200d")
    text = unicodedata.normalize("NFC", " ".join(text.split()))
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def product_view(line: Line, shop: Shop, language: str, *, fallback_url: str) -> dict[str, Any]:
    """``id name brand variant quantity price image url``, and ``sold_out`` and ``told_price`` where the template says
    so; without a link of its own it leads to the fallback."""
    return {
        "id": line.product_id,
        "name": clean(line.details.get("name")),
        "brand": clean(line.details.get("brand"), 60),
        "variant": clean(line.details.get("variant"), 60),
        "quantity": line.quantity,
        "price": price_text(line.details, "price", shop, language),
        "image": image_url(line.details.get("image_url")),
        "url": shop_url(line.details.get("url"), shop) or fallback_url,
        "sold_out": line.sold_out,
        "told_price": ""
        if line.told_price is None
        else money(line.told_price, currency_of(line.details, shop), language),
    }


def listed(lines: Sequence[Line], shop: Shop, language: str, *, fallback_url: str) -> dict[str, Any]:
    """The lines that have a name, in their order: ``items`` (the first five), ``count``, ``more``, ``first``,
    ``image``."""
    if not lines:
        return {"items": [], "count": 0, "more": 0, "first": "", "image": ""}
    shown = (product_view(line, shop, language, fallback_url=fallback_url) for line in lines)
    items = [item for item in shown if item["name"]]
    return {
        "items": items[:LINES_SHOWN],
        "count": len(items),
        "more": max(0, len(items) - LINES_SHOWN),
        "first": items[0]["name"] if items else "",
        "image": next((item["image"] for item in items if item["image"]), ""),
    }


def sum_text(lines: Iterable[Line], shop: Shop, language: str) -> str:
    """What the lines cost in all that can be ordered, only if every price is known, in one currency; else nothing."""
    sold = [line for line in lines if not line.sold_out]
    known = [(amount_of(line.details.get("price")), line.quantity, currency_of(line.details, shop)) for line in sold]
    if not known or len({currency for _, _, currency in known}) > 1:
        return ""
    total = Decimal(0)
    for price, quantity, _ in known:
        if price is None:
            return ""
        total += price * quantity
    return money(total, known[0][2], language)


def price_text(details: Mapping[str, Any], name: str, shop: Shop, language: str) -> str:
    amount = details.get(name)
    if isinstance(amount, bool) or not isinstance(amount, str | int | float | Decimal):
        return ""
    text, currency = str(amount), currency_of(details, shop)
    price_of = _price_of if len(text) <= _SHORT else _price_of.__wrapped__
    return price_of(text, currency, language)


@lru_cache(maxsize=1_024)
def _price_of(amount: str, currency: str, language: str) -> str:
    """Many customers are shown the same products."""
    read = amount_of(amount)
    return "" if read is None else money(read, currency, language)


def amount_of(value: object) -> Decimal | None:
    """A finite amount that is not negative, from a number or its text."""
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        return None
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and 0 <= amount < _MOST else None


def currency_of(details: Mapping[str, Any], shop: Shop) -> str:
    said = details.get("currency")
    return said if isinstance(said, str) and _CURRENCY.fullmatch(said) else shop.currency


def image_url(value: object) -> str:
    """An https address of an image, else nothing."""
    return https_url(value)


def https_url(value: object) -> str:
    return value if isinstance(value, str) and value.startswith("https://") and _PLAIN_URL.fullmatch(value) else ""


def shop_url(value: object, shop: Shop) -> str:
    """A link to the shop's own host or below it, else nothing: no event may bring a stranger's link into our mail."""
    if not isinstance(value, str) or len(value) > _LONGEST_URL:
        return ""
    return value if _leads_to(value, shop.cart_url) else ""


@lru_cache(maxsize=1_024)
def _leads_to(url: str, cart_url: str) -> bool:
    """Whether an address leads to the host of the shop's cart or below it. Many customers are shown the same
    products."""
    if not _PLAIN_URL.fullmatch(url):
        return False
    try:
        host, own = urlsplit(url), urlsplit(cart_url)
        named, base = (host.hostname or ""), (own.hostname or "").removeprefix("www.")
    except ValueError:
        return False
    if not base or host.username is not None or host.scheme != own.scheme:
        return False
    return named == base or named.endswith("." + base)


def base_url(shop: Shop) -> str:
    """The shop's front door: where the cart's address begins."""
    parts = urlsplit(shop.cart_url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
