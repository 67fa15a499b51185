"""One order of another tool, of one or many rows: Order Completed, and what became of it since."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from cli.importing.columns import number
from cli.importing.exports.cells import first_value
from cli.importing.exports.person import PEOPLE, ExportOptions
from cli.importing.moments import read_moment
from cli.importing.people import name_people
from shared.domain.definitions.text_comparison import folded
from shared.domain.events.refusals import Refused

AMOUNTS = ("total", "subtotal", "shipping", "tax", "discount")
TIMES = ("time", "paid", "shipped", "cancelled")
_CANCELLED = frozenset(folded(word) for word in (
    "cancelled", "canceled", "voided", "failed", "iptal", "iptal edildi", "başarısız", "başarısız oldu",
))  # fmt: skip
_REFUNDED = frozenset(folded(word) for word in ("refunded", "iade", "iade edildi"))
_NOT_PLACED = frozenset(folded(word) for word in (
    "pending payment", "wc-pending", "ödeme bekleniyor", "ödeme bekliyor", "draft", "wc-checkout-draft", "taslak",
    "trash", "çöp",
))  # fmt: skip
"""Of WooCommerce. Shopify's ``pending`` is an order: it is paid at the door."""
MOST_ROWS = 1_000
_MOST_CENTS = 10**14 - 1


def bodies_of_order(rows: Sequence[Mapping[str, str]], options: ExportOptions) -> list[dict[str, Any]]:
    """The bodies for the API, in the order of time.

    Fields of the order come from the first row that has them, its products from every row.

    Raises
    ------
    Refused
        If the order has no number, no time or nobody who ordered, was left unpaid, or has an amount that cannot be
        read.
    """
    if len(rows) > MOST_ROWS:
        raise Refused(f"the order has more than {MOST_ROWS} rows")
    who, said, products = _fields(rows, options)
    if not said.get("id"):
        raise Refused("the order has no number")
    status = folded(said.get("status", ""))
    if status in _NOT_PLACED:
        raise Refused("the order is a draft or was never paid, so nothing was bought; import it again when it is")
    status = status.removeprefix("wc-")
    if not who:
        raise Refused("the order names nobody; it has no customer number, e-mail address or phone number")
    times = {name: read_moment(said[name], options.zone, f"order {name}") for name in TIMES if name in said}
    ordered = times.get("time") or times.get("paid")
    if ordered is None:
        raise Refused("the order has no time")
    latest = max(times.values())
    about = {"order_id": said["id"]}
    bodies = [_body("Order Completed", ordered, about | _amounts(said) | _words(said, products), who)]
    if "shipped" in times:
        bodies.append(_body("Order Shipped", times["shipped"], about, who))
    if "cancelled" in times or status in _CANCELLED:
        bodies.append(_body("Order Cancelled", times.get("cancelled", latest), about, who))
    refunded = number(said["refunded"], "order refunded") if "refunded" in said else 0
    if refunded or status in _REFUNDED:
        body = _body("Order Refunded", latest, about | _refund(said, abs(refunded)), who)
        bodies.append(body | {"messageId": _refund_message(said["id"], abs(refunded))})
    return bodies


def _fields(
    rows: Sequence[Mapping[str, str]], options: ExportOptions
) -> tuple[dict[str, str], dict[str, str], list[dict[str, Any]]]:
    who: dict[str, str] = {}
    said: dict[str, str] = {}
    products = []
    for row in rows:
        product: dict[str, Any] = {}
        for column, cell in row.items():
            kind, *words = options.export.target(column).split(" ", 1)
            if kind in PEOPLE:
                who.setdefault(kind, first_value(cell))
            elif kind == "order":
                said.setdefault(words[0], cell)
            elif kind == "product":
                product.setdefault(words[0], cell)
        if product.get("name") or product.get("sku") or product.get("id"):
            products.append(_product(product))
    return who, said, products


def _product(said: Mapping[str, str]) -> dict[str, Any]:
    product: dict[str, Any] = {"product_id": said.get("id") or said.get("sku") or said["name"]}
    product |= {name: said[name] for name in ("name", "sku", "category", "brand", "variant") if name in said}
    product |= {name: number(said[name], f"product {name}") for name in ("price", "quantity") if name in said}
    return product


def _amounts(said: Mapping[str, str]) -> dict[str, Any]:
    return {name: number(said[name], f"order {name}") for name in AMOUNTS if name in said}


def _words(said: Mapping[str, str], products: list[dict[str, Any]]) -> dict[str, Any]:
    words: dict[str, Any] = {name: said[name] for name in ("currency", "coupon") if name in said}
    return words | ({"products": products} if products else {})


def _refund(said: Mapping[str, str], refunded: float) -> dict[str, Any]:
    """A refund of an import is one per order, so that a second import changes it and adds none."""
    about: dict[str, Any] = {"refund_id": f"{said['id']}-imported"}
    if "currency" in said:
        about["currency"] = said["currency"]
    return about | ({"total": refunded} if refunded else {})


def _refund_message(order: str, refunded: float) -> str:
    """Files do not say when a refund was, so an order's refunds have one time, and the greater id counts: that of the
    larger sum, as sums only grow; a refund without a sum is of the whole order."""
    cents = min(round(refunded * 100), _MOST_CENTS) if refunded else _MOST_CENTS
    digest = hashlib.blake2b(order.encode(errors="surrogatepass"), digest_size=12).hexdigest()
    return f"imported-refund-{cents:014}-{digest}"


def _body(event: str, time: str, properties: dict[str, Any], who: Mapping[str, str]) -> dict[str, Any]:
    body: dict[str, Any] = {"type": "track", "event": event, "timestamp": time, "properties": properties}
    name_people(body, who)
    body.setdefault("context", {})["active"] = False
    return body
