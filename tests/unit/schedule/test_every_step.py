"""Every kind of step and start, played through schedule's services on tables in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml

from shared.domain.definitions.release import Release
from shared.domain.events.event import Event, EventType
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.journeys.definition import JourneyDefinition
from shared.domain.journeys.enrollment import ChosenBranch, from_item, to_item
from shared.domain.journeys.random_assignment import held_out
from tests.unit.schedule.world import World

pytestmark = pytest.mark.unit
EMAIL = frozenset({"email"})

POST_PURCHASE = """
journey: post-purchase
start: {event: Order Completed}
one_per: order_id
stop_when: {order: {same: order_id, status: [cancelled, fully_refunded]}}
steps:
  - {id: confirmed, at: 0h, send: order-confirmed, purpose: transactional, channels: [email]}
  - wait_for: {event: Order Shipped, same: order_id, at_most: 10d, otherwise: end}
  - {id: shipped, send: order-shipped, purpose: transactional, channels: [push, sms, email]}
  - wait_for: {event: Order Delivered, same: order_id, at_most: 14d, otherwise: end}
  - wait: 3d
  - {id: review, send: review-request, purpose: marketing, channels: [preferred, email],
     unless: {open_case: {same: order_id}}}
"""


def ist(day: int, hour: int, minute: int = 0) -> datetime:
    """An instant of November 2026 as Istanbul's clocks show it (UTC+3)."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC) - timedelta(hours=3)


def journey(text: str = "", **words: Any) -> JourneyDefinition:
    return JourneyDefinition.model_validate({**yaml.safe_load(text or "{}"), **words})


def send(name: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "send": name, "purpose": "marketing", "channels": ["email"], **more}


def of(*steps: dict[str, Any], **words: Any) -> World:
    """A journey with these steps, begun by ``Signed Up``."""
    definition = journey(journey="x", start={"event": "Signed Up"}, steps=list(steps), **words)
    return World(journeys=(definition,), reachable=EMAIL)


def sent(world: World) -> list[tuple[str, datetime]]:
    return [(step, at) for step, _, at in world.sent]


def ends(world: World) -> list[str | None]:
    return [run.end.reason if run.end else None for run in world.runs]


def test_after_an_order_each_message_comes_with_what_happens_to_it() -> None:
    """Confirmed at once, shipped and delivered within a minute of the event, the review three days later."""
    world = World(journeys=(journey(POST_PURCHASE),), reachable=EMAIL)
    world.order(ist(2, 10, 0), order_id="A")
    world.until(ist(4, 15))
    world.event("Order Shipped", ist(4, 15), order_id="A")
    world.until(ist(6, 12))
    world.event("Order Delivered", ist(6, 12), order_id="A")
    world.until(ist(20, 0))
    assert sent(world) == [
        ("confirmed", ist(2, 10)), ("shipped", ist(4, 15)), ("review", ist(9, 12)),
    ]  # fmt: skip
    assert ends(world) == ["completed"]
    assert world.next_due() is None


def test_two_orders_run_side_by_side_and_the_same_order_never_twice() -> None:
    """One run per order, however often its event comes and whatever became of the run."""
    world = World(journeys=(journey(POST_PURCHASE),), reachable=EMAIL)
    world.order(ist(2, 10), order_id="A")
    world.order(ist(2, 10, 5), order_id="B")
    world.order(ist(2, 10, 6), order_id="A")
    world.until(ist(2, 11))
    world.event("Order Shipped", ist(2, 11), order_id="B")
    world.until(ist(2, 12))
    assert [step for step, _ in sent(world)] == ["confirmed", "confirmed", "shipped"]
    assert [run.one for run in world.runs] == ["A", "B"]
    world.event("Order Cancelled", ist(2, 12), order_id="A")
    assert ends(world) == ["stopped_order", None]
    world.order(ist(2, 13), order_id="A")
    assert len(world.runs) == 2


def test_a_cancelled_order_names_itself_in_the_reason() -> None:
    """The exit rule about the same order says which, and its state."""
    world = World(journeys=(journey(POST_PURCHASE),), reachable=EMAIL)
    world.order(ist(2, 10), order_id="A")
    world.until(ist(2, 11))
    world.event("Order Cancelled", ist(2, 11), order_id="A")
    end = world.runs[0].end
    assert end is not None
    assert (end.evidence["order"], end.evidence["order_state"]) == ("A", "cancelled")


