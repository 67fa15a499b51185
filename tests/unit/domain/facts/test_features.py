"""What facts keep because a definition asks for it, against brute force over the raw events."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.definitions.value_test import ValueTest, feature_key
from shared.domain.events.event import Event
from shared.domain.facts import facts as facts_module
from shared.domain.facts.encoding import decode, encode
from shared.domain.facts.facts import Facts, join
from shared.domain.facts.features import AHEAD, features
from shared.domain.facts.fold import Features, Filtered, fold
from shared.domain.profile.profile import Profile
from shared.domain.profile.profile_from_facts import profile_of
from tests.support.cases import UNIT, cases
from tests.support.world import NOW, event

pytestmark = UNIT

SHOES = {"category": ValueTest.model_validate({"is": "Shoes"}), "price": ValueTest.model_validate({"at_least": 5})}
SHOES_KEY = feature_key("Product Viewed", SHOES)
ASKED = features(
    {"Product Viewed": 4},
    {"Product Viewed": [Filtered(SHOES_KEY, SHOES, 3)]},
    {"Product Viewed": ["product_id", "tags.name"]},
)
DEVICES = ("ios", "android", "")


def profile(events: Sequence[Event], asked: Features = ASKED) -> Profile:
    """What is remembered, through the bytes that are stored."""
    return profile_of("u.1", ("u.1",), (), decode(encode(fold(Facts(), events, asked))))


views = st.lists(
    st.tuples(
        st.integers(0, 8),
        st.sampled_from(["Shoes", "SHOES", "Hats", None]),
        st.integers(3, 7),
        st.integers(0, 4),
        st.integers(0, 2),
        st.booleans(),
    ),
    max_size=16,
)


def viewed(rows: list[tuple[int, str | None, int, int, int, bool]]) -> list[Event]:
    return [
        event(
            "Product Viewed",
            ["user:u"],
            at=NOW + timedelta(minutes=20 * slot),
            id=str(number),
            trusted=trusted,
            context={"device": {"type": DEVICES[device]}, "active": device > 0},
            category=category,
            price=price,
            product_id=product,
            tags=[{"name": f"t{product}"}, {"name": f"p{price}"}, {"name": True}],
        )
        for number, (slot, category, price, product, device, trusted) in enumerate(rows)
    ]


@cases(30)
@given(views)
def test_what_is_asked_for_is_what_happened(rows: list[tuple[int, str | None, int, int, int, bool]]) -> None:
    """Newest occurrences that pass the tests, values with their newest time, channels used: as the raw events say."""
    events = viewed(rows)
    found = profile(events)
    newest = sorted(((one.time, one.id) for one in events), reverse=True)
    assert found.seen.get("Product Viewed", ()) == tuple(newest[:4])
    shoes = [
        (one.time, one.id)
        for one in events
        if one.properties["category"] in ("Shoes", "SHOES") and one.properties["price"] >= 5
    ]
    assert found.seen.get(SHOES_KEY, ()) == tuple(sorted(shoes, reverse=True)[:3])
    assert found.first_seen.get(SHOES_KEY) == min((when for when, _ in shoes), default=None)
    products: dict[str, datetime] = {}
    names: dict[str, datetime] = {}
    used: dict[tuple[str, str], datetime] = {}
    for one in sorted(events, key=lambda one: one.time):
        products[str(one.properties["product_id"])] = one.time
        names |= {f"t{one.properties['product_id']}": one.time, f"p{one.properties['price']}": one.time}
        if one.context["active"]:
            used[one.channel, one.context["device"]["type"]] = one.time.replace(minute=0)
    assert found.keyed.get(("Product Viewed", "product_id"), {}) == products
    assert found.keyed.get(("Product Viewed", "tags.name"), {}) == names
    assert found.used == tuple(sorted(((when, *where) for where, when in used.items()), reverse=True))


@cases(20)
@given(st.lists(st.tuples(st.sampled_from([1, 2, 3, 9]), views), min_size=3, max_size=3))
def test_facts_of_different_releases_join_by_the_same_laws(
    parts: list[tuple[int, list[tuple[int, str | None, int, int, int, bool]]]],
) -> None:
    """Members folded for fewer occurrences than others: one outcome, whoever is joined first, and it is readable."""
    a, b, c = (fold(Facts(), viewed(rows), features({"Product Viewed": keep})) for keep, rows in parts)
    whole = {encode(join(join(*pair), last)) for *pair, last in permutations((a, b, c))}
    assert whole | {encode(join(a, join(b, c))), encode(join(a, b, c, a))} == whole
    assert len(whole) == 1
    both = decode(whole.pop())
    assert both == join(a, b, c)
    stamps = {stamp for one in (a, b, c) for seen in one.seen.values() for stamp in seen.newest}
    assert all(set(seen.newest) <= stamps for seen in both.seen.values())
    newest = max(stamps, default=None)
    assert newest is None or profile_of("u", (), (), both).seen["Product Viewed"][0][1] == newest[1]


def test_many_values_leave_the_newest() -> None:
    """Of 60 values of a property 50 are kept, and of one event's list as many."""
    asked = features(keyed={"Seen": ["v", "list"]})
    events = [event("Seen", ["user:u"], at=NOW + timedelta(minutes=n), v=n, list=list(range(60))) for n in range(60)]
    kept = profile(events, asked).keyed
    assert set(kept["Seen", "v"]) == {str(n) for n in range(10, 60)}
    assert len(kept["Seen", "list"]) == 50


