"""The cart recovery of definitions.md, played through schedule's services on tables in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from shared.domain.definitions.shop import Shop
from shared.domain.events.event import Event, EventType
from shared.domain.facts.facts import Facts
from shared.domain.facts.fold import fold
from shared.domain.identity.claims import Claim
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.identity.keys import milliseconds
from shared.domain.journeys.enrollment import End, Trigger, to_item
from shared.domain.profile.profile import Trait
from shared.stores.customers import Hint, StoredFacts
from tests.unit.schedule.world import CART_RECOVERY, KEYS, World

pytestmark = pytest.mark.unit
EMAIL = frozenset({"email"})


def ist(day: int, hour: int, minute: int = 0) -> datetime:
    """An instant of November 2026 as Istanbul's clocks show it (UTC+3)."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC) - timedelta(hours=3)


def sent(world: World) -> list[tuple[str, str, datetime]]:
    return [(step, channel, at) for step, channel, at in world.sent]


def test_a_cart_of_ten_o_clock_gets_one_message_per_stage() -> None:
    """+1 h, +24 h, +72 h, each once, to the minute; then the run has ended and no timer is left."""
    world = World(reachable=EMAIL)
    world.add(ist(2, 10))
    world.until(ist(20, 0))
    assert sent(world) == [
        ("reminder", "email", ist(2, 11)),
        ("offer", "email", ist(3, 10)),
        ("last", "email", ist(5, 10)),
    ]
    assert world.runs[0].end == End("completed", ist(5, 10))
    assert world.next_due() is None


def test_a_cart_of_half_past_seven_in_the_evening_is_reminded_at_nine() -> None:
    """Send hours defer the reminder over the night, and nothing else moves."""
    world = World(reachable=EMAIL)
    world.add(ist(2, 19, 30))
    world.until(ist(20, 0))
    assert [at for _, _, at in sent(world)] == [ist(3, 9), ist(3, 19, 30), ist(5, 19, 30)]


def test_an_order_stops_everything_after_it_and_says_which() -> None:
    """A store purchase between the stages ends the run; the ledger says why the offer never came."""
    world = World(reachable=EMAIL)
    world.add(ist(2, 10))
    world.until(ist(2, 15))
    world.order(ist(2, 15), order_id="S-77")
    world.until(ist(20, 0))
    assert [step for step, _, _ in sent(world)] == ["reminder"]
    [run] = world.runs
    assert run.end is not None
    assert (run.end.reason, run.end.at) == ("stopped_ordered", ist(2, 15))
    assert run.end.evidence["order"] == "S-77"
    assert run.end.evidence["order_channel"] == "store"
    assert world.reasons()["offer", "email"] == "stopped_ordered"


def test_an_order_stops_even_if_nobody_told_schedule() -> None:
    """The exit rule is asked in the moment of acting; the prompt stop is a courtesy."""
    world = World(reachable=EMAIL)
    world.add(ist(2, 10))
    world.tell = lambda: None  # type: ignore[method-assign]
    world.order(ist(2, 10, 30))
    world.until(ist(20, 0))
    assert sent(world) == []
    assert world.runs[0].end is not None
    assert world.runs[0].end.reason == "stopped_ordered"


def test_an_emptied_cart_stops() -> None:
    """Removing the last product ends the run at once, and a later add begins a new one, because nothing was sent."""
    world = World(reachable=EMAIL)
    world.add(ist(2, 10))
    world.remove(ist(2, 10, 20))
    world.add(ist(2, 12))
    world.until(ist(2, 14))
    assert [run.end.reason if run.end else None for run in world.runs] == ["stopped_cart_empty", None]
    assert sent(world) == [("reminder", "email", ist(2, 13))]


def test_the_clock_restarts_until_the_first_message_and_costs_nothing() -> None:
    """Ten changes of the cart write one run and one timer; the reminder counts from the last of them."""
    world = World(reachable=EMAIL)
    world.add(ist(2, 10))
    world.customers.usage.reset()
    world.timer_table.usage.reset()
    before = world.customers.usage.by_operation.copy()
    for minute in range(1, 10):
        world.add(ist(2, 10, minute), f"p{minute}")
    assert len(world.runs) == 1
    assert world.timer_table.usage.write_units == 0
    assert (world.customers.usage.by_operation - before)["put"] == 2 * 9  # facts and customer, by the world itself
    world.until(ist(2, 13))
    assert sent(world) == [("reminder", "email", ist(2, 11, 9))]


