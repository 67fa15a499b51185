"""The table ``products``: ``product#<id>`` / ``product``, with the prices of 90 days.

The index ``named`` lists products by name: ``name_shard`` / ``name_key``. A product that says the same as before is not
written, so a feed of which one percent has changed costs a read unit per product and a write unit per change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from msgspec import Struct

from shared.domain.identity.keys import milliseconds, moment, safe_id, shard_of
from shared.domain.products.price_history import Price, with_price
from shared.domain.products.product import Product, name_key, product_json, read_product, with_kept
from shared.ports import Conflict, Table, Throttled

SK = "product"
SHARDS = 4
"""Of the index ``named``: a search asks each."""


class StoredProduct(Struct, frozen=True):
    """A product, since when it is so, and what it cost."""

    product: Product
    changed_at: datetime
    prices: tuple[Price, ...]


class Taken(Struct, frozen=True):
    """What became of products: ids that are new, changed, the same as before, and older than what is known."""

    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    older: tuple[str, ...] = ()

    def plus(self, other: Taken) -> Taken:
        """Both together."""
        return Taken(
            self.new + other.new,
            self.changed + other.changed,
            self.unchanged + other.unchanged,
            self.older + other.older,
        )


ProductWatch = Callable[[Sequence[tuple[StoredProduct, Product]], datetime], None]
TRIES = 8


class Write(Struct, frozen=True):
    """A product as it is to be stored, since an instant. With ``touch`` the instant is noted also if it says the same
    as before."""

    product: Product
    at: datetime
    touch: bool = False


Decide = Callable[["dict[str, Any] | None", "Product | None"], "Write | str"]
"""What becomes of a product, given its item and what that says; a word if nothing is written."""


class Products:
    """Written by ``functions/stock`` only. ``watch`` hears of products that change, before they are written; ``pause``
    waits before the given attempt, where others change the same product."""

    def __init__(
        self,
        table: Table,
        watch: ProductWatch = lambda _changes, _at: None,
        pause: Callable[[int], None] = lambda _attempt: None,
    ) -> None:
        self._table, self._watch, self._pause = table, watch, pause

    def read(self, ids: Iterable[str]) -> dict[str, StoredProduct]:
        """Those that are known, by id; one request for a hundred."""
        keys = [(product_key(id_), SK) for id_ in dict.fromkeys(ids) if id_]
        return {item["id"]: read_item(item) for item in (self._table.get_many(keys) if keys else [])}

    def put(
        self, products: Sequence[Product], at: datetime, keeps: Mapping[str, frozenset[str]] | None = None
    ) -> Taken:
        """Take products as they are at an instant. Of two with one id the last counts. Repeating it changes nothing.

        A product of which a later instant is known stays: feeds, pushes and deliveries may overtake each other.
        ``keeps``: by id, fields of which nothing is said, so they stay as they are.

        Raises
        ------
        Throttled
            If others keep changing the same products; some may be taken.
        """
        at_ms = milliseconds(at)

        def decide(product: Product) -> Decide:
            def of(item: dict[str, Any] | None, known: Product | None) -> Write | str:
                if item is not None and as_of(item) > at_ms:
                    return "older"
                after = with_kept(product, known, (keeps or {}).get(product.id, frozenset()))
                return "unchanged" if after == known else Write(after, at)

            return of

        return write_products(self._table, {one.id: decide(one) for one in products}, self._watch, self._pause)

    def named(self, beginning: str, limit: int, shard: int = 0, cursor: str | None = None) -> Page:
        """Products of a shard of names, by name, whose name begins with a text."""
        prefix = name_key(beginning)
        page = self._table.query(names_shard(shard), prefix=prefix or None, limit=limit, index="named", cursor=cursor)
        found = self.read_keys([(item["pk"], item["sk"]) for item in page.items])
        return Page(sorted(found, key=lambda one: name_key(one.product.name)), page.cursor)

    def read_keys(self, keys: Sequence[tuple[str, str]]) -> list[StoredProduct]:
        """The products of these keys of the table, one request for a hundred."""
        return [read_item(item) for item in (self._table.get_many(keys) if keys else [])]


class Page(Struct, frozen=True):
    """Some products, and where to go on in this shard."""

    products: list[StoredProduct]
    cursor: str | None


def write_products(
    table: Table, wanted: Mapping[str, Decide], watch: ProductWatch, pause: Callable[[int], None]
) -> Taken:
    """Write products, each on condition of what was read of it: two who write the same one never undo each other.

    Raises
    ------
    Throttled
        If others keep changing the same products; some may be taken.
    """
    keys = {id_: (product_key(id_), SK) for id_ in wanted}
    items = {item["id"]: item for item in (table.get_many([*keys.values()]) if keys else [])}
    found: dict[str, list[str]] = {"new": [], "changed": [], "unchanged": [], "older": []}
    for id_, decide in wanted.items():
        item = items.get(id_)
        for attempt in range(TRIES):
            try:
                found[_write(table, item, decide, watch)].append(id_)
                break
            except Conflict:
                pause(attempt)
                item = table.get(*keys[id_])
        else:
            raise Throttled("others keep changing the same product")
    return Taken(**{kind: tuple(ids) for kind, ids in found.items()})


def _write(table: Table, item: dict[str, Any] | None, decide: Decide, watch: ProductWatch) -> str:
    """What became of one product. Raises Conflict if it was changed since it was read."""
    stored = None if item is None else read_item(item)
    wanted = decide(item, stored.product if stored else None)
    if isinstance(wanted, str):
        return wanted
    product, at = wanted.product, wanted.at
    if stored is not None and stored.product == product:
        after = stored
    else:
        prices = with_price(stored.prices if stored else (), Price(at, product.costs, product.currency))
        after = StoredProduct(product, at, prices)
        if stored is not None:
            watch([(stored, product)], at)
    expect = {"changed_ms": None} if item is None else {
        "changed_ms": item["changed_ms"], "as_of_ms": item.get("as_of_ms"),
    }  # fmt: skip
    table.put(product_item(after) | ({"as_of_ms": milliseconds(at)} if wanted.touch else {}), expect=expect)
    return "new" if stored is None else "unchanged" if after is stored else "changed"


def as_of(item: Mapping[str, Any]) -> int:
    """The newest instant of which something was said of a product, in milliseconds."""
    return int(item.get("as_of_ms", item["changed_ms"]))


def product_key(id_: str) -> str:
    """The partition key of a product."""
    return f"product#{safe_id(id_)}"


def names_shard(shard: int) -> str:
    """The partition of a shard in the index ``named``."""
    return f"names#{shard}"


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
        "name_shard": names_shard(shard_of(product.id, SHARDS)),
        "name_key": f"{name_key(product.name)[:200] or '-'}#{safe_id(product.id)}",
    }


def read_item(item: Mapping[str, Any]) -> StoredProduct:
    """The product of a stored item."""
    own = {"pk", "sk", "changed_ms", "as_of_ms", "prices", "name_shard", "name_key"}
    product = read_product({name: value for name, value in item.items() if name not in own})
    prices = tuple(Price(moment(int(since)), Decimal(amount), currency) for since, amount, currency in item["prices"])
    return StoredProduct(product, moment(int(item["changed_ms"])), prices)
