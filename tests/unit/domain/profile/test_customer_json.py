"""The customer as JSON: the contract of operators, and the same text whatever the order of events."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from shared.domain.definitions.shop import Shop
from shared.domain.events.event import Event
from shared.domain.facts.facts import MAX_ACTIVITY, MAX_CATEGORIES, MAX_VIEWED, Facts, join
from shared.domain.facts.features import features
from shared.domain.facts.fold import fold
from shared.domain.facts.touches import MAX_MESSAGES, MAX_TOUCHES
from shared.domain.profile.customer_json import customer_json
from shared.domain.profile.engagement import WINDOW
from shared.domain.profile.profile import Profile
from shared.domain.profile.profile_from_facts import profile_of
from shared.domain.profile.profile_json import MOST_CATEGORIES
from tests.support.cases import UNIT, cases
from tests.support.world import NOW, event, later

pytestmark = UNIT
ISTANBUL = ZoneInfo("Europe/Istanbul")
SHOP = Shop(name="Test")


def profile(events: Sequence[Event]) -> Profile:
    return profile_of("u.x", ("u.x",), (), fold(Facts(), events, features()))


HAPPENINGS: list[tuple[str, dict[str, Any]]] = [
    ("identify", {"traits": {"birthday": "1991-04-17", "preferred_channel": "sms"}}),
    ("identify", {"traits": {"birthday": None, "city": "Bursa"}}),
    ("Product Viewed", {"product_id": "a", "category": "x"}),
    ("Order Completed", {"order_id": "o1", "total": 5, "products": [{"product_id": "a", "price": 5}]}),
    ("Order Completed", {"order_id": "o2", "total": 7}),
    ("Order Refunded", {"order_id": "o1", "total": 2}),
    ("Email Sent", {"message_id": "m1", "purpose": "marketing"}),
    ("Email Delivered", {"message_id": "m1", "purpose": "marketing"}),
    ("Email Opened", {"message_id": "m1"}),
    ("Push Notification Tapped", {}),
]


@st.composite
def stories(draw: st.DrawFn) -> list[Event]:
    """A few months of one person on several channels, every event with its own id."""
    found = []
    for serial in range(draw(st.integers(0, 12))):
        at = later(days=-draw(st.integers(0, 200)), minutes=draw(st.integers(0, 3)))
        name, said = draw(st.sampled_from(HAPPENINGS))
        found.append(event(name, ["user:1"], at=at, id=str(serial), trusted=draw(st.booleans()), **said))
    return found


@cases(30)
@given(stories(), st.randoms(use_true_random=False))
def test_the_customer_is_the_same_text_whatever_the_order(events: list[Event], rng: random.Random) -> None:
    """Shuffled, split over two identifiers' facts and delivered twice: the same JSON, key by key in the same order."""

    def text(found: Profile) -> str:
        return json.dumps(customer_json(found, (), {}, (), SHOP, NOW))

    expected = text(profile(events))
    again = [*events, *events]
    rng.shuffle(again)
    cut = rng.randint(0, len(again))
    halves = [fold(Facts(), part, features()) for part in (again[cut:], again[:cut])]
    assert text(profile_of("u.x", ("u.x",), (), join(*halves))) == expected


def test_the_contract_of_operators_stands() -> None:
    """Names and types of docs/customer.md, for somebody of whom nothing is known."""
    found = customer_json(profile([]), (), {}, (), SHOP, NOW)
    assert list(found["profile"]) == ["demographic", "behavioural", "engagement"]
    assert set(found) - {"profile", "preferred_channel_because"} == {
        "id", "identifiers", "traits", "consent", "segments", "cart", "wishlist", "orders", "preferred_channel",
        "active_hours", "journeys",
    }  # fmt: skip
    assert set(found["orders"]) >= {"count", "total", "average", "first_at", "last_at", "cycle_days"}
    assert (found["active_hours"], found["preferred_channel"]) == ([], None)


def test_the_newest_provisional_orders_are_shown() -> None:
    """Twenty of them, however many were reported."""
    told = [
        event("Order Completed", ["user:1"], at=later(minutes=n), trusted=False, order_id=f"o{n}") for n in range(50)
    ]
    facts = fold(Facts(), told, replace(features(), orders_from="trusted"))
    found = customer_json(profile_of("u.x", ("u.x",), (), facts), (), {}, (), SHOP, NOW)
    assert [one["id"] for one in found["orders"]["provisional"]] == [f"o{n}" for n in range(30, 50)]


def test_every_field_is_described() -> None:
    """docs/customer.md names each field that a customer shows, and its bounds are those of the code."""
    said = Path("docs/customer.md").read_text("utf-8")
    events = [event(name, ["user:1"], id=f"{place}", **more) for place, (name, more) in enumerate(HAPPENINGS)]

    def names(part: Any) -> set[str]:
        if isinstance(part, dict):
            return set(part) | {name for inner in part.values() for name in names(inner)}
        return {name for inner in part for name in names(inner)} if isinstance(part, list) else set()

    found = customer_json(profile(events), (), {}, (), SHOP, NOW)
    shown = set(found) | names(found["profile"]) | names(found["preferred_channel_because"]) | set(found["orders"])
    assert {name for name in shown - {"web"} if not re.search(rf"[`.\"]{name}\b", said)} == set()
    [example] = re.findall(r"```json\n(.*?)```", said, re.DOTALL)
    answer = json.loads(example)
    assert set(answer) <= set(found)
    assert set(answer["orders"]) <= set(found["orders"])
    for number in (MAX_MESSAGES, MAX_TOUCHES):
        assert f"newest {number}" in said
    assert f"the newest {MAX_ACTIVITY} hours" in said
    assert f"the last {MAX_VIEWED} different products" in said
    assert f"the last {MAX_CATEGORIES} different categories" in said
    assert f"At most {MOST_CATEGORIES}" in said
    assert f"last {WINDOW.days} days" in said