def test_the_clock_is_frozen_by_the_first_message() -> None:
    """A change after the reminder moves nothing: 24 h and 72 h stay what they were."""
    world = World(reachable=EMAIL)
    world.add(ist(2, 10))
    world.until(ist(2, 12))
    world.add(ist(2, 12), "p2")
    world.until(ist(20, 0))
    assert [at for _, _, at in sent(world)] == [ist(2, 11), ist(3, 10), ist(5, 10)]
    assert world.runs[0].clock == ist(2, 10)
    assert len(world.runs) == 1


def test_no_reaction_goes_to_the_next_channel_after_four_hours() -> None:
    """A push that nobody taps is followed by an e-mail four hours later, within the same step."""
    world = World()
    world.add(ist(2, 10))
    world.until(ist(2, 18))
    assert sent(world) == [("reminder", "push", ist(2, 11)), ("reminder", "email", ist(2, 15))]


@pytest.mark.parametrize("name", ["Push Notification Tapped", "Product Viewed"])
def test_a_reaction_spares_the_next_channel(name: str) -> None:
    """A tap or a visit after the push, and the e-mail is not sent."""
    world = World()
    world.add(ist(2, 10))
    world.until(ist(2, 12, 30))
    world.event(name, ist(2, 12, 30), product_id="p1")
    world.until(ist(2, 20))
    assert sent(world) == [("reminder", "push", ist(2, 11))]


def test_unreachable_goes_to_the_next_channel_at_once() -> None:
    """Without a push token the e-mail goes out in the same minute, and no second one follows."""
    world = World(reachable=EMAIL)
    world.add(ist(2, 10))
    world.until(ist(2, 23))
    assert sent(world) == [("reminder", "email", ist(2, 11))]


def test_a_customer_without_any_address_gets_nothing_and_may_come_again() -> None:
    """A run that sent nothing does not block: a change of the cart later restarts it, with all its stages."""
    world = World(reachable=frozenset())
    world.add(ist(2, 10))
    world.until(ist(2, 14))
    assert sent(world) == []
    world.reachable = EMAIL
    world.add(ist(2, 14), "p2")
    world.until(ist(20, 0))
    assert [at for _, _, at in sent(world)] == [ist(2, 15), ist(3, 14), ist(5, 14)]


def test_after_a_run_that_sent_something_the_next_waits_seven_days() -> None:
    """Counted from its end, half-open: a minute before there is none, at seven days exactly there is one."""
    world = World(reachable=EMAIL)
    world.add(ist(2, 10))
    world.until(ist(7, 0))
    ended = world.runs[0].end
    assert ended is not None
    world.until(ist(12, 9, 59))
    world.add(ended.at + timedelta(days=7, minutes=-1), "p2")
    assert len(world.runs) == 1
    world.add(ended.at + timedelta(days=7), "p3")
    assert len(world.runs) == 2


def test_what_comes_too_late_is_skipped_with_the_reason() -> None:
    """Nothing ticked for two days: the reminder and the offer are stale, the last one is on time."""
    world = World(reachable=EMAIL)
    world.add(ist(2, 10))
    world.now = ist(4, 12)
    world.tick()
    world.until(ist(20, 0))
    assert sent(world) == [("last", "email", ist(5, 10))]
    assert world.reasons()["reminder", "push"] == "stale"
    assert world.reasons()["offer", "email"] == "stale"


def test_of_two_that_pile_up_the_later_is_kept() -> None:
    """A cap holds the reminder until the offer is due: the offer goes out, the reminder is recorded as piled up."""
    steps = tuple(step.model_copy(update={"fresh_for": timedelta(hours=48)}) for step in CART_RECOVERY.steps)
    world = World(reachable=EMAIL, journeys=(CART_RECOVERY.model_copy(update={"steps": steps}),))
    world.caps_until = ist(3, 10)
    world.add(ist(2, 10))
    world.until(ist(4, 0))
    assert sent(world) == [("offer", "email", ist(3, 10))]
    assert world.reasons()["reminder", "email"] == "piled_up"


def test_a_deferred_message_comes_when_the_cap_allows() -> None:
    """Notify defers, the run hands the same message over again, and it is sent once."""
    world = World(reachable=EMAIL)
    world.caps_until = ist(2, 16)
    world.add(ist(2, 10))
    world.until(ist(3, 0))
    assert sent(world) == [("reminder", "email", ist(2, 16))]


def test_a_deferral_that_was_overtaken_by_the_cart_starts_over() -> None:
    """The cart changes while the reminder waits for its cap: nothing was sent, so the clock restarts."""
    world = World(reachable=EMAIL)
    world.caps_until = ist(2, 13)
    world.add(ist(2, 10))
    world.until(ist(2, 12, 30))
    world.add(ist(2, 12, 30), "p2")
    world.until(ist(3, 0))
    assert sent(world) == [("reminder", "email", ist(2, 13, 30))]


