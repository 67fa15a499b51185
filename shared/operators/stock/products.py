"""``/v1/products``: products, pushed by the shop one by one or in batches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.domain.identity.keys import time_text
from shared.domain.products.price_history import lowest_before_reduction
from shared.domain.products.product import (
    ID_LENGTH,
    NAME_LENGTH,
    Product,
    ProductRefused,
    product_json,
    read_product,
    unspoken,
)
from shared.http.answers import malformed, not_found
from shared.operators.stock.environment import Environment
from shared.operators.stock.fields import only, optional_text, truth
from shared.stores.products import SHARDS, StoredProduct

MOST = 500
"""Products of one batch."""
MOST_BYTES = 500_000
LIMIT, MOST_LISTED = 50, 100


def put_one(environment: Environment, id_: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Take one product; what it does not say is empty. Raises Problem (400)."""
    if "id" in body and body["id"] != id_:
        raise malformed("id must be that of the path, or be left out")
    try:
        product = read_product({**body, "id": id_})
    except ProductRefused as refused:
        raise malformed(str(refused)) from refused
    environment.products.put([product], environment.clock.now())
    return show(environment, product.id)


def put_batch(environment: Environment, body: Mapping[str, Any]) -> dict[str, Any]:
    """Take many products: what cannot be taken is refused by its place, the others are taken. With ``keep_unsaid`` the
    fields that a product does not have stay as they are. Raises Problem (400)."""
    only(body, frozenset({"items", "currency", "keep_unsaid"}))
    items = body.get("items")
    if not isinstance(items, list) or not 1 <= len(items) <= MOST:
        raise malformed(f"items must be a list of 1 to {MOST} products")
    currency = optional_text(body, "currency", 3)
    right: list[Product] = []
    refused = []
    for index, item in enumerate(items):
        try:
            right.append(read_product(item, currency))
        except ProductRefused as wrong:
            refused.append({"index": index, "field": wrong.field, "message": str(wrong)})
    given = {str(item["id"]): item for item in items if isinstance(item, dict) and "id" in item}
    kept = truth(body, "keep_unsaid", default=False)
    keeps = {one.id: unspoken(given.get(one.id, {})) for one in right} if kept else {}
    taken = environment.products.put(right, environment.clock.now(), keeps)
    return {
        "new": len(taken.new),
        "changed": len(taken.changed),
        "unchanged": len(taken.unchanged),
        "older": len(taken.older),
        "refused": refused,
    }


def show(environment: Environment, id_: str) -> dict[str, Any]:
    """Raises Problem (404) if it is not known."""
    found = environment.products.read([id_[:ID_LENGTH]]).get(id_)
    if found is None:
        raise not_found("no product has this id; POST it to /v1/products, or run kervan products import")
    return _json(found, environment)


def search(environment: Environment, query: Mapping[str, str]) -> dict[str, Any]:
    """A page of products: all of them, or that of an id and those whose name begins with a text. Raises Problem (400).

    They come by name within each of a few parts of the index, one part behind the other.
    """
    text, limit = optional_text(query, "q", NAME_LENGTH), _limit(query)
    shard, cursor = _mark(query.get("cursor"))
    rows: list[StoredProduct] = []
    if text and shard == 0 and cursor is None:
        rows += environment.products.read([text[:ID_LENGTH]]).values()
    while shard < SHARDS and len(rows) < limit:
        page = environment.products.named(text, limit - len(rows), shard, cursor)
        rows += [one for one in page.products if one.product.id not in {row.product.id for row in rows}]
        cursor = page.cursor
        shard += cursor is None
    following = None if shard >= SHARDS else f"{shard}.{cursor or ''}"
    return {"items": [_json(one, environment) for one in rows], "cursor": following}


def _limit(query: Mapping[str, str]) -> int:
    raw = query.get("limit", str(LIMIT))
    if not raw.isascii() or not raw.isdigit() or not 1 <= int(raw[:9]) <= MOST_LISTED:
        raise malformed(f"limit must be a number from 1 to {MOST_LISTED}")
    return int(raw)


def _mark(cursor: str | None) -> tuple[int, str | None]:
    if not cursor:
        return 0, None
    shard, _, inner = cursor.partition(".")
    if shard not in map(str, range(SHARDS)):
        raise malformed("the cursor is not one of ours; start again without it")
    return int(shard), inner or None


def _json(stored: StoredProduct, environment: Environment) -> dict[str, Any]:
    lowest = lowest_before_reduction(stored.prices, environment.clock.now())
    return {
        **product_json(stored.product),
        "changed_at": time_text(stored.changed_at),
        "lowest_price_30_days": None if lowest is None else str(lowest),
        "prices": [
            {"since": time_text(one.since), "price": str(one.amount), "currency": one.currency} for one in stored.prices
        ],
    }
