"""Random people on random devices: the histories that the property tests send in every order."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from shared.domain.events.event import Event
from tests.support.world import NOW, event

USERS = [f"user:u{number}" for number in range(3)]
BROWSERS = [f"anonymous:a{number}" for number in range(3)]
DEVICES = [f"device:d{number}" for number in range(2)]
CARDS = [f"loyalty:L{number}" for number in range(2)]
MAILS = [f"email:m{number}@example.com" for number in range(2)]
PRODUCTS = ["shirt", "shoes", "scarf"]
ORDERS = ["o1", "o2", "o3"]


@st.composite
def events(draw: st.DrawFn) -> Event:
    """One event of one of a few people, within some months, on whatever identifiers came along."""
    trusted = draw(st.booleans())
    who = draw(
        st.lists(st.sampled_from(BROWSERS + DEVICES), min_size=0, max_size=2, unique_by=lambda one: one.split(":")[0])
    )
    if draw(st.booleans()):
        who.append(draw(st.sampled_from(USERS)))
    if trusted and draw(st.booleans()):
        who.append(draw(st.sampled_from(CARDS)))
    if draw(st.integers(0, 3)) == 0:
        who.append(draw(st.sampled_from(MAILS)))
    if not who:
        who = [draw(st.sampled_from(USERS + BROWSERS))]
    minutes = draw(st.sampled_from([0, 0, 1, 2, 60, 1440])) + 1440 * draw(st.sampled_from([-120, -91, -31, -5, -1, 0]))
    at = NOW + timedelta(minutes=minutes)
    name, said = draw(_content())
    serial = str(draw(st.integers(0, 10_000)))
    alias = None
    if trusted and any(one.startswith("user:") for one in who) and draw(st.integers(0, 4)) == 0:
        alias = draw(st.sampled_from(USERS))
    return event(name, who, at=at, id=serial, trusted=trusted, alias_of=alias, **said)


@st.composite
def _content(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    product = draw(st.sampled_from(PRODUCTS))
    order = draw(st.sampled_from(ORDERS))
    match draw(st.integers(0, 10)):
        case 0:
            return "identify", {"traits": {"name": draw(st.sampled_from(["Ayşe", "Mehmet"])), "city": None}}
        case 1 | 2:
            return "Product Added", {"product_id": product, "quantity": draw(st.integers(0, 3)), "price": "10.5"}
        case 3:
            return "Product Removed", {"product_id": product}
        case 4:
            listed = [{"product_id": product, "quantity": draw(st.integers(0, 2))}]
            return "Cart Updated", {"products": draw(st.sampled_from([[], listed]))}
        case 5:
            listed = draw(st.sampled_from([[], [{"product_id": product, "quantity": 1, "price": 5}]]))
            return "Order Completed", {"order_id": order, "total": draw(st.integers(0, 99)), "products": listed}
        case 6:
            return "Order Refunded", {"order_id": order, "total": draw(st.sampled_from([None, 5, 99]))}
        case 7:
            return "Order Cancelled", {"order_id": order}
        case 8:
            wished = draw(st.sampled_from(["Product Added to Wishlist", "Product Removed from Wishlist"]))
            return wished, {"product_id": product}
        case 9:
            asked = draw(st.sampled_from(["Product Alert Requested", "Product Alert Cancelled"]))
            return asked, {"product_id": product}
        case _:
            return "Product Viewed", {"product_id": product}


def histories(longest: int = 14) -> st.SearchStrategy[list[Event]]:
    """Histories without two different events of one key: a channel that reuses an id breaks its own word."""
    return st.lists(events(), min_size=1, max_size=longest, unique_by=lambda one: (one.message_id, one.trusted))


def _signed_in(who: list[str], name: str, *, trusted: bool = False) -> Event:
    at = NOW - timedelta(days=120)
    return event("identify", who, at=at, id=name, trusted=trusted, traits={"name": "Ayşe", "city": None})


FORMER_OWNER = [
    _signed_in(["email:m0@example.com"], "1"),
    _signed_in(["device:d1", "anonymous:a0"], "1", trusted=True),
    _signed_in(["device:d0", "anonymous:a2", "email:m0@example.com"], "3"),
    _signed_in(["email:m0@example.com"], "2"),
    _signed_in(["anonymous:a1", "user:u0"], "0"),
    _signed_in(["anonymous:a0", "user:u0", "email:m1@example.com"], "0", trusted=True),
]
"""``a0`` moves from ``d1`` to ``u0``. One consumer decides ``d1`` because of it and dies before he tells that; the
other one has told the same move and marks it as done."""