def test_what_never_comes_ends_the_run_when_its_time_is_over() -> None:
    """Ten days without a parcel: the run ends with the event that it waited for."""
    world = World(journeys=(journey(POST_PURCHASE),), reachable=EMAIL)
    world.order(ist(2, 10), order_id="A")
    world.until(ist(2, 10) + timedelta(days=10))
    assert ends(world) == [None]
    world.until(ist(2, 10) + timedelta(days=10, minutes=1))
    end = world.runs[0].end
    assert end is not None
    assert (end.reason, end.at, end.evidence) == (
        "not_happened", ist(2, 10) + timedelta(days=10), {"event": "Order Shipped"},
    )  # fmt: skip


def test_an_event_after_the_deadline_changes_nothing() -> None:
    """What was decided stands: the parcel of the eleventh day is too late for this run."""
    world = World(journeys=(journey(POST_PURCHASE),), reachable=EMAIL)
    world.order(ist(2, 10), order_id="A")
    world.until(ist(13, 10))
    world.event("Order Shipped", ist(13, 10), order_id="A")
    world.until(ist(20, 10))
    assert [step for step, _ in sent(world)] == ["confirmed"]


def test_an_open_case_about_the_order_leaves_the_review_out() -> None:
    """A return of this order, not of another one, keeps the review request away, with the reason."""
    for returned, expected in (("A", 2), ("B", 3)):
        world = World(journeys=(journey(POST_PURCHASE),), reachable=EMAIL)
        world.order(ist(2, 10), order_id="A")
        for number, name in enumerate(("Order Shipped", "Order Delivered")):
            world.until(ist(3 + number, 10))
            world.event(name, ist(3 + number, 10), order_id="A")
        world.until(ist(5, 10))
        world.event("Return Opened", ist(5, 10), order_id=returned, return_id="R1")
        world.until(ist(12, 10))
        assert len(sent(world)) == expected
        assert (world.reasons().get(("review", "email")) == "unless") is (returned == "A")


def test_the_moment_that_was_waited_for_does_not_move() -> None:
    """Of two occurrences the first one counts, also if the second is folded before the run looks again."""
    world = of({"wait_for": {"event": "Profile Completed", "at_most": "10d"}}, {"wait": "1d"}, send("thanks"))
    world.event("Signed Up", ist(2, 10))
    world.until(ist(3, 10))
    world.event("Profile Completed", ist(3, 10))
    world.until(ist(3, 10, 5))
    world.event("Profile Completed", ist(3, 18))
    world.until(ist(10, 10))
    assert sent(world) == [("thanks", ist(4, 10))]


def test_values_of_other_events_are_waited_for_too() -> None:
    """``same: product_id`` on any event: another product does not count."""
    world = World(journeys=(journey(
        journey="back", start={"event": "Product Wanted"}, one_per="product_id",
        steps=[{"wait_for": {"event": "Product Restocked", "same": "product_id", "at_most": "30d"}}, send("back")],
    ),), reachable=EMAIL)  # fmt: skip
    world.event("Product Wanted", ist(2, 10), product_id="p1")
    world.until(ist(3, 10))
    world.event("Product Restocked", ist(3, 10), product_id="p2")
    world.until(ist(4, 10))
    world.event("Product Restocked", ist(4, 10), product_id="p1")
    world.until(ist(8, 10))
    assert sent(world) == [("back", ist(4, 10))]


def test_a_wait_for_that_goes_on_without_the_event() -> None:
    """``otherwise: continue``: the next step counts from the deadline."""
    world = of({"wait_for": {"event": "Never", "at_most": "2d", "otherwise": "continue"}}, {"wait": "2h"}, send("a"))
    world.event("Signed Up", ist(2, 10))
    world.until(ist(9, 10))
    assert sent(world) == [("a", ist(4, 12))]


def test_waits_count_from_the_step_before_and_at_from_the_clock() -> None:
    """Settled meaning 7; a send with ``at`` keeps to it, what follows counts from there."""
    world = of(send("a", at="1h"), {"wait": "2h"}, send("b"), send("c", at="24h"), {"wait": "1d"}, send("d"))
    world.event("Signed Up", ist(2, 10))
    world.until(ist(9, 10))
    assert sent(world) == [("a", ist(2, 11)), ("b", ist(2, 13)), ("c", ist(3, 10)), ("d", ist(4, 10))]


