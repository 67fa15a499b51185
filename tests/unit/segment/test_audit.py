"""The hour's audit: what is stored, against brute force over raw events."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta

import pytest

from functions.segment import sampling
from functions.segment.audit import Auditing
from functions.segment.sampling import random_customers, size_of_segment
from shared.domain.identity.identifiers import Identifier, IdentifierType
from shared.domain.identity.keys import milliseconds
from shared.domain.profile.customer_item import Customer
from shared.domain.segments.audit import Audit, Size, newest_cycles
from shared.domain.segments.oracle import oracle_segments
from shared.stores.audits import AuditStore
from shared.stores.event_items import event_item
from tests.support.backfills import BUYERS, NEW, REGULARS, Shop16
from tests.support.cases import UNIT
from tests.support.world import KEYS, event, later

pytestmark = UNIT


def shop(count: int = 30) -> Shop16:
    world = Shop16()
    world.publish(BUYERS, NEW)
    world.customers(count)
    return world


def auditing(world: Shop16, *, meanwhile: Callable[[], None] = lambda: None) -> Auditing:
    """``meanwhile``: what happens between the first look and the second."""
    return Auditing(
        world.shop_time,
        world.store,
        world.releases,
        AuditStore(world.tables["catalog"]),
        KEYS,
        oracle_segments,
        random.Random(7),
        lambda _seconds: meanwhile(),
    )


def audit(world: Shop16, *, meanwhile: Callable[[], None] = lambda: None) -> Audit:
    return auditing(world, meanwhile=meanwhile).run(lambda: True)


def tamper(world: Shop16, segments: dict[str, int]) -> str:
    """Somebody's decision, changed behind segmentation's back."""
    root = world.live()[11]
    item = world.tables["customers"].memory.get(root, "customer")
    assert item is not None
    world.tables["customers"].memory.put({**item, "segments": segments})
    return root


def test_what_segmentation_decides_is_what_the_events_say() -> None:
    """Nobody differs, everybody of a small shop was asked, and the sizes are exact."""
    world = shop()
    found = audit(world)
    assert (found.sampled, found.left_out, dict(found.mismatches), found.roots) == (30, 0, {}, ())
    buyers = sum(number % 3 == 0 or number % 5 == 0 for number in range(30))
    assert found.sizes["buyers"] == Size(buyers)
    assert AuditStore(world.tables["catalog"]).read() == found


def test_a_wrong_membership_is_found_and_named() -> None:
    """In a segment without having bought: counted by segment, and the customer's key is kept."""
    world = shop()
    root = tamper(world, {"regulars": 5, "new": 5})
    found = audit(world)
    assert set(found.mismatches) >= {"regulars"}
    assert found.roots == (root,)


def test_a_listing_that_disagrees_is_found() -> None:
    """A member item that nobody's decision stands behind is a difference, too."""
    world = shop()
    root = next(one for one in world.live() if not world.store.control(one).members)
    world.store.put_member(root, "buyers", "2026-11-01T00:00:00.000Z")
    assert audit(world).roots == (root,)


def test_an_event_that_is_being_folded_is_no_difference() -> None:
    """Stored but not folded yet at the first look, folded at the second."""
    world = shop()
    order = event("Order Completed", ["user:u1"], id="now", trusted=True, order_id="now", total=5)

    world.tables["customers"].put(event_item(order, KEYS))
    assert audit(world, meanwhile=lambda: world.send(order)).roots == ()
    unfolded = event("Order Completed", ["user:u2"], id="lost", trusted=True, order_id="lost", total=5)
    world.tables["customers"].put(event_item(unfolded, KEYS))
    assert audit(world).mismatches["buyers"] == 1


def test_a_flip_that_is_due_has_two_minutes() -> None:
    """Nobody has fired it yet: no difference at once, a difference when it never comes."""
    world = shop()
    root = KEYS(Identifier(IdentifierType.USER, "u3"))
    customer = world.store.control(root).customer
    assert customer is not None
    assert customer.armed is not None
    due = later() + timedelta(milliseconds=customer.armed - milliseconds(later()))
    everybody = {one for one in world.live() if world.store.control(one).members.get("new")}
    world.shop_time.at = due - timedelta(seconds=1)
    assert audit(world).roots == ()
    world.shop_time.at = due + timedelta(minutes=1, seconds=59)
    assert root not in audit(world).roots
    world.shop_time.at = due + timedelta(days=2)
    found = audit(world)
    assert found.mismatches["new"] == len(everybody)


def test_who_was_decided_under_an_older_release_is_held_to_its_rules() -> None:
    """Between a release and the end of its backfill nobody is wrong."""
    world = shop()
    world.publish(REGULARS)
    world.releases.current(refresh=True)
    found = audit(world)
    assert (found.release, found.sampled, found.roots) == (2, 30, ())


def test_a_robots_log_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has more events than can be told in time is counted as left out, not compared in part."""
    monkeypatch.setattr("functions.segment.audit.MOST_EVENTS", 2)
    world = shop()
    found = audit(world)
    busy = sum((number % 3 == 0) and (number % 5 == 0) for number in range(30))
    assert (found.left_out, found.sampled, found.roots) == (busy, 30 - busy, ())


def test_the_shops_purchase_cycle_is_the_median_of_its_customers() -> None:
    """Three customers buy every 10, 20 and 60 days; who bought twice has no cycle; the hours before count, too."""
    world = shop(4)
    for who, days in (("user:x", 10), ("user:y", 20), ("user:z", 60)):
        for place in range(4):
            world.send(
                event("Order Completed", [who], at=later(days=-days * place), id=f"{who}{place}", trusted=True,
                      order_id=f"{who}{place}", total=9)
            )  # fmt: skip
    assert audit(world).purchase_cycle_days == 20.0
    assert len(audit(world).cycles) == 6
    assert newest_cycles([3.5], [1] * 1_000)[:2] == (35, 1)
    assert len(newest_cycles([3.5], [1] * 1_000)) == 1_000


def live_keys(world: Shop16, count: int) -> list[str]:
    """Live customers that are keys and nothing else: what the index holds of them."""

    kinds = (IdentifierType.ANONYMOUS, IdentifierType.ANONYMOUS, IdentifierType.USER)
    keys = [KEYS(Identifier(kinds[number % 3], f"n{number}")) for number in range(count)]
    for key in keys:
        world.store.put_customer(key, Customer(version=1, release=1), previous=0)
    return keys


def test_a_sample_is_spread_over_everybody() -> None:
    """Of three thousand customers a few requests find two hundred, as many browsers among them as there are."""
    world = Shop16()
    live_keys(world, 3_000)
    usage = world.tables["customers"].memory.usage
    usage.reset()
    found = random_customers(world.store, 200, random.Random(3))
    assert len(set(found)) == 200
    assert usage.by_operation["query"] < 80
    assert usage.read_units < 80
    assert 95 < sum(key.startswith("a.") for key in found) < 175


def test_a_large_segment_is_estimated_from_some_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    """From a thousand members on the other shards are not read, and the size is right to some percent."""
    monkeypatch.setattr(sampling, "COUNTED", 1_000)
    world = Shop16()
    for key in live_keys(world, 3_000):
        world.store.put_member(key, "buyers", "2026-11-01T00:00:00.000Z")
    size = size_of_segment(world.store, "buyers", random.Random(3))
    assert not size.exact
    assert size.members == pytest.approx(3_000, rel=0.1)
    assert size_of_segment(world.store, "nobody", random.Random(3)) == Size(0)
