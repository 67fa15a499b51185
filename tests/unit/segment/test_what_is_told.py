"""What a customer's write tells schedule, audiences and the lake, where the past or the person's rights decide it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Literal

import pytest

from functions.segment.release import NewerRelease
from functions.segment.service import Segmentation
from shared.adapters.memory_lake import MemoryLake
from shared.domain.consent.consent import Consent
from shared.domain.consent.consent_events import ConsentRecord
from shared.domain.events.event import Event
from shared.domain.facts.fold import Features
from shared.domain.identity.claims import LINK_RELEASED, Claim
from shared.domain.identity.keys import milliseconds
from shared.domain.privacy.erasure import Erasure
from shared.domain.privacy.held_rights import Held, Mark
from shared.domain.profile.customer_item import Customer
from shared.stores.consent_items import consent_items
from shared.stores.customers import Hint
from shared.stores.erasures import put_marks
from shared.stores.lake_rows import LakeRows
from shared.stores.right_marks import put_right_marks
from tests.support.world import KEYS, NOW, Rules, World, batches, event, later
from tests.unit.segment.deployment import key
from tests.unit.segment.test_consent_changes import BUYERS, handed_to_audiences
from tests.unit.segment.test_release import word

pytestmark = pytest.mark.unit
USER, ADDRESS = key("user:u"), key("email:g@x.org")


def order(who: str, number: str = "o", **more: Any) -> Event:
    return event("Order Completed", [who], id=f"order-{number}", trusted=True, order_id=number, total=1, **more)


def customer(world: World, home: str = USER) -> Customer:
    found = world.store.control(home).customer
    assert found is not None
    return found


def test_what_ended_while_somebody_else_owned_it_was_not_left() -> None:
    """The address was new when the user got it; when it is its own again, that has ended unheard."""
    world = World()
    world.send(order("email:g@x.org"))
    world.send(event("identify", ["user:u", "email:g@x.org"], id="in", trusted=True))
    assert customer(world, ADDRESS).left == ("new",)
    world.now = NOW + timedelta(days=40)
    world.send(word(LINK_RELEASED, "email:g@x.org", "user:u", 60 * 24 * 40))
    again = customer(world, ADDRESS)
    assert (again.state, again.segments, again.left, again.left_at) == ("live", {}, (), {})


def test_since_when_a_membership_is_follows_what_is_told_late() -> None:
    """A first order of five days ago is heard of only now, by an event or by a browser that turns out to be his."""
    for late in (
        [order("user:u", "first", at=later(days=-5))],
        [order("anonymous:a", "first", at=later(days=-5)), event("identify", ["user:u", "anonymous:a"], id="in")],
    ):
        world = World()
        world.send(order("user:u", "second", at=later(days=-1)))
        assert customer(world).segments == {"new": milliseconds(later(days=-1))}
        for one in late:
            world.send(one)
        assert customer(world).segments == {"new": milliseconds(later(days=-5))}


def test_who_restricted_is_not_told_of() -> None:
    """His events are kept; no journey hears of them, and his memberships stay as they are."""
    world = World()
    world.send(order("user:u"))
    put_right_marks(world.table, [USER], Mark(Held.RESTRICT, "c1", USER, NOW))
    world.send(event("Product Viewed", ["user:u"], product_id="x"))
    assert (customer(world).version, customer(world).events, set(customer(world).segments)) == (2, (), {"new"})


def test_who_leaves_the_segment_of_an_audience_is_handed_on() -> None:
    """When he enters, and when his only order is cancelled."""
    cancelled = event("Order Cancelled", ["user:42"], trusted=True, order_id="o")
    assert handed_to_audiences(order("user:42"), cancelled) == [key("user:42")] * 2


def test_a_timer_that_fires_late_decides_for_the_moment_in_which_it_fires() -> None:
    """Nothing ran for months: the customer is at risk already, and no timer is left for it."""
    world = World()
    world.send(order("user:u"))
    now = NOW + timedelta(days=95)
    assert world.segmentation.flip(USER, later(days=30), now)
    assert (set(customer(world).segments), customer(world).armed) == ({"at-risk"}, None)


def test_an_older_release_decides_nobody_whom_a_newer_one_absorbed() -> None:
    """Its worker stops until it knows the newer release, also if the identifier is its own again."""
    world = World(rules=Rules(number=2))
    world.send(order("email:g@x.org"))
    world.send(event("identify", ["user:u", "email:g@x.org"], id="in", trusted=True))
    assert (customer(world, ADDRESS).state, customer(world, ADDRESS).release) == ("absorbed", 2)
    world.send(word(LINK_RELEASED, "email:g@x.org", "user:u", 60))
    world.rules = Rules(number=1)
    with pytest.raises(NewerRelease):
        world.segmentation.decide(ADDRESS, world.now)


def test_each_live_customer_of_an_invocation_may_begin_journeys() -> None:
    """Two people with live events and one with imported ones: of the last alone it is history."""
    world = World()
    said = [event("Product Viewed", [f"user:{who}"], product_id="x") for who in ("a", "b")]
    world.send(*said, event("Product Viewed", ["user:c"], product_id="x", context={"history": True}))
    found = {who: customer(world, key(f"user:{who}")).history for who in ("a", "b", "c")}
    assert found == {"a": False, "b": False, "c": True}


def test_all_events_of_people_who_were_erased_are_refused() -> None:
    """Of each of them, also if somebody else's events are kept."""
    world = World()
    erasure = Erasure("e1", (USER, ADDRESS), NOW, "operator")
    put_marks(world.table, erasure, erasure.homes)
    said = [event("Product Viewed", [who], product_id="x") for who in ("user:u", "email:g@x.org", "user:w")]
    refused = world.segmentation.fold(batches(said), world.now)
    assert [str(one.owner) for one in refused] == ["user:u", "email:g@x.org"]
    assert customer(world, key("user:w")).events


