"""The cart recovery of docs/definitions.md: what is sent when, what stops it, and what it costs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from msgspec import structs

from functions.schedule.customer_enrollments import explained
from shared.domain.events.event import Event, EventType
from shared.domain.facts.facts import Facts
from shared.domain.facts.fold import Features, fold
from shared.domain.identity.claims import Claim
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.identity.keys import milliseconds
from shared.domain.journeys.enrollment import End
from shared.domain.profile.profile import Trait
from shared.queries.customer_tree import load_tree
from shared.stores.customers import Hint, StoredFacts
from tests.support.world import event
from tests.unit.schedule.short_journeys import EMAIL, ist
from tests.unit.schedule.world import CART_RECOVERY, KEYS, World

pytestmark = pytest.mark.unit


def test_a_cart_of_ten_o_clock_gets_one_message_per_stage() -> None:
    """+1 h, +24 h, +72 h, each once, to the minute; then the enrollment has ended and no timer is left."""
    world = World(reachable=EMAIL)
    world.add(ist(2, 10))
    world.until(ist(20, 0))
    assert world.sent == [
        ("reminder", "email", ist(2, 11)),
        ("offer", "email", ist(3, 10)),
        ("last", "email", ist(5, 10)),
    ]
    assert world.enrollments[0].end == End("completed", ist(5, 10))
    assert world.next_due() is None


def test_a_cart_of_half_past_seven_in_the_evening_is_reminded_at_nine() -> None:
    """Send hours defer the reminder over the night, and nothing else moves."""
    world = World(reachable=EMAIL)
    world.add(ist(2, 19, 30))
    world.until(ist(20, 0))
    assert [at for _, _, at in world.sent] == [ist(3, 9), ist(3, 19, 30), ist(5, 19, 30)]


def test_an_order_stops_everything_after_it_and_says_which() -> None:
    """A store purchase between the stages ends the enrollment; the ledger says why the offer never came."""
    world = World(reachable=EMAIL)
    world.add(ist(2, 10))
    world.until(ist(2, 15))
    world.order(ist(2, 15), order_id="S-77")
    world.until(ist(20, 0))
    assert [step for step, _, _ in world.sent] == ["reminder"]
    [enrollment] = world.enrollments
    assert enrollment.end is not None
    assert (enrollment.end.reason, enrollment.end.at) == ("stopped_ordered", ist(2, 15))
    assert enrollment.end.evidence["order"] == "S-77"
    assert enrollment.end.evidence["order_channel"] == "store"
    assert world.reasons()["offer", "email"] == "stopped_ordered"


def test_an_order_stops_even_if_nobody_told_schedule() -> None:
    """The exit rule is asked in the moment of acting; the prompt stop is a courtesy."""
    world = World(reachable=EMAIL)
    world.add(ist(2, 10))
    world.tell = lambda: None  # type: ignore[method-assign]
    world.order(ist(2, 10, 30))
    world.until(ist(20, 0))
    assert world.sent == []
    assert world.enrollments[0].end is not None
    assert world.enrollments[0].end.reason == "stopped_ordered"


def test_an_emptied_cart_stops() -> None:
    """Removing the last product ends the enrollment at once, and a later add begins a new one, because nothing was
    sent."""
    world = World(reachable=EMAIL)
    world.add(ist(2, 10))
    world.remove(ist(2, 10, 20))
    world.add(ist(2, 12))
    world.until(ist(2, 14))
    assert [enrollment.end.reason if enrollment.end else None for enrollment in world.enrollments] == [
        "stopped_cart_empty",
        None,
    ]
    assert world.sent == [("reminder", "email", ist(2, 13))]


def test_the_clock_restarts_until_the_first_message_and_costs_nothing() -> None:
    """Ten changes of the cart write one enrollment and one timer; the reminder counts from the last of them."""
    world = World(reachable=EMAIL)
    world.add(ist(2, 10))
    world.customers.usage.reset()
    world.timer_table.usage.reset()
    before = world.customers.usage.by_operation.copy()
    for minute in range(1, 10):
        world.add(ist(2, 10, minute), f"p{minute}")
    assert len(world.enrollments) == 1
    assert world.timer_table.usage.write_units == 0
    assert (world.customers.usage.by_operation - before)["put"] == 2 * 9  # facts and customer, by the world itself
    world.until(ist(2, 13))
    assert world.sent == [("reminder", "email", ist(2, 11, 9))]


def test_the_clock_is_frozen_by_the_first_message() -> None:
    """A change after the reminder moves nothing: 24 h and 72 h stay what they were."""
    world = World(reachable=EMAIL)
    world.add(ist(2, 10))
    world.until(ist(2, 12))
    world.add(ist(2, 12), "p2")
    world.until(ist(20, 0))
    assert [at for _, _, at in world.sent] == [ist(2, 11), ist(3, 10), ist(5, 10)]
    assert world.enrollments[0].clock == ist(2, 10)
    assert len(world.enrollments) == 1


def test_a_customer_without_any_address_gets_nothing_and_may_come_again() -> None:
    """An enrollment that sent nothing does not block: a change of the cart later restarts it, with all its stages."""
    world = World(reachable=frozenset())
    world.add(ist(2, 10))
    world.until(ist(2, 14))
    assert world.sent == []
    world.reachable = EMAIL
    world.add(ist(2, 14), "p2")
    world.until(ist(20, 0))
    assert [at for _, _, at in world.sent] == [ist(2, 15), ist(3, 14), ist(5, 14)]


def test_after_an_enrollment_that_sent_something_the_next_waits_seven_days() -> None:
    """Counted from its end, half-open: a minute before there is none, at seven days exactly there is one."""
    world = World(reachable=EMAIL)
    world.add(ist(2, 10))
    world.until(ist(7, 0))
    ended = world.enrollments[0].end
    assert ended is not None
    world.until(ist(12, 9, 59))
    world.add(ended.at + timedelta(days=7, minutes=-1), "p2")
    assert len(world.enrollments) == 1
    world.add(ended.at + timedelta(days=7), "p3")
    assert len(world.enrollments) == 2


def test_an_old_cart_begins_nothing() -> None:
    """Imported history is too late for every step: no enrollment, no timer, no message."""
    world = World(reachable=EMAIL)
    world.now = ist(20, 0)
    world.add(ist(2, 10))
    assert world.enrollments == []
    assert world.next_due() is None


def test_a_paused_journey_waits_and_a_stopped_one_ends() -> None:
    """Pause holds what is due; when it runs again freshness decides. Stop ends the enrollment and begins none."""
    world = World(reachable=EMAIL)
    world.add(ist(2, 10))
    world.controls.set("cart-recovery", "paused", world.now)
    world.until(ist(2, 12))
    assert world.sent == []
    world.controls.set("cart-recovery", "running", world.now)
    world.until(ist(2, 13))
    assert [at for _, _, at in world.sent] == [ist(2, 12)]
    world.controls.set("cart-recovery", "stopped", world.now)
    world.until(ist(20, 0))
    assert len(world.sent) == 1
    assert world.enrollments[0].end is not None
    assert world.enrollments[0].end.reason == "journey_stopped"


def test_an_enrollment_keeps_the_release_that_it_began_with() -> None:
    """A new release that moves the offer does not touch the enrollments of the old one."""
    world = World(reachable=EMAIL)
    world.add(ist(2, 10))
    later = CART_RECOVERY.steps[1].model_copy(update={"at": timedelta(hours=48)})
    changed = CART_RECOVERY.model_copy(update={"steps": (CART_RECOVERY.steps[0], later, CART_RECOVERY.steps[2])})
    world.releases.publish(replace(world.release, journeys=(changed,)))
    world.until(ist(4, 0))
    assert [at for _, _, at in world.sent] == [ist(2, 11), ist(3, 10)]


def test_the_customers_own_zone_decides_about_the_hours() -> None:
    """Added at 10:00 in Istanbul, 02:00 in New York: who lives there is reminded at 09:00 New York time."""
    world = World(reachable=EMAIL)
    zone = {"trait": "America/New_York"}
    world.event("Product Added", ist(2, 10), product_id="p1", quantity=1)
    profile_of = world.scheduling.customer_enrollments

    def abroad(key: str):  # type: ignore[no-untyped-def]
        customer = profile_of(key)
        traits = {"time_zone": Trait(zone["trait"], ist(1, 0), trusted=True)}
        return replace(customer, profile=structs.replace(customer.profile, traits=traits))

    world.scheduling.customer_enrollments = abroad  # type: ignore[method-assign]
    world.until(ist(3, 0))
    assert [at for _, _, at in world.sent] == [datetime(2026, 11, 2, 14, tzinfo=UTC)]


def test_an_order_after_the_last_message_stops_nothing() -> None:
    """The enrollment had ended with its last message, and re-entry counts from there."""
    world = World(reachable=EMAIL)
    world.add(ist(2, 10))
    world.until(ist(5, 18))
    world.order(ist(5, 18))
    assert world.enrollments[0].end == End("completed", ist(5, 10))


def test_a_firing_costs_few_units() -> None:
    """One message: one arming, one write of the enrollment, one deletion, and the lease of the shard."""
    world = World(reachable=EMAIL)
    world.add(ist(2, 10))
    world.now = ist(2, 11)
    for table in (world.customers, world.timer_table):
        table.usage.reset()
    world.ticking.drain(world.now, owner="w", until=ist(2, 11, 1), time_left=lambda: True)
    assert world.customers.usage.write_units == 1
    assert world.timer_table.usage.write_units == 2 + 2  # next timer armed, this one deleted; lease taken, given back


def test_an_order_by_another_identifier_names_the_link() -> None:
    """The order came by the loyalty card: the reason names the card's key and the event that joined it."""
    world = World(reachable=EMAIL)
    world.add(ist(2, 10))
    card = KEYS(parse_identifier("loyalty:L7"))
    claim = Claim.by(world.key, (milliseconds(ist(1, 12)), "joined-by"), trusted=True, name="loyalty:L7")
    world.store.put_claim(card, claim, previous=0, moving=None)
    world.store.put_owns(world.key, card, Hint(milliseconds(ist(1, 12)), "m"))
    at = ist(2, 10, 30)
    order = Event(
        type=EventType.TRACK, name="Order Completed", message_id="till-1", time=at, received_at=at,
        source="till", channel="store", trusted=True, identifiers=(parse_identifier("loyalty:L7"),),
        properties={"order_id": "S-1", "products": [{"product_id": "socks", "quantity": 1}]},
    )  # fmt: skip
    facts = fold(Facts(), [order], world.release.features)
    world.store.put_facts(card, StoredFacts(facts, 1, 1), previous=0)
    world.until(ist(2, 12))
    end = world.enrollments[0].end
    assert end is not None
    assert world.sent == []
    assert end.reason == "stopped_ordered"
    assert end.evidence == {
        "order": "S-1",
        "ordered_at": "2026-11-02T07:30:00.000Z",
        "order_channel": "store",
        "order_on": card,
        "link": f"{card} {world.key}",
        "linked_by": "joined-by",
        "linked_at": "2026-11-01T09:00:00.000Z",
    }