@pytest.mark.parametrize(
    ("zone", "begun", "expected"),
    [
        ("Europe/Istanbul", datetime(2026, 11, 2, 8, tzinfo=UTC), datetime(2026, 11, 3, 7, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 10, 31, 20, tzinfo=UTC), datetime(2026, 11, 1, 15, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 3, 7, 20, tzinfo=UTC), datetime(2026, 3, 8, 14, tzinfo=UTC)),
        ("Asia/Kathmandu", datetime(2026, 11, 2, 8, tzinfo=UTC), datetime(2026, 11, 3, 4, 15, tzinfo=UTC)),
        ("Mars/Olympus", datetime(2026, 11, 2, 8, tzinfo=UTC), datetime(2026, 11, 3, 7, tzinfo=UTC)),
        ("", datetime(2026, 11, 2, 8, tzinfo=UTC), datetime(2026, 11, 3, 7, tzinfo=UTC)),
    ],
)
def test_ten_o_clock_is_that_of_the_customer(zone: str, begun: datetime, expected: datetime) -> None:
    """Over both changes of the clock in New York, at 45 minutes past in Kathmandu, the shop's if none is known."""
    world = of({"wait": {"until": "10:00"}}, send("a"))
    world.now = begun - timedelta(days=1)
    if zone:
        identify(world, begun - timedelta(hours=1), time_zone=zone)
    world.event("Signed Up", begun)
    world.until(begun + timedelta(days=4))
    assert sent(world) == [("a", expected)]


def identify(world: World, at: datetime, **traits: Any) -> None:
    world.now = max(world.now, at)
    world._number += 1
    world.fold(
        Event(
            type=EventType.IDENTIFY, name="Identified", message_id=f"i{world._number}", time=at, received_at=at,
            source="test", channel="web", trusted=True, identifiers=(parse_identifier("user:1"),), traits=traits,
        )
    )  # fmt: skip


def test_a_day_of_the_week_is_waited_for() -> None:
    """2 November 2026 is a Monday: the next Thursday, at half past nine."""
    world = of({"wait": {"until": {"time": "09:30", "weekday": ["thu", "sat"]}}}, send("a"))
    world.event("Signed Up", ist(2, 10))
    world.until(ist(9, 10))
    assert sent(world) == [("a", ist(5, 9, 30))]


def test_the_active_hour_is_waited_for_and_without_one_the_send_hours() -> None:
    """Who is usually there at 17 o'clock gets it then; of whom nothing is known, when sending is permitted."""
    world = of({"wait": {"until": "active_hour"}}, send("a"))
    for day in (1, 2, 3):
        world.event("Product Viewed", ist(day, 17, 20), product_id="p")
    world.event("Signed Up", ist(4, 8), channel="email")
    world.until(ist(9, 10))
    assert sent(world) == [("a", ist(4, 17))]
    stranger = of({"wait": {"until": "active_hour"}}, send("a"))
    stranger.event("Signed Up", ist(4, 22))
    stranger.until(ist(9, 10))
    assert sent(stranger) == [("a", ist(5, 9))]


@pytest.mark.parametrize(
    ("ends_at", "expected"),
    [
        ("2026-11-02T18:00:00+03:00", [("last", ist(2, 16))]),
        ("2026-11-02T11:00:00+03:00", [("last", ist(2, 10))]),
        ("soon", []),
        (None, []),
        ("0001-01-01T00:00:00+00:00", [("last", ist(2, 10))]),
        ("0001-01-01", []),
    ],
)
def test_an_instant_that_the_event_named_is_waited_for(ends_at: str | None, expected: list[Any]) -> None:
    """Two hours before an offer ends; at once if that is past; a run without such an instant ends."""
    world = of({"wait": {"until": {"property": "ends_at", "before": "2h"}}}, send("last"))
    world.event("Signed Up", ist(2, 10), ends_at=ends_at)
    world.until(ist(5, 10))
    assert sent(world) == expected
    assert ends(world) == (["completed"] if expected else [])