def test_the_lake_is_told_whose_each_event_is() -> None:
    """Two customers in one invocation, one of them with an address of his; a page's order is marked as such."""
    world = World(rules=Rules(features=Features(orders_from="trusted")))
    world.send(event("identify", ["user:u", "email:g@x.org"], id="in", trusted=True))
    said = [event("Product Viewed", [who], id=who, product_id="x") for who in ("email:g@x.org", "user:w")]
    said.append(event("Order Completed", ["user:w"], id="page", order_id="o", total=1))
    world.store_only(said)
    lake, rows, segmentation = told(world)
    segmentation.fold(batches(said), world.now)
    rows.flush()
    found = [(row["home"], row["root"], row.get("provisional", False)) for row in lake.rows("events")]
    other = key("user:w")
    assert found == [(ADDRESS, USER, False), (other, other, False), (other, other, True)]


@pytest.mark.parametrize("state", ["live", "absorbed"])
def test_who_was_left_as_he_was_by_a_crash_is_raised(state: Literal["live", "absorbed"]) -> None:
    """Live though he has an owner, or absorbed though he has none: the release that he was decided under is no sign
    that he stands as he should."""
    world = World()
    world.send(order("user:u"), order("user:v", "p"))
    known = customer(world)
    if state == "live":
        claim = Claim.by(key("user:v"), (milliseconds(NOW), "e"), trusted=True, name="user:u")
        world.store.put_claim(USER, claim, previous=0, moving=None)
        world.store.put_owns(key("user:v"), USER, Hint(milliseconds(NOW), "1"))
    else:
        world.store.put_customer(USER, Customer(2, known.release, known.segments, state=state), previous=1)
    assert world.segmentation.raise_to(known.release, USER, world.now)
    assert customer(world).state != state


def told(world: World, rules: Rules | None = None) -> tuple[MemoryLake, LakeRows, Segmentation]:
    lake = MemoryLake()
    rows = LakeRows(lake)
    return lake, rows, Segmentation(world.store, world.timers, KEYS, rules or world.rules, rows)


def test_the_lake_hears_of_each_order_of_who_was_made_anew() -> None:
    """No event names one then."""
    world = World()
    world.store_only([order("user:u")])
    lake, rows, segmentation = told(world)
    segmentation.rebuild(USER, world.now)
    rows.flush()
    assert [row["order_id"] for row in lake.rows("orders")] == ["o"]


def test_what_the_lake_is_told_again_knows_who_can_be_reached() -> None:
    """A consent that names the address counts for it, as when the customer was decided: after a crashed backfill, and
    when everything is told anew."""
    world = World(rules=Rules(segments=(BUYERS,)))
    said = Consent("email", "marketing", True, NOW, NOW, True, "web", "c1", ADDRESS)
    world.table.put_many(consent_items(ConsentRecord((USER, ADDRESS), said), trusted=True))
    world.send(event("identify", ["user:u", "email:g@x.org"], trusted=True, traits={"email": "g@x.org"}))
    lake, rows, segmentation = told(world)
    assert not segmentation.raise_to(1, USER, world.now)
    segmentation.hand_on_again(USER, world.now)
    rows.flush()
    assert [row.get("reachable") for row in lake.rows("customers")] == [["email"], ["email"]]
    assert {row["at"] for row in lake.rows("customers")} == {milliseconds(world.now)}
