"""The same events give the same customers, whatever happens to them on the way."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.e2e.conftest import Kervan

pytestmark = pytest.mark.e2e
PEOPLE, EVENTS = 12, 240
"""A part of the acceptance's size, for its time; `make test-long` runs the whole."""


def story(prefix: str, people: int, events: int, start: datetime) -> list[dict[str, Any]]:
    """Events of people on two devices each: views, carts, orders, sign-ins; ids begin with ``prefix``."""
    pick = random.Random(7)
    found = []
    for number in range(events):
        person, device = number % people, pick.randrange(2)
        at = (start + timedelta(seconds=number)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        event: dict[str, Any] = {
            "messageId": f"{prefix}-{number}",
            "timestamp": at,
            "anonymousId": f"{prefix}-b{person}-{device}",
        }
        product = {"product_id": f"p{pick.randrange(5)}", "quantity": pick.randrange(1, 4), "price": 10}
        match pick.randrange(6):
            case 0:
                event |= {
                    "type": "identify",
                    "userId": f"{prefix}-u{person}",
                    "traits": {"city": f"c{pick.randrange(9)}"},
                }
            case 1 | 2:
                event |= {"type": "track", "event": "Product Added", "properties": product}
            case 3:
                event |= {"type": "track", "event": "Product Removed", "properties": product}
            case 4:
                order = {
                    "order_id": f"{prefix}-o{number % 37}",
                    "total": number,
                    "currency": "TRY",
                    "products": [product],
                }
                event |= {"type": "track", "event": "Order Completed", "properties": order}
            case _:
                event |= {"type": "page", "name": "p"}
        found.append(event)
    # Whoever was never signed in by chance is signed in at the end, on both devices.
    for person in range(people):
        for device in range(2):
            at = (start + timedelta(seconds=events + person)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
            found.append(
                {"type": "identify", "messageId": f"{prefix}-end-{person}-{device}", "timestamp": at,
                 "userId": f"{prefix}-u{person}", "anonymousId": f"{prefix}-b{person}-{device}"}
            )  # fmt: skip
    return found


def told(kervan: Kervan, prefix: str, people: int) -> list[Any]:
    """The customers without what names them, comparable between two runs."""
    found = []
    for person in range(people):
        customer = kervan.customer(f"user:{prefix}-u{person}")
        kept = {name: customer[name] for name in ("traits", "cart", "wishlist", "orders", "segments", "active_hours")}
        kept["identifiers"] = sorted(name.replace(prefix, "") for name in customer["identifiers"])
        kept["segments"] = sorted(kept["segments"])
        found.append(kept)
    return found


def post(kervan: Kervan, batch: list[dict[str, Any]]) -> None:
    """The page reports everything but orders, which the server does: a page's own word on orders does not count."""
    orders = [event for event in batch if event.get("event") == "Order Completed"]
    for channel, part in (("web", [event for event in batch if event not in orders]), ("server", orders)):
        if part:
            kervan.channel(channel).post("batch", {"batch": part})


def check(kervan: Kervan, name: str, people: int, events: int) -> None:
    start = kervan.now() - timedelta(hours=2)
    in_order = story(f"a{name}", people, events, start)
    for place in range(0, len(in_order), 25):
        post(kervan, in_order[place : place + 25])
    shuffled = story(f"b{name}", people, events, start) * 3
    pick = random.Random(11)
    pick.shuffle(shuffled)
    while shuffled:
        size = pick.randrange(1, 26)
        batch, shuffled = shuffled[:size], shuffled[size:]
        post(kervan, batch)
    kervan.settle()
    expected = told(kervan, f"a{name}", people)
    assert sum(customer["orders"]["count"] for customer in expected) > people / 2
    assert told(kervan, f"b{name}", people) == expected


def test_three_times_in_random_order_and_batches_equals_once_in_order(kervan: Kervan, name: str) -> None:
    """240 events of 12 people on two devices each."""
    check(kervan, name, PEOPLE, EVENTS)


@pytest.mark.long
def test_the_same_with_2000_events_of_100_people(kervan: Kervan, name: str) -> None:
    """The size of the acceptance."""
    check(kervan, name, 100, 2000)