def test_a_branch_is_decided_when_it_is_reached() -> None:
    """The condition is asked after the wait, not at the start; what happens later changes nothing."""
    world = of(
        {"wait": "1d"},
        {
            "branch": {
                "if": {"orders": {"at_least": 1}},
                "then": [send("thanks"), {"end": "bought"}],
                "else": [send("offer")],
            }
        },
        {"wait": "2d"},
        send("last"),
    )
    world.event("Signed Up", ist(2, 10))
    world.until(ist(3, 10, 1))
    world.order(ist(3, 11))
    world.until(ist(9, 10))
    assert sent(world) == [("offer", ist(3, 10)), ("last", ist(5, 10))]
    buyer = World(journeys=world.journeys, reachable=EMAIL)
    buyer.event("Signed Up", ist(2, 10))
    buyer.order(ist(2, 12))
    buyer.until(ist(9, 10))
    assert sent(buyer) == [("thanks", ist(3, 10))]
    assert (ends(buyer), buyer.runs[0].end.evidence) == (["ended"], {"why": "bought"})  # type: ignore[union-attr]


def test_a_split_sends_each_customer_one_way_for_good() -> None:
    """The arm is written into the run, and another run of the same customer goes the same way."""
    split = {
        "id": "test",
        "split": {"a": {"weight": 50, "steps": [send("a")]}, "b": {"weight": 50, "steps": [send("b")]}},
    }
    world = of(split)
    world.event("Signed Up", ist(2, 10))
    world.until(ist(3, 10))
    world.event("Signed Up", ist(3, 10))
    world.until(ist(5, 10))
    [(first, _), (second, _)] = sent(world)
    assert first == second
    assert [run.steps["test"].choice for run in world.runs] == [first, first]  # type: ignore[union-attr]


def test_who_is_held_out_gets_nothing_and_is_recorded() -> None:
    """The run ends as ``holdout`` for those whom chance holds out, at once."""
    percent = 50
    world = of({"id": "control", "holdout": {"percent": percent}}, send("a"))
    world.event("Signed Up", ist(2, 10))
    world.until(ist(5, 10))
    out = held_out(percent, world.key, "x", "control")
    assert ends(world) == ["holdout" if out else "completed"]
    assert len(sent(world)) == (0 if out else 1)
    other = of({"id": "other", "holdout": {"percent": 99}}, send("a"))
    other.event("Signed Up", ist(2, 10))
    other.until(ist(5, 10))
    assert (ends(other), sent(other)) == (["holdout"], [])


def test_traits_and_notes_are_written_once_into_the_log() -> None:
    """Under the source ``journey``, trusted, no visit, at the time of the step; after a crash before the run says that
    it is done they are written over themselves."""
    world = of({"wait": "1h"}, {"set": {"vip": True, "level": 3}}, {"note": "Said hello"}, send("a"))
    world.event("Signed Up", ist(2, 10))
    put, puts = world.store.put_enrollment, iter([True, False])

    def crashes_at_the_second(*args: Any, **named: Any) -> None:
        if not next(puts):
            raise ConnectionError("the function was killed here")
        put(*args, **named)

    world.store.put_enrollment = crashes_at_the_second  # type: ignore[method-assign]
    world.now = ist(2, 11)
    assert world.tick().errors == ["ConnectionError"]
    world.store.put_enrollment = put  # type: ignore[method-assign]
    assert len(journey_events(world)) == 2
    world.now = ist(2, 11, 30)
    world.until(ist(2, 13))
    note, traits = journey_events(world)
    assert (traits.name, traits.time, traits.traits) == ("Identified", ist(2, 11), {"vip": True, "level": 3})
    assert (note.name, note.time, note.properties["text"]) == ("Journey Note", ist(2, 11), "Said hello")
    assert all(event.trusted and event.context == {"active": False} for event in (note, traits))
    assert len(sent(world)) == 1


def journey_events(world: World) -> list[Event]:
    return [event for event in world.store.events(world.key) if event.source == "journey"]


def test_properties_of_the_event_are_asked_at_the_start() -> None:
    """``where`` reads the raw event; others of the same name begin nothing."""
    definition = journey(
        journey="x", start={"event": "Product Viewed", "where": {"category": "Shoes", "price": {"at_least": 100}}},
        steps=[send("a", at="24h")],
    )  # fmt: skip
    world = World(journeys=(definition,), reachable=EMAIL)
    world.event("Product Viewed", ist(2, 10), product_id="p", category="Hats", price=200)
    world.event("Product Viewed", ist(2, 10), product_id="p", category="shoes", price=99)
    assert world.runs == []
    world.event("Product Viewed", ist(2, 10), product_id="p", category="shoes", price=100)
    assert len(world.runs) == 1


