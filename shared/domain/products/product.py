"""A product as the shop sells it: one item for each variant that has an id of its own."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Literal
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

Availability = Literal["in_stock", "out_of_stock", "preorder", "backorder"]
AVAILABILITIES: tuple[Availability, ...] = ("in_stock", "out_of_stock", "preorder", "backorder")
SOLD: frozenset[Availability] = frozenset({"in_stock", "preorder", "backorder"})
"""What can be ordered."""
ID_LENGTH, NAME_LENGTH, URL_LENGTH, WORD_LENGTH = 100, 200, 2_000, 200
MOST_CATEGORIES = 20
CARE_LENGTH, MOST_LANGUAGES = 1_000, 10
FIELDS = frozenset(
    {
        "id", "name", "group", "brand", "categories", "price", "sale_price", "currency", "availability", "url",
        "image_url", "manual_url", "care",
    }
)  # fmt: skip
_LANGUAGE = r"[a-z]{2}"
_CURRENCY = r"[A-Z]{3}"
_PRICE = r"[0-9]{1,12}(?:\.[0-9]{1,4})?"
"""Compiled by ``re`` with the first product."""


class ProductRefused(ValueError):
    """A product that cannot be taken. ``field`` is what is wrong, the text says what to write instead."""

    def __init__(self, field: str, remedy: str) -> None:
        super().__init__(f"{field} {remedy}")
        self.field = field


class Product(Struct, frozen=True):
    """``id`` is what events call it (``sku`` or ``product_id``).

    ``group`` is the id of the product that it is a variant of.
    """

    id: str
    name: str
    price: Decimal
    currency: str
    sale_price: Decimal | None = None
    group: str = ""
    brand: str = ""
    categories: tuple[str, ...] = ()
    availability: Availability = "in_stock"
    url: str = ""
    image_url: str = ""
    manual_url: str = ""
    care: tuple[tuple[str, str], ...] = ()
    """How it is cared for, as (language, text); a text for all languages has the language ``""``."""

    @property
    def costs(self) -> Decimal:
        """What a customer pays today."""
        return self.price if self.sale_price is None else self.sale_price

    @property
    def digest(self) -> str:
        """Equal for products that say the same: one that has not changed is not written."""
        text = json.dumps(product_json(self), sort_keys=True, ensure_ascii=False)
        return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def read_product(given: Any, currency: str = "") -> Product:
    """The product that a JSON object describes; ``currency`` counts where it names none.

    Raises
    ------
    ProductRefused
        With the field that is wrong; the text repeats nothing of what was sent.
    """
    if not isinstance(given, dict):
        raise ProductRefused("the product", "must be an object")
    if not given.keys() <= FIELDS:
        raise ProductRefused("the product", f"may hold {', '.join(sorted(FIELDS))} and nothing else")
    price = _price(given, "price")
    if price is None:
        raise ProductRefused("price", "is missing: write it as 249.90")
    sale = _price(given, "sale_price")
    if sale is not None and sale > price:
        raise ProductRefused("sale_price", "is higher than price")
    return Product(
        id=_text(given, "id", ID_LENGTH, needed=True),
        name=_text(given, "name", NAME_LENGTH, needed=True),
        price=price,
        currency=_currency(given, currency),
        sale_price=None if sale == price else sale,
        group=_text(given, "group", ID_LENGTH),
        brand=_text(given, "brand", WORD_LENGTH),
        categories=_categories(given.get("categories")),
        availability=_availability(given.get("availability")),
        url=_address(given, "url"),
        image_url=_address(given, "image_url"),
        manual_url=_address(given, "manual_url"),
        care=_care(given.get("care")),
    )


def unspoken(given: Mapping[str, Any]) -> frozenset[str]:
    """The fields of a product of which a source says nothing. Who names a price means its currency, and that nothing is
    reduced where it names no other price."""
    always = {"currency", "sale_price"} if "price" in given else set()
    return frozenset(FIELDS - given.keys() - always)


def with_kept(said: Product, stored: Product | None, keeps: frozenset[str]) -> Product:
    """What a source says of a product, and of what it says nothing as it is stored."""
    if stored is None or not keeps:
        return said
    return replace(said, **{name: getattr(stored, name) for name in keeps})


def product_json(product: Product) -> dict[str, Any]:
    """What ``read_product`` reads, with every field; prices as text."""
    return {
        "id": product.id,
        "name": product.name,
        "group": product.group,
        "brand": product.brand,
        "categories": list(product.categories),
        "price": str(product.price),
        "sale_price": None if product.sale_price is None else str(product.sale_price),
        "currency": product.currency,
        "availability": product.availability,
        "url": product.url,
        "image_url": product.image_url,
        "manual_url": product.manual_url,
        "care": dict(product.care) if any(language for language, _ in product.care) else dict(product.care).get("", ""),
    }


def name_key(name: str) -> str:
    """A name as it is searched: without case, with Turkish letters as they are typed without them.

    >>> name_key("Işıltılı ÇANTA")
    'isiltili canta'
    """
    plain = name.replace("İ", "i").replace("I", "i").replace("ı", "i").casefold()
    apart = unicodedata.normalize("NFKD", plain)
    return " ".join("".join(sign for sign in apart if not unicodedata.combining(sign)).split())


def _text(given: Mapping[str, Any], name: str, most: int, *, needed: bool = False) -> str:
    value = given.get(name)
    if value is None and not needed:
        return ""
    if type(value) is int and name in {"id", "group"}:
        value = str(value)
    text = unicodedata.normalize("NFC", " ".join(value.split())) if isinstance(value, str) else ""
    wrong = not isinstance(value, str) or any(unicodedata.category(sign)[0] == "C" for sign in text)
    if wrong or len(text) > most or (needed and not text):
        raise ProductRefused(name, f"must be a text of at most {most} characters")
    return text


def _price(given: Mapping[str, Any], name: str) -> Decimal | None:
    value = given.get(name)
    return None if value is None else read_amount(value, name)


def read_amount(value: Any, name: str) -> Decimal:
    """An amount of money, as a number or a text. Raises ProductRefused."""
    written = str(value) if type(value) in (int, float) else value
    if not isinstance(written, str) or not re.fullmatch(_PRICE, written):
        raise ProductRefused(name, "must be an amount such as 249.90, with at most four decimals")
    try:
        return Decimal(written)
    except InvalidOperation as broken:
        raise ProductRefused(name, "must be an amount such as 249.90") from broken


def _currency(given: Mapping[str, Any], otherwise: str) -> str:
    return read_currency(given.get("currency") or otherwise)


def read_currency(value: Any) -> str:
    """The three letters of a currency. Raises ProductRefused."""
    if not isinstance(value, str) or not re.fullmatch(_CURRENCY, value):
        raise ProductRefused("currency", "must be three capital letters, such as TRY")
    return value


def _categories(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    words = [value] if isinstance(value, str) else value
    if not isinstance(words, list) or len(words) > MOST_CATEGORIES:
        raise ProductRefused("categories", f"must be a list of at most {MOST_CATEGORIES} texts")
    return tuple(_text({"categories": word}, "categories", WORD_LENGTH, needed=True) for word in words)


def _care(value: Any) -> tuple[tuple[str, str], ...]:
    """A text, or one text per language (``tr``, ``en``)."""
    if value is None or value == "":
        return ()
    said = {"": value} if isinstance(value, str) else value
    right = isinstance(said, Mapping) and len(said) <= MOST_LANGUAGES
    if not right or not all(isinstance(one, str) and (one == "" or re.fullmatch(_LANGUAGE, one)) for one in said):
        raise ProductRefused("care", "must be a text, or texts by language such as tr and en")
    texts = {language: _text({"care": said[language]}, "care", CARE_LENGTH, needed=True) for language in sorted(said)}
    return tuple(texts.items())


def _availability(value: Any) -> Availability:
    if value is None:
        return "in_stock"
    word = value.strip().lower().replace(" ", "_") if isinstance(value, str) else ""
    if word not in AVAILABILITIES:
        raise ProductRefused("availability", f"must be one of {', '.join(AVAILABILITIES)}")
    return word


def _address(given: Mapping[str, Any], name: str) -> str:
    """An address of the web that a message may show: https, so that no mail program warns of it."""
    value = given.get(name)
    if value is None or value == "":
        return ""
    try:
        parts = urlsplit(value) if isinstance(value, str) and len(value) <= URL_LENGTH else None
        right = parts is not None and parts.scheme == "https" and bool(parts.hostname) and not parts.username
    except ValueError:
        right = False
    if not right or any(sign.isspace() or unicodedata.category(sign)[0] == "C" for sign in value):
        raise ProductRefused(name, f"must be an address that begins with https://, of at most {URL_LENGTH} characters")
    return str(value)
