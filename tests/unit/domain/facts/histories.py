"""Random and hostile events of one identifier, and the facts and the profile that they make."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from shared.domain.definitions.value_test import ValueTest
from shared.domain.events.event import Event
from shared.domain.facts.encoding import encode
from shared.domain.facts.facts import Facts
from shared.domain.facts.features import features
from shared.domain.facts.fold import Filtered, fold
from shared.domain.profile.profile import Profile
from shared.domain.profile.profile_from_facts import profile_of
from tests.support.world import NOW, event

PRICEY = {"price": ValueTest(exactly="9.9")}

KEEP = features(
    {"Product Viewed": 3},
    {"Product Added": [Filtered("Product Added?pricey", PRICEY, 2)]},
    {"Product Added": ["product_id"], "Cart Updated": ["products.product_id", "quantity"]},
)

NAMES = [
    "Product Added", "Product Removed", "Product Quantity Changed", "Cart Updated", "Order Completed", "Order Updated",
    "Order Cancelled", "Order Refunded", "Order Shipped", "Order Delivered", "Product Added to Wishlist",
    "Product Removed from Wishlist", "Product Viewed", "Complaint Opened", "Complaint Closed", "Return Requested",
    "Return Completed", "identify", "Product Alert Requested", "Product Alert Cancelled", "Product Back in Stock",
    "Picked Up", "Email Delivered", "Email Opened", "Email Link Clicked", "SMS Delivery Failed",
]  # fmt: skip

hostile = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=()), max_size=8)
    | st.sampled_from(
        ["1", "-1", "1e999999", "1e-999999999", "sNaN", "Infinity", "１２", "0.005", "__proto__", "#", " "]
    ),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=3,
)

quantities = st.sampled_from([0, 1, 2, 3, "2", 2.9]) | hostile

ids = st.sampled_from(["a", "b", "c", "d"])


@st.composite
def said(draw: st.DrawFn) -> Event:
    """One event at one of a few instants, so that ties happen; its properties are sane or hostile."""
    name = draw(st.sampled_from(NAMES))
    product = {"product_id": draw(ids | hostile), "quantity": draw(quantities), "price": draw(st.just("9.9") | hostile)}
    properties: dict[str, Any] = {**product, "order_id": draw(st.sampled_from(["o1", "o2"]) | hostile)}
    if draw(st.booleans()):
        properties["products"] = draw(st.lists(st.just(product), max_size=2) | hostile)
    if draw(st.booleans()):
        properties["total"] = draw(st.sampled_from([0, 5, "7.5"]) | hostile)
    if draw(st.booleans()):
        properties["refund_id"] = draw(st.sampled_from(["r1", "r2"]) | hostile)
    if draw(st.booleans()):
        properties["case_id"] = draw(ids | hostile)
        properties["location"] = draw(ids | hostile)
        properties["tracking_url"] = draw(st.just("https://x/1") | hostile)
    if draw(st.booleans()):
        properties["message_id"] = draw(ids | hostile)
        properties["purpose"] = draw(st.just("marketing") | hostile)
    return event(
        name,
        ["user:u"],
        at=NOW + timedelta(minutes=draw(st.integers(0, 6))),
        id=str(draw(st.integers(0, 40))),
        trusted=draw(st.booleans()),
        traits={draw(ids): draw(hostile)} if draw(st.booleans()) else {},
        context={
            "device": draw(st.builds(dict, token=ids, type=st.sampled_from(["iOS", "android", "pos"])) | hostile),
            "timezone": draw(hostile),
        },
        **properties,
    )


histories = st.lists(said(), max_size=12)


def of(events: list[Event]) -> Facts:
    return fold(Facts(), events, KEEP)


def seen(facts: Facts) -> Profile:
    return profile_of("u.1", ("u.1",), (), facts)


def at(minutes: float, name: str, /, **more: Any) -> Event:
    return event(name, ["user:u"], at=NOW + timedelta(minutes=minutes), id=f"{name}{minutes}{more}", **more)


def shown(*events: Event) -> Profile:
    """The profile of these events, after making sure that their order does not matter."""
    facts = of(list(events))
    assert encode(of(list(reversed(events)))) == encode(facts)
    return seen(facts)


def add(minutes: float, product: str, count: Any = 1) -> Event:
    return at(minutes, "Product Added", product_id=product, quantity=count)
