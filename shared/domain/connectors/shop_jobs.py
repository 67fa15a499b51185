"""Messages of stock's work queue with what a shop told of products and stock."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from shared.domain.connectors.translation import DatedProduct, ItemGone, ItemSku, ShopLevel, Translation
from shared.domain.products.product import FIELDS, product_json, read_product

KIND = "shop"
IN_ONE = 20
"""Products, items or levels of one message: below the 256 KB of the queue, however long their addresses are."""


@dataclass(frozen=True, slots=True)
class ShopJob:
    """What one message tells."""

    connector: str
    products: tuple[DatedProduct, ...] = ()
    items: tuple[ItemSku, ...] = ()
    levels: tuple[ShopLevel, ...] = ()
    gone: tuple[ItemGone, ...] = ()


def shop_jobs(connector: str, told: Translation) -> Iterator[str]:
    """The messages of a translation; none if it tells nothing of products and stock."""
    for products in _parts(told.products):
        yield _body(ShopJob(connector, products=tuple(products)))
    for items in _parts(told.items):
        yield _body(ShopJob(connector, items=tuple(items)))
    for levels in _parts(told.levels):
        yield _body(ShopJob(connector, levels=tuple(levels)))
    for gone in _parts(told.gone):
        yield _body(ShopJob(connector, gone=tuple(gone)))


def is_shop_job(body: str) -> bool:
    """Whether a message of the queue is one of these."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return False
    return isinstance(said, dict) and said.get("kind") == KIND


def read_job(body: str) -> ShopJob:
    """Raises ValueError for a message that is none."""
    said = json.loads(body)
    try:
        return ShopJob(
            said["connector"],
            tuple(map(_product, said.get("products", ()))),
            tuple(map(_item, said.get("items", ()))),
            tuple(ShopLevel(*row) for row in said.get("levels", ())),
            tuple(ItemGone(*row) for row in said.get("gone", ())),
        )
    except (KeyError, TypeError, RecursionError) as broken:
        raise ValueError("a message of another kind") from broken


def _product(row: Sequence[Any]) -> DatedProduct:
    """A message of before speaks of every field."""
    product, at_ms, *keeps = row
    return DatedProduct(read_product(product), at_ms, frozenset(keeps[0]) & FIELDS if keeps else frozenset())


def _item(row: Sequence[Any]) -> ItemSku:
    """A message of before says nothing of whether the pieces are counted: they were."""
    item, sku, at_ms = row[:3]
    return ItemSku(item, sku, at_ms, tracked=row[3] if len(row) > 3 else True)


def _parts(listed: Sequence[Any]) -> Iterator[Sequence[Any]]:
    yield from (listed[start : start + IN_ONE] for start in range(0, len(listed), IN_ONE))


def _body(job: ShopJob) -> str:
    products = [[_written(one), one.at_ms, sorted(one.keeps)] for one in job.products]
    items = [[one.item, one.sku, one.at_ms, one.tracked] for one in job.items]
    levels = [[one.item, one.location, one.quantity, one.at_ms, one.tie_ms, one.number] for one in job.levels]
    gone = [[one.item, one.at_ms] for one in job.gone]
    said = {
        "kind": KIND, "connector": job.connector, "products": products, "items": items, "levels": levels, "gone": gone,
    }  # fmt: skip
    return json.dumps({name: value for name, value in said.items() if value}, ensure_ascii=False)


def _written(one: DatedProduct) -> dict[str, Any]:
    return {name: value for name, value in product_json(one.product).items() if value not in (None, "", [])}
