"""The products of a feed that was downloaded, whatever its form."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from shared.adapters.product_feed import FeedRow, Reading, UnreadableFeed, read_feed
from shared.domain.connectors.connector import Connector
from shared.domain.connectors.feed import MOST_BYTES, Feed
from shared.domain.connectors.payload import id_text, object_at, objects_at, text, whole_number
from shared.domain.connectors.shopify_products import read_products
from shared.domain.connectors.translation import Translation
from shared.domain.products.product import MOST_CATEGORIES, product_json, unspoken

PAGE = {"shopify": 250, "woocommerce": 100}
"""Products of a page; what the shops allow at most."""
MOST_PAGES = 1_000
NextPage = Callable[[str], Path]
"""Downloads an address into a file."""


def google_rows(file: Path, reading: Reading) -> Iterator[FeedRow]:
    """Of a feed in Google Merchant's form, perhaps compressed with gzip.

    Raises
    ------
    UnreadableFeed
        As ``read_feed``; and if more than ``MOST_BYTES`` come out of gzip.
    """
    with file.open("rb") as opened:
        packed = opened.read(2) == b"\x1f\x8b"
    yield from read_feed(_unpacked(file) if packed else file, reading)


def _unpacked(file: Path) -> Path:
    plain, size = file.with_suffix(".plain"), 0
    try:
        with gzip.open(file, "rb") as source, plain.open("wb") as target:
            while piece := source.read(1_000_000):
                size += len(piece)
                if size > MOST_BYTES:
                    raise UnreadableFeed("the feed is larger than 50 MB when it is unpacked")
                target.write(piece)
    except (OSError, EOFError) as broken:
        raise UnreadableFeed("the feed is no valid gzip") from broken
    return plain


def shop_rows(feed: Feed, page: NextPage, first: int = 1) -> Iterator[FeedRow | int]:
    """Of the public list of a shop, page by page from the first on, until one is empty. The number of a page comes
    before its products.

    Raises
    ------
    UnreadableFeed
        If a page is no list of products.
    """
    place = 0
    for number in range(first, MOST_PAGES + 1):
        yield number
        size = "limit" if feed.form == "shopify" else "per_page"
        listed = _listed(page(f"{feed.url}?{size}={PAGE[feed.form]}&page={number}"))
        for product in listed:
            for row in _shopify(product, feed, place) if feed.form == "shopify" else _woocommerce(product, place):
                place += 1
                yield row
        if len(listed) < PAGE[feed.form]:
            return


def _listed(file: Path) -> list[dict[str, Any]]:
    try:
        said = json.loads(file.read_bytes())
    except (ValueError, RecursionError) as broken:
        raise UnreadableFeed("a page of the shop is no JSON") from broken
    found = said.get("products") if isinstance(said, dict) else said
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise UnreadableFeed("a page of the shop holds no list of products")
    return found


def _shopify(product: dict[str, Any], feed: Feed, place: int) -> Iterator[FeedRow]:
    front = "https://" + (urlsplit(feed.url).hostname or "")
    shop = Connector(connector=feed.feed, platform="shopify", currency=feed.currency, storefront=front)
    told = Translation()
    read_products(product, shop, told)
    for one in told.products:
        place += 1
        yield FeedRow(place, one.product.id, product_json(one.product), keeps=one.keeps)
    for wrong in told.unusable:
        place += 1
        yield FeedRow(place, id_text(product.get("id")), None, "the product", wrong.reason)


def _woocommerce(product: dict[str, Any], place: int) -> Iterator[FeedRow]:
    """Of the Store API, which writes prices in the smallest unit of their currency."""
    prices = object_at(product, "prices")
    unit = whole_number(prices.get("currency_minor_unit"))
    own = text(product.get("sku"), 100) or id_text(product.get("id"))
    regular, now = (_amount(prices.get(name), unit) for name in ("regular_price", "price"))
    if regular is None or now is None:
        yield FeedRow(place + 1, own, None, "price", "the prices cannot be read")
        return
    pictures = [text(one.get("src"), 2_000) for one in objects_at(product, "images")]
    found = {
        "id": own,
        "name": text(product.get("name"), 200),
        "price": format(max(regular, now), "f"),
        "sale_price": format(now, "f") if now < regular else None,
        "currency": text(prices.get("currency_code"), 3),
        "categories": [text(one.get("name"), 200) for one in objects_at(product, "categories")][:MOST_CATEGORIES],
        "availability": "in_stock" if product.get("is_in_stock") is not False else "out_of_stock",
        "url": text(product.get("permalink"), 2_000),
        "image_url": next((one for one in pictures if one.startswith("https://")), ""),
    }
    kept = {name: value for name, value in found.items() if value not in (None, "", [])}
    yield FeedRow(place + 1, own, kept, keeps=unspoken(found))


def _amount(value: Any, unit: int | None) -> Decimal | None:
    whole = whole_number(value)
    return None if whole is None or unit is None or not 0 <= unit <= 4 else Decimal(whole).scaleb(-unit)