def test_a_segment_entered_or_left_begins_a_run_once() -> None:
    """By time alone too; the same record twice begins one run."""
    steps = [send("a", at="1h")]
    came = journey(journey="came", start={"entered": "at-risk"}, steps=steps)
    left = journey(journey="left", start={"left": "at-risk"}, steps=steps)
    world = World(journeys=(came, left), reachable=EMAIL)
    world.add(ist(1, 9))
    world.flip(ist(2, 10), entered="at-risk")
    world.tell()
    assert [(run.journey, run.trigger.name) for run in world.runs] == [("came", "Entered at-risk")]
    world.until(ist(3, 10))
    world.flip(ist(3, 10), left="at-risk")
    world.now = ist(3, 10, 1)
    world.tell()
    assert [run.journey for run in world.runs] == ["came", "left"]
    world.until(ist(5, 10))
    assert [at for _, at in sent(world)] == [ist(2, 11), ist(3, 11)]


def test_a_new_definition_floods_nobody() -> None:
    """Who is in a segment because its definition is new begins a run only if the journey says ``existing``."""
    steps = [send("a")]
    shy = journey(journey="shy", start={"entered": "vip"}, steps=steps)
    bold = journey(journey="bold", start={"entered": "vip", "existing": True}, steps=steps)
    world = World(journeys=(shy, bold), reachable=EMAIL)
    world.add(ist(1, 9))
    world.flip(ist(2, 10), entered="vip", backfilled=True)
    assert [run.journey for run in world.runs] == ["bold"]


def test_a_birthday_is_congratulated_at_ten() -> None:
    """The day begins the run just after midnight; its clock is ten o'clock of that day, and once a year is enough."""
    definition = journey(
        journey="birthday",
        start={"date": "birthday", "at": "10:00"},
        reenter={"after": "300d"},
        steps=[send("a", at="0h")],
    )
    world = World(journeys=(definition,), reachable=EMAIL)
    world.add(ist(1, 9))
    world.flip(ist(2, 0, 17), entered="date-birthday")
    assert world.runs[0].started_at == ist(2, 10)
    world.until(ist(3, 0, 17))
    world.flip(ist(3, 0, 17), left="date-birthday")
    world.until(ist(5, 10))
    assert sent(world) == [("a", ist(2, 10))]
    world.flip(ist(5, 10), entered="date-birthday")
    assert len(world.runs) == 1


def test_the_same_day_comes_twice_for_who_flies_west_and_is_congratulated_once() -> None:
    """In Istanbul it was her birthday, in New York it is again: the membership ends and begins anew."""
    definition = journey(journey="birthday", start={"date": "birthday", "at": "10:00"}, steps=[send("a")])
    world = World(journeys=(definition,), reachable=EMAIL)
    world.flip(ist(5, 0, 10), entered="date-birthday")
    world.until(ist(6, 0, 10))
    world.flip(ist(6, 0, 10), left="date-birthday")
    world.flip(ist(6, 7, 10), entered="date-birthday")
    world.until(ist(9, 0))
    assert sent(world) == [("a", ist(5, 10))]


@pytest.mark.parametrize("first", ["low", "high"])
def test_a_journey_that_was_stopped_stands_in_nobody_s_way(first: str) -> None:
    """Its runs end only when they are looked at, here in twenty days: of the group another begins and acts at once."""
    high = journey(
        journey="high", group="g", priority=80, start={"event": "H"}, steps=[{"wait": "20d"}, send("high")]
    )  # fmt: skip
    low = journey(journey="low", group="g", priority=20, start={"event": "L"}, steps=[{"wait": "1d"}, send("low")])
    world = World(journeys=(high, low), reachable=EMAIL)
    world.event("L" if first == "low" else "H", ist(2, 10))
    if first == "low":
        world.event("H", ist(2, 11))
    world.controls.set("high", "stopped", ist(2, 12))
    if first == "high":
        world.event("L", ist(2, 13))
    world.until(ist(8, 10))
    assert [step for step, _ in sent(world)] == ["low"]