def test_the_channels_used_outlive_the_hours() -> None:
    """The hours of activity are bounded; where somebody was last is known much longer, up to 32 kinds."""
    web = [event("Page Viewed", ["user:u"], at=NOW + timedelta(hours=n)) for n in range(60)]
    till = event("Page Viewed", ["user:u"], at=NOW, trusted=True, context={"device": {"type": "POS"}})
    found = profile([*web, till])
    assert (NOW, "store", "pos") not in found.activity
    assert found.used == ((NOW + timedelta(hours=59), "web", ""), (NOW, "store", "pos"))
    many = [
        event("Page Viewed", ["user:u"], at=NOW + timedelta(hours=n), context={"device": {"type": f"d{n}"}})
        for n in range(facts_module.MAX_USED + 8)
    ]
    assert len(profile(many).used) == facts_module.MAX_USED
    whole = fold(Facts(), many, ASKED)
    assert decode(encode(whole)) == whole


def test_what_comes_back_from_our_own_channels_is_no_use() -> None:
    """Feedback and what a program did in the background say nothing about where somebody is."""
    quiet = event("Push Notification Received", ["user:u"], context={"active": False})
    assert profile([quiet]).used == ()


@pytest.mark.parametrize(("ahead", "exact"), [(AHEAD, True), (AHEAD + 1, False)])
def test_what_is_dated_ahead_takes_places(ahead: int, exact: bool) -> None:
    """At least 2 in 7 days needs the newest 3 and eight more: so many dated ahead hide nothing that counts now."""
    past = [event("Quiz", ["user:u"], at=NOW - timedelta(hours=n), id=f"p{n}") for n in (1, 2, 3)]
    early = [event("Quiz", ["user:u"], at=NOW + timedelta(hours=n), id=f"a{n}") for n in range(1, ahead + 1)]
    kept = profile([*past, *early], features({"Quiz": 3 + AHEAD})).seen["Quiz"]
    counting = [when for when, _ in kept if when <= NOW]
    assert len(counting) == (3 if exact else 2)
    without = profile([*past, *early], features({"Quiz": 3})).seen["Quiz"]
    assert [when for when, _ in without if when <= NOW] == []


def shipped(minutes: int, /, *, trusted: bool = True, name: str = "Order Shipped", **said: Any) -> Event:
    at = NOW + timedelta(minutes=minutes)
    return event(name, ["user:u"], at=at, id=f"{name}{minutes}", trusted=trusted, order_id="o", **said)


def test_a_parcel_is_tracked_by_what_a_trusted_source_said_together() -> None:
    """Number, link and carrier of the newest word; a public source's link is never shown, half a link is none."""
    done = event("Order Completed", ["user:u"], trusted=True, order_id="o", total=5)
    full: dict[str, Any] = {"tracking_number": "TR1", "tracking_url": "https://x.example/TR1", "carrier": "Aras"}
    assert profile([done, shipped(1, **full)]).orders[0].details == full
    public = shipped(2, trusted=False, tracking_url="https://evil.example/")
    assert profile([done, public]).orders[0].details == {}
    assert profile([done, shipped(1, **full), public]).orders[0].details == full
    again = shipped(3, name="Order Updated", tracking_number="TR2", tracking_url="https://x.example/" + "y" * 300)
    found = profile([done, shipped(1, **full), again]).orders[0]
    assert (found.details, found.total) == ({"tracking_number": "TR2"}, Decimal(5))
    assert profile([done, shipped(1, tracking_url="javascript:alert(1)")]).orders[0].details == {}
    assert profile([done, shipped(1, **full), shipped(4)]).orders[0].details == full


def test_what_a_program_opened_passes_no_test() -> None:
    """Opens and clicks of programs are apart, whatever their properties are."""
    asked = features(
        {"Email Opened": 3},
        {"Email Opened": [Filtered("Email Opened?x", {"purpose": ValueTest.model_validate({"is": "marketing"})}, 3)]},
        {"Email Opened": ["message_id"]},
    )
    said: dict[str, Any] = {"purpose": "marketing", "message_id": "m"}
    human = event("Email Opened", ["user:u"], id="1", **said)
    proxy = event("Email Opened", ["user:u"], id="2", at=NOW + timedelta(hours=1), machine=True, **said)
    found = profile([human, proxy], asked)
    assert found.seen["Email Opened?x"] == found.seen["Email Opened"] == ((NOW, human.id),)
    assert found.keyed["Email Opened", "message_id"] == {"m": NOW}
