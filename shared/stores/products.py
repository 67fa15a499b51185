"""The table ``products``: ``product#<id>`` / ``product``, with the prices of 90 days.

The index ``named`` lists products by name: ``name_shard`` / ``name_key``. A product that says the same as before is not
written, so a feed of which one percent has changed costs a read unit per product and a write unit per change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from shared.domain.identity.keys import milliseconds, moment, safe_id, shard_of
from shared.domain.products.price_history import Price, with_price
from shared.domain.products.product import Product, name_key, product_json, read_product
from shared.ports import Table

SK = "product"
SHARDS = 4
"""Of the index ``named``: a search asks each."""


@dataclass(frozen=True, slots=True)
class StoredProduct:
    """A product, since when it is so, and what it cost."""

    product: Product
    changed_at: datetime
    prices: tuple[Price, ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of products: ids that are new, changed, the same as before, and older than what is known."""

    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    older: tuple[str, ...] = ()


ProductWatch = Callable[[Sequence[tuple[StoredProduct, Product]], datetime], None]


class Products:
    """Written by ``functions/stock`` only."""

    def __init__(self, table: Table, watch: ProductWatch = lambda _changes, _at: None) -> None:
        """``watch`` hears of products that change, before they are written."""
        self._table = table
        self._watch = watch

    def read(self, ids: Iterable[str]) -> dict[str, StoredProduct]:
        """Those that are known, by id; one request for a hundred."""
        keys = [(product_key(id_), SK) for id_ in dict.fromkeys(ids) if id_]
        return {item["id"]: read_item(item) for item in (self._table.get_many(keys) if keys else [])}

    def put(self, products: Sequence[Product], at: datetime) -> Taken:
        """Take products as they are at an instant. Of two with one id the last counts. Repeating it changes nothing.

        A product whose stored state is of a later instant stays: feeds and pushes may overtake each other.
        """
        wanted = {product.id: product for product in products}
        known = self.read(wanted)
        found: dict[str, list[str]] = {"new": [], "changed": [], "unchanged": [], "older": []}
        items = []
        for id_, product in wanted.items():
            stored = known.get(id_)
            if stored is None:
                kind = "new"
            elif stored.changed_at > at:
                kind = "older"
            else:
                kind = "unchanged" if stored.product == product else "changed"
            found[kind].append(id_)
            if kind in {"new", "changed"}:
                prices = with_price(stored.prices if stored else (), Price(at, product.costs, product.currency))
                items.append(product_item(StoredProduct(product, at, prices)))
        changed = [(known[id_], wanted[id_]) for id_ in found["changed"]]
        if changed:
            self._watch(changed, at)
        self._table.put_many(items)
        return Taken(**{kind: tuple(ids) for kind, ids in found.items()})

    def named(self, beginning: str, limit: int, shard: int = 0, cursor: str | None = None) -> Page:
        """Products of a shard of names, by name, whose name begins with a text."""
        prefix = name_key(beginning)
        page = self._table.query(f"names#{shard}", prefix=prefix or None, limit=limit, index="named", cursor=cursor)
        found = self.read_keys([(item["pk"], item["sk"]) for item in page.items])
        return Page(sorted(found, key=lambda one: name_key(one.product.name)), page.cursor)

    def read_keys(self, keys: Sequence[tuple[str, str]]) -> list[StoredProduct]:
        """The products of these keys of the table, one request for a hundred."""
        return [read_item(item) for item in (self._table.get_many(keys) if keys else [])]


@dataclass(frozen=True, slots=True)
class Page:
    """Some products, and where to go on in this shard."""

    products: list[StoredProduct]
    cursor: str | None


def product_key(id_: str) -> str:
    """The partition key of a product."""
    return f"product#{safe_id(id_)}"


def product_item(stored: StoredProduct) -> dict[str, Any]:
    """A product as it is stored."""
    product = stored.product
    said = {name: value for name, value in product_json(product).items() if value not in (None, "", [])}
    return {
        "pk": product_key(product.id),
        "sk": SK,
        **said,
        "changed_ms": milliseconds(stored.changed_at),
        "prices": [[milliseconds(one.since), str(one.amount), one.currency] for one in stored.prices],
        "name_shard": f"names#{shard_of(product.id, SHARDS)}",
        "name_key": f"{name_key(product.name)[:200] or '-'}#{safe_id(product.id)}",
    }


def read_item(item: Mapping[str, Any]) -> StoredProduct:
    """The product of a stored item."""
    own = {"pk", "sk", "changed_ms", "as_of_ms", "prices", "name_shard", "name_key"}
    product = read_product({name: value for name, value in item.items() if name not in own})
    prices = tuple(Price(moment(int(since)), Decimal(amount), currency) for since, amount, currency in item["prices"])
    return StoredProduct(product, moment(int(item["changed_ms"])), prices)