def test_of_an_exclusive_group_the_higher_priority_runs() -> None:
    """While one runs, none of lower or equal priority begins; a higher one begins and ends the lower."""
    low, equal, high = (
        journey(journey=name, start={"event": event}, group="offers", priority=priority, steps=[send(name, at="24h")])
        for name, event, priority in (("low", "L", 30), ("equal", "E", 30), ("high", "H", 70))
    )
    world = World(journeys=(low, equal, high), reachable=EMAIL)
    world.event("L", ist(2, 10))
    world.event("E", ist(2, 11))
    assert [run.journey for run in world.runs] == ["low"]
    world.event("H", ist(2, 12))
    world.event("L", ist(2, 13))
    assert [run.journey for run in world.runs] == ["low", "high"]
    world.until(ist(5, 10))
    assert [step for step, _ in sent(world)] == ["high"]
    assert ends(world) == ["superseded", "completed"]
    assert [request.priority for request in world.handed] == [70]


def test_transactional_messages_never_pile_up() -> None:
    """An order that is shipped in the minute in which it was placed: confirmed and shipped are both sent."""
    world = World(journeys=(journey(POST_PURCHASE),), reachable=EMAIL)
    world.order(ist(2, 10), order_id="A")
    world.event("Order Shipped", ist(2, 10), order_id="A")
    world.until(ist(2, 11))
    assert sent(world) == [("confirmed", ist(2, 10)), ("shipped", ist(2, 10))]


def test_a_run_of_an_old_release_is_woken_by_what_it_waits_for() -> None:
    """The journey was taken out meanwhile: the run goes on by its own release, and at once."""
    world = World(journeys=(journey(POST_PURCHASE),), reachable=EMAIL)
    world.order(ist(2, 10), order_id="A")
    world.until(ist(2, 11))
    world.releases.publish(Release(0, world.shop))
    world.event("Order Shipped", ist(2, 12), order_id="A")
    world.until(ist(2, 13))
    assert sent(world) == [("confirmed", ist(2, 10)), ("shipped", ist(2, 12))]


def test_imported_history_begins_nothing() -> None:
    """An order of last month that was delivered then: every message would be late, so there is no run."""
    world = World(journeys=(journey(POST_PURCHASE),), reachable=EMAIL)
    world.now = ist(28, 10)
    world.tell = lambda: None  # type: ignore[method-assign]
    for name, day in (("Order Shipped", 3), ("Order Delivered", 5)):
        world.event(name, ist(day, 10), order_id="A")
    del world.tell
    world.order(ist(2, 10), order_id="A")
    assert world.runs == []
    assert world.next_due() is None


def test_a_waiting_run_costs_nothing_until_something_comes() -> None:
    """Events that nobody waits for are not even read about; the one that is waited for arms one timer a minute."""
    world = World(journeys=(journey(POST_PURCHASE),), reachable=EMAIL)
    world.order(ist(2, 10), order_id="A")
    world.until(ist(2, 11))
    world.timer_table.usage.reset()
    for minute in range(5):
        world.event("Product Viewed", ist(2, 11, minute), product_id="p")
    assert world.timer_table.usage.requests == 0
    for second in range(3):
        world.event("Order Shipped", ist(2, 12) + timedelta(seconds=second + 1), order_id="A")
    assert world.timer_table.usage.write_units == 3
    assert len([run for run in world.runs if run.live]) == 1
    world.until(ist(2, 13))
    assert [step for step, _ in sent(world)] == ["confirmed", "shipped"]


def test_runs_are_stored_whole() -> None:
    """Values, decisions, the value of one_per, group and priority come back as they were."""
    world = of(send("a", at="1h"))
    world.event("Signed Up", ist(2, 10))
    [run] = world.runs
    whole = replace(
        run,
        trigger=replace(run.trigger, values={"order_id": "A"}),
        steps={"wait_for.1": ChosenBranch("came", ist(2, 11), ist(2, 10))},
        one="A",
        group="g",
        priority=70,
    )
    assert from_item(to_item(whole)) == whole
    assert from_item(to_item(run)) == run


def test_a_branch_asks_about_a_segment_as_it_was_decided() -> None:
    """Who is in it when the step is reached goes the one way, who has left it the other."""
    branch = {"branch": {"if": {"in_segment": "vip"}, "then": [send("thanks")], "else": [send("offer")]}}
    for leaves, expected in ((False, "thanks"), (True, "offer")):
        world = of({"wait": "1d"}, branch)
        world.event("Signed Up", ist(2, 10))
        world.flip(ist(2, 11), entered="vip")
        if leaves:
            world.flip(ist(2, 12), left="vip")
        world.until(ist(5, 10))
        assert sent(world) == [(expected, ist(3, 10))]