def test_the_earlier_of_two_runs_acts() -> None:
    """Two identifiers each with a run turn out to be one customer: the later run ends as superseded."""
    world = World(reachable=EMAIL)
    world.add(ist(2, 10))
    [first] = world.runs
    late = replace(
        first, id="late", started_at=ist(2, 10, 5), trigger=Trigger("Product Added", world.key, "t#x", ist(2, 10, 5))
    )
    world.store.put_enrollment(world.key, to_item(late), expect={"pk": None})
    world.timers.arm("journey", ist(2, 10, 40), world.key, late.ref, 1)
    world.until(ist(20, 0))
    assert [run.end.reason for run in world.runs if run.end] == ["completed", "superseded"]
    assert len(sent(world)) == 3


def test_an_earlier_run_that_should_have_stopped_does_not_supersede() -> None:
    """Nobody noticed that an order ended the first run: the second one still gets its messages."""
    world = World(reachable=EMAIL)
    world.add(ist(2, 10))
    world.tell = lambda: None  # type: ignore[method-assign]
    world.order(ist(2, 10, 30))
    [first] = world.runs
    second = replace(first, id="second", started_at=ist(2, 10, 40), clock=ist(2, 10, 40), steps={}, version=1)
    world.store.put_enrollment(world.key, to_item(second), expect={"pk": None})
    world.timers.arm("journey", ist(2, 10, 50), world.key, second.ref, 1)
    world.until(ist(2, 12))
    assert [(step, at) for step, _, at in sent(world)] == [("reminder", ist(2, 11, 40))]
    assert [run.end.reason if run.end else None for run in world.runs] == ["stopped_ordered", None]


def test_a_record_delivered_twice_begins_one_run() -> None:
    """The id is made of the triggering event: the second delivery finds the run, even after it ended."""
    world = World(reachable=EMAIL)
    world.add(ist(2, 10))
    world.tell()
    change = world.change
    world.until(ist(2, 12))
    world.remove(ist(2, 12))
    world.change = change
    world.tell()
    assert len(world.runs) == 1


def test_an_old_cart_begins_nothing() -> None:
    """Imported history is too late for every step: no run, no timer, no message."""
    world = World(reachable=EMAIL)
    world.now = ist(20, 0)
    world.add(ist(2, 10))
    assert world.runs == []
    assert world.next_due() is None


def test_a_paused_journey_waits_and_a_stopped_one_ends() -> None:
    """Pause holds what is due; when it runs again freshness decides. Stop ends the run and begins none."""
    world = World(reachable=EMAIL)
    world.add(ist(2, 10))
    world.controls.set("cart-recovery", "paused", world.now)
    world.until(ist(2, 12))
    assert sent(world) == []
    world.controls.set("cart-recovery", "running", world.now)
    world.until(ist(2, 13))
    assert [at for _, _, at in sent(world)] == [ist(2, 12)]
    world.controls.set("cart-recovery", "stopped", world.now)
    world.until(ist(20, 0))
    assert len(sent(world)) == 1
    assert world.runs[0].end is not None
    assert world.runs[0].end.reason == "journey_stopped"


def test_a_run_keeps_the_release_that_it_began_with() -> None:
    """A new release that moves the offer does not touch the runs of the old one."""
    world = World(reachable=EMAIL)
    world.add(ist(2, 10))
    later = CART_RECOVERY.steps[1].model_copy(update={"at": timedelta(hours=48)})
    changed = CART_RECOVERY.model_copy(update={"steps": (CART_RECOVERY.steps[0], later, CART_RECOVERY.steps[2])})
    world.releases.publish(replace(world.release, journeys=(changed,)))
    world.until(ist(4, 0))
    assert [at for _, _, at in sent(world)] == [ist(2, 11), ist(3, 10)]


def test_the_customers_own_zone_decides_about_the_hours() -> None:
    """Added at 10:00 in Istanbul, 02:00 in New York: who lives there is reminded at 09:00 New York time."""
    world = World(reachable=EMAIL)
    zone = {"trait": "America/New_York"}
    world.event("Product Added", ist(2, 10), product_id="p1", quantity=1)
    profile_of = world.scheduling.customer_enrollments

    def abroad(key: str):  # type: ignore[no-untyped-def]
        customer = profile_of(key)
        traits = {"time_zone": Trait(zone["trait"], ist(1, 0), trusted=True)}
        return replace(customer, profile=replace(customer.profile, traits=traits))

    world.scheduling.customer_enrollments = abroad  # type: ignore[method-assign]
    world.until(ist(3, 0))
    assert [at for _, _, at in sent(world)] == [datetime(2026, 11, 2, 14, tzinfo=UTC)]