def test_an_order_that_a_page_told_and_the_shop_confirmed_names_where_it_came_from() -> None:
    """Only the report says that it was made; the confirmation came to the customer's own name."""
    reported = event("Order Completed", ["device:d1"], at=ist(2, 10, 30), trusted=False, order_id="S-1")
    trusting = Features(orders_from="trusted")
    world = World(reachable=EMAIL)
    device = KEYS(parse_identifier("device:d1"))
    claim = Claim.by(world.key, (milliseconds(ist(1, 12)), "joined-by"), trusted=True, name="device:d1")
    world.store.put_claim(device, claim, previous=0, moving=None)
    world.store.put_owns(world.key, device, Hint(milliseconds(ist(1, 12)), "m"))
    world.store.put_facts(device, StoredFacts(fold(Facts(), [reported], trusting), 1, 1), previous=0)
    world.add(ist(2, 10))
    ended = structs.replace(world.enrollments[0], end=End("stopped_ordered", ist(2, 11), {"order": "S-1"}))
    tree = load_tree(world.store, world.key)
    shown = explained(ended, tree).end
    assert shown is not None
    assert shown.evidence["order_on"] == device

    later = structs.replace(reported, received_at=ist(2, 10, 40), message_id="again")
    world.store.put_facts(world.key, StoredFacts(fold(Facts(), [later], trusting), 2, 1), previous=1)
    shown = explained(ended, load_tree(world.store, world.key)).end
    assert shown is not None
    assert shown.evidence["order_on"] == device  # the report that was received first


def test_an_enrollment_without_goods_left_to_send_is_cancelled_for_free() -> None:
    """Cancelling writes the end of the enrollment only: its timer fires later, finds that, and is deleted."""
    world = World(reachable=EMAIL)
    world.add(ist(2, 10))
    world.timer_table.usage.reset()
    world.order(ist(2, 10, 30))
    assert world.timer_table.usage.requests == 0
    world.until(ist(2, 12))
    assert world.next_due() is None
