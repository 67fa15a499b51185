"""Orders, put together from everything that was said about each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from shared.domain.events.event import Event, EventType
from shared.domain.facts import values
from shared.domain.identity.keys import milliseconds

MOST_PRODUCTS = 50
STORE_RETURN, SAME_MONEY = "store-return-", timedelta(days=14)
NAMES = ("Order Completed", "Order Updated", "Order Cancelled", "Order Refunded", "Order Shipped", "Order Delivered")


@dataclass(frozen=True)
class Bought:
    """A completed order. ``total`` is None if nobody said it; ``state`` is what is known, whenever it was dated."""

    at: datetime
    state: str
    total: Decimal | None
    currency: str
    channel: str
    coupon: str
    categories: tuple[str, ...]
    refunded: bool
    shipped: bool
    delivered: bool


def orders_of(events: Sequence[Event], orders_from: str = "any") -> list[Bought]:
    """Every order that was completed, oldest first. With ``trusted`` only those that a trusted source named: what it
    says counts, and of what others say the ``Order Completed`` that came first, if it told none itself."""
    about: dict[str, list[Event]] = {}
    for event in events:
        if event.type is EventType.TRACK and event.name.startswith("Order "):
            about.setdefault(_order_id(event), []).append(event)
    if orders_from == "trusted":
        about = {name: _by_trusted(told) for name, told in about.items()}
    found = [order for told in about.values() if (order := _order(told)) is not None]
    return sorted(found, key=lambda order: order.at)


def confirmed_reports(events: Sequence[Event]) -> list[Event]:
    """Of public sources: every ``Order Completed`` that counts because a trusted one said something else of the order.
    Of several the one that came first."""
    found: dict[str, Event] = {}
    named = {_order_id(one) for one in events if one.trusted and _is_about_order(one)}
    complete = {_order_id(one) for one in events if one.trusted and one.name == "Order Completed"}
    for one in events:
        if not one.trusted and one.name == "Order Completed" and one.type is EventType.TRACK:
            order = _order_id(one)
            if order in named - complete:
                first = found.setdefault(order, one)
                found[order] = min(first, one, key=lambda told: (milliseconds(told.received_at), told.id))
    return list(found.values())


def _by_trusted(told: Sequence[Event]) -> list[Event]:
    trusted = [one for one in told if one.trusted and one.name in NAMES]
    return sorted([*trusted, *confirmed_reports(told)], key=lambda one: (one.time, one.id))


def _is_about_order(event: Event) -> bool:
    return event.type is EventType.TRACK and event.name in NAMES


def _order_id(event: Event) -> str:
    return values.id_of(event.properties.get("order_id")) or event.id


def _order(told: Sequence[Event]) -> Bought | None:
    """``told`` is in the order of time."""
    completed = _named(told, "Order Completed")
    if not completed:
        return None
    described = [one for one in told if one.name in ("Order Completed", "Order Updated")]
    total = _latest(described, _total)
    refunds = _refunds(
        {values.id_of(one.properties.get("refund_id")) or one.id: one for one in told if _is_refund(one)}
    )
    return Bought(
        at=completed[0].time,
        state=_state(told, total, list(refunds.values())),
        total=total,
        currency=_latest(described, lambda one: values.text(one.properties.get("currency"), 3).upper()) or "",
        channel=_latest(completed, lambda one: one.channel) or "",
        coupon=_latest(described, lambda one: values.text(one.properties.get("coupon"), 100)) or "",
        categories=tuple(_latest(described, _categories) or ()),
        refunded=any(amount is None or amount > 0 for amount in refunds.values()),
        shipped=bool(_named(told, "Order Shipped")),
        delivered=bool(_named(told, "Order Delivered")),
    )


def _named(told: Sequence[Event], name: str) -> list[Event]:
    return [one for one in told if one.name == name]


def _is_refund(event: Event) -> bool:
    return event.name == "Order Refunded"


def _latest(told: Sequence[Event], said: Callable[[Event], Any]) -> Any:
    """The latest thing that a trusted source said, else the latest that a public one said; None if nobody did."""
    words = [(one.trusted, said(one)) for one in told]
    words = [(trusted, word) for trusted, word in words if word not in (None, "", {})]
    trusted_words = [word for trusted, word in words if trusted]
    return (trusted_words or [word for _, word in words] or [None])[-1]


def _total(event: Event) -> Decimal | None:
    said = values.money(event.properties.get("total")) or values.money(event.properties.get("revenue"))
    return None if said is None else Decimal(said)


def _categories(event: Event) -> dict[str, None]:
    """Of the products that were listed; of a product that is listed twice the last word counts."""
    by_product: dict[str, str] = {}
    for product in values.products(event.properties):
        name = values.product_id(product)
        if name:
            by_product[name] = values.text(product.get("category"), 60)
    return dict.fromkeys(list(by_product.values())[:MOST_PRODUCTS])


def _refunds(told: Mapping[str, Event]) -> dict[str, Decimal | None]:
    """What was given back, by refund; of a return in store and the shop's own refund of the same sum the latter."""
    found = {id_: _refund(event) for id_, event in told.items()}
    oldest = sorted(told, key=lambda id_: (told[id_].time, told[id_].id))
    shops = [id_ for id_ in oldest if not id_.startswith(STORE_RETURN)]
    for id_ in oldest:
        if not id_.startswith(STORE_RETURN) or found[id_] is None:
            continue
        for other in shops:
            if found[other] == found[id_] and abs(told[other].time - told[id_].time) <= SAME_MONEY:
                shops.remove(other)
                del found[id_]
                break
    return found


def _refund(event: Event) -> Decimal | None:
    """What was given back: the sum that is named, else that of the products, else (None) everything."""
    for name in ("total", "amount", "revenue"):
        said = values.money(event.properties.get(name))
        if said is not None:
            return Decimal(said)
    parts = list(values.products(event.properties))
    paid = [(values.amount(part.get("price")), values.quantity(part.get("quantity"))) for part in parts]
    if not parts or any(price is None for price, _ in paid):
        return None
    amount = sum((price or Decimal(0)) * count for price, count in paid)
    said = values.money(str(amount))
    return None if said is None else Decimal(said)


def _state(told: Sequence[Event], total: Decimal | None, refunds: Sequence[Decimal | None]) -> str:
    """A part of a total that nobody knows is a part; only a refund of everything is the whole then."""
    if _named(told, "Order Cancelled"):
        return "cancelled"
    if any(amount is None for amount in refunds):
        return "fully_refunded"
    known = [amount for amount in refunds if amount is not None]
    return "fully_refunded" if known and total is not None and sum(known) >= total else "completed"