def test_a_poisoned_run_goes_to_the_failure_queue_and_holds_nobody_up() -> None:
    """A run that nobody can read loses its timer to the failure queue, with its key; the others are sent."""
    world = World(reachable=EMAIL)
    world.add(ist(2, 10))
    broken = KEYS(parse_identifier("user:2"))
    world.customers.put({"pk": broken, "sk": "enrollment#cart-recovery#bad", "version": 1, "trigger": "?"})
    world.timers.arm("journey", ist(2, 10, 30), broken, "cart-recovery#bad", 1)
    world.until(ist(2, 12))
    assert sent(world) == [("reminder", "email", ist(2, 11))]
    [body] = world.failures.bodies
    assert broken in body
    assert "cart-recovery#bad" in body


def test_a_timer_without_a_run_is_kept_for_a_while() -> None:
    """The timer is armed before the run is written: within ten minutes it may still appear, then the timer goes."""
    world = World(shop=Shop(name="Kervan"))
    world.timers.arm("journey", ist(2, 10), world.key, "cart-recovery#soon", 1)
    world.now = ist(2, 10, 5)
    world.tick()
    assert world.next_due() is not None
    world.now = ist(2, 10, 10)
    world.tick()
    assert world.next_due() is None


def test_a_crash_between_hand_over_and_record_does_not_move_the_clock() -> None:
    """The reminder went out, its record was lost, the cart changed: the ledger's clock holds, no second reminder."""
    world = World(reachable=EMAIL)
    world.add(ist(2, 10))
    put = world.store.put_enrollment
    world.store.put_enrollment = _killed  # type: ignore[method-assign]
    world.now = ist(2, 11)
    assert world.tick().errors == ["ConnectionError"]
    world.store.put_enrollment = put  # type: ignore[method-assign]
    world.notify()
    world.add(ist(2, 11, 1), "p2")
    world.until(ist(20, 0))
    assert [at for _, _, at in sent(world)] == [ist(2, 11), ist(3, 10), ist(5, 10)]
    assert {request.clock for request in world.handed} == {ist(2, 10)}


def test_an_order_between_reading_and_writing_is_not_overwritten() -> None:
    """The run ends while a timer is at work on it: the write on condition of the version loses, the end stays."""
    world = World(reachable=EMAIL)
    world.add(ist(2, 10))
    arm = world.timers.arm_many

    def ordered_meanwhile(armings):  # type: ignore[no-untyped-def]
        world.timers.arm_many = arm  # type: ignore[method-assign]
        arm(armings)
        world.order(ist(2, 11))

    world.timers.arm_many = ordered_meanwhile  # type: ignore[method-assign]
    world.until(ist(20, 0))
    assert sent(world) == []
    assert world.runs[0].end is not None
    assert (world.runs[0].end.reason, world.runs[0].end.at) == ("stopped_ordered", ist(2, 11))
    assert world.next_due() is None


def test_an_order_after_the_last_message_stops_nothing() -> None:
    """The run had ended with its last message, and re-entry counts from there."""
    world = World(reachable=EMAIL)
    world.add(ist(2, 10))
    world.until(ist(5, 18))
    world.order(ist(5, 18))
    assert world.runs[0].end == End("completed", ist(5, 10))


def test_a_firing_costs_few_units() -> None:
    """One message: one arming, one write of the run, one deletion, and the lease of the shard."""
    world = World(reachable=EMAIL)
    world.add(ist(2, 10))
    world.now = ist(2, 11)
    for table in (world.customers, world.timer_table):
        table.usage.reset()
    world.ticking.drain(world.now, owner="w", until=ist(2, 11, 1), time_left=lambda: True)
    assert world.customers.usage.write_units == 1
    assert world.timer_table.usage.write_units == 2 + 2  # next timer armed, this one deleted; lease taken, given back


def _killed(*_: object, **__: object) -> None:
    raise ConnectionError("the function was killed here")


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
    end = world.runs[0].end
    assert end is not None
    assert sent(world) == []
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


def test_a_run_without_goods_left_to_send_is_cancelled_for_free() -> None:
    """Cancelling writes the end of the run only: its timer fires later, finds that, and is deleted."""
    world = World(reachable=EMAIL)
    world.add(ist(2, 10))
    world.timer_table.usage.reset()
    world.order(ist(2, 10, 30))
    assert world.timer_table.usage.requests == 0
    world.until(ist(2, 12))
    assert world.next_due() is None
