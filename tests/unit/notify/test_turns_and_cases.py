"""Who goes first where a day has one place left, and nobody is advertised to while a case of his is open."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.definitions.shop import Cap
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.journeys.definition import JourneyDefinition
from shared.domain.journeys.enrollment import Enrollment, HandedOver, Trigger, to_item
from shared.domain.messages.caps import Place
from shared.domain.messages.message import Deferred, Reason, Skipped, State
from shared.domain.messages.priority import TURN, CompetingJourney, goes_first
from shared.stores.journey_controls import JourneyControls
from tests.support.cases import cases
from tests.support.world import KEYS
from tests.unit.notify.world import MORNING, SHOP, Shopping, request

pytestmark = pytest.mark.unit

ISTANBUL = ZoneInfo("Europe/Istanbul")
WELCOME = JourneyDefinition.model_validate(
    {
        "journey": "welcome",
        "priority": 80,
        "start": {"event": "Signed Up"},
        "steps": [
            {
                "id": "hello",
                "at": "2h",
                "fresh_for": "24h",
                "send": "cart-reminder",
                "purpose": "marketing",
                "channels": ["email"],
            }
        ],
    }
)


@pytest.fixture
def shop() -> Shopping:
    made = Shopping()
    made.publish(SHOP, more=(WELCOME,))
    made.ayse()
    return made


def enroll(shop: Shopping, started: datetime, *, priority: int = 80, **more: Any) -> Enrollment:
    """Ayşe is in the journey welcome, whose message comes two hours after its start."""
    home = KEYS(parse_identifier("user:42"))
    trigger = Trigger("Signed Up", home, "t#1", started)
    enrollment = Enrollment("welcome", "w1", home, 2, trigger, started, version=1, priority=priority, **more)
    shop.customers.put(to_item(enrollment))
    return enrollment


def asked(shop: Shopping, at: datetime = MORNING, **more: Any) -> Any:
    return shop.notifying().handle(request("email", **more), at)


def test_the_higher_journey_has_the_first_word(shop: Shopping) -> None:
    """Welcome is due at noon: the cart's reminder of 10:00 waits until a quarter past, and the reason says for whom."""
    enroll(shop, MORNING)
    noon = MORNING + timedelta(hours=2)
    assert asked(shop).outcome == Deferred(noon + TURN, Reason.PRIORITY, "welcome")
    assert shop.sender.sent == []
    hello = request(
        "email", step="hello", journey="welcome", enrollment="w1", priority=80, release=2, due=noon, clock_ms=0
    )
    assert shop.notifying().handle(hello, noon).state is State.SENT
    assert asked(shop, noon + TURN).outcome.reason == Reason.DAILY_CAP


def test_if_the_other_one_comes_to_nothing_the_place_is_still_there(shop: Shopping) -> None:
    """Its enrollment ended meanwhile: after the turn the reminder goes out the same day."""
    enrollment = enroll(shop, MORNING)
    assert asked(shop).state is State.DEFERRED
    shop.customers.put({**to_item(enrollment), "state": "ended"})
    assert asked(shop, MORNING + timedelta(hours=2) + TURN).state is State.SENT


@pytest.mark.parametrize(
    ("started", "priority"),
    [(MORNING, 50), (MORNING, 20), (MORNING + timedelta(hours=20), 80)],
    ids=["the same priority", "a lower one", "not today"],
)
def test_nobody_waits_without_need(shop: Shopping, started: datetime, priority: int) -> None:
    """Only for a higher priority, and only for one of the same local day."""
    enroll(shop, started, priority=priority)
    assert asked(shop).state is State.SENT


def test_a_paused_journey_keeps_nobody_waiting(shop: Shopping) -> None:
    """Its message would not come."""
    enroll(shop, MORNING)
    JourneyControls(shop.catalog).set("welcome", "paused", MORNING)
    assert asked(shop).state is State.SENT


def test_of_two_handed_over_in_the_same_minute_the_higher_is_sent(shop: Shopping) -> None:
    """The morning after: both are in queues, the lower one's worker is the faster. It waits until the ledger knows."""
    handed = {"hello": HandedOver(("email",), MORNING, MORNING - timedelta(hours=2))}
    enroll(shop, MORNING - timedelta(hours=2), steps=handed)
    assert asked(shop).outcome == Deferred(MORNING + TURN, Reason.PRIORITY, "welcome")
    hello = request("email", step="hello", journey="welcome", enrollment="w1", priority=80, release=2)
    shop.consent("email", granted=False, at=MORNING - timedelta(minutes=1))
    assert shop.notifying().handle(hello, MORNING).outcome == Skipped(Reason.NO_CONSENT)
    shop.consent("email", granted=True, at=MORNING + timedelta(minutes=1))
    assert asked(shop, MORNING + TURN).state is State.SENT


def test_waiting_beyond_freshness_is_a_skip_that_names_the_journey(shop: Shopping) -> None:
    """The reason stays explainable."""
    enroll(shop, MORNING)
    soon = request(due=MORNING + timedelta(hours=1)).due_ms
    assert asked(shop, fresh_until_ms=soon).outcome == Skipped(Reason.PRIORITY, "welcome")


def test_a_wrong_guess_about_a_late_message_costs_no_day(shop: Shopping) -> None:
    """The other one is planned for ten minutes before the hours end: asked again in the last minute, not tomorrow."""
    enrollment = enroll(shop, MORNING + timedelta(hours=7, minutes=50))
    evening = MORNING + timedelta(hours=9, minutes=59)
    assert asked(shop).outcome == Deferred(evening, Reason.PRIORITY, "welcome")
    shop.customers.put({**to_item(enrollment), "state": "ended"})
    assert asked(shop, evening).state is State.SENT


def test_a_message_behind_a_moment_of_today_is_known_to_come() -> None:
    """Its enrollment waits until 17:00 of the customer's clock, and nothing but time can come between: the day's place
    is kept for it; what depends on an event is not known, and keeps no place."""
    call = {"id": "call", "send": "cart-reminder", "purpose": "marketing", "channels": ["email"]}
    for wait, reason in (({"wait": {"until": "17:00"}}, Reason.PRIORITY), (WAITS_FOR, None)):
        made = JourneyDefinition.model_validate(
            {"journey": "welcome", "priority": 80, "start": {"event": "Signed Up"}, "steps": [wait, call]}
        )
        shop = Shopping()
        shop.publish(SHOP, more=(made,))
        shop.ayse()
        enroll(shop, MORNING - timedelta(minutes=5))
        assert getattr(asked(shop).outcome, "reason", None) == reason


WAITS_FOR = {"wait_for": {"event": "Offer Read", "at_most": "8h", "otherwise": "continue"}}


def test_a_channel_that_is_full_gives_way_to_the_next() -> None:
    """One text message in a week was sent: the second is an e-mail; a full day is no reason to change the channel."""
    shop = Shopping()
    shop.publish(SHOP.model_copy(update={"caps": {"sms": Cap(per_7d=1)}}))
    shop.ayse()
    first, second = (request("sms", "email", enrollment=name, release=2) for name in ("e1", "e2"))
    assert shop.notifying().handle(first, MORNING).state is State.SENT
    assert shop.notifying().handle(second, MORNING).outcome == Skipped(Reason.CHANNEL_CAP)
    [rest] = shop.queues["email"].requests()
    assert shop.notifying().handle(rest, MORNING).state is State.SENT
    week = request("sms", "email", enrollment="e3", release=2, fresh_until_ms=second.due_ms + 8 * 86_400_000)
    assert isinstance(shop.notifying().handle(week, MORNING).outcome, Deferred)

    shop = Shopping()
    shop.ayse()
    assert shop.notifying().handle(request("sms", "email"), MORNING).state is State.SENT
    full = shop.notifying().handle(request("push", "email", enrollment="e2"), MORNING)
    assert full.outcome == Skipped(Reason.DAILY_CAP)
    assert shop.queues["email"].bodies == []


def test_without_a_daily_cap_nobody_competes() -> None:
    """There is a place for both."""
    shop = Shopping()
    shop.publish(SHOP.model_copy(update={"caps": {}}), more=(WELCOME,))
    shop.ayse()
    enroll(shop, MORNING)
    assert asked(shop, release=2).state is State.SENT


@given(
    competing=st.lists(st.tuples(st.integers(0, 100), st.integers(-48, 48)), max_size=6),
    taken=st.integers(0, 4),
    cap=st.one_of(st.none(), st.integers(0, 4)),
    own=st.integers(0, 100),
    hour=st.integers(0, 23),
)
@cases(60)
def test_waiting_is_for_those_who_need_every_place_left(
    competing: list[tuple[int, int]], taken: int, cap: int | None, own: int, hour: int
) -> None:
    """Against the rule counted out: as many of a higher priority, due on this local day, as there are places left."""
    now = MORNING.replace(hour=hour)
    made = [
        CompetingJourney(f"j{n}", priority, now + timedelta(hours=due)) for n, (priority, due) in enumerate(competing)
    ]
    places = [Place(f"u{n}", "marketing", now, "email") for n in range(taken)]
    found = goes_first(made, request(priority=own), places, Cap(per_local_day=cap), now, ISTANBUL)
    day = (now + timedelta(hours=3)).date()
    later = [one for one in made if (max(one.due, now) + timedelta(hours=3)).date() == day]
    higher = [one for one in later if one.priority > own]
    waits = cap is not None and 0 < cap - taken <= len(higher)
    assert (found is not None) == waits
    if found is not None:
        assert found in higher
        assert found.due == min(one.due for one in higher)


def test_an_open_complaint_pauses_marketing_until_it_is_closed(shop: Shopping) -> None:
    """Deferred to the next morning with the kind; closed meanwhile, it is sent; transactional mail passes."""
    shop.send("Complaint Opened", at=MORNING - timedelta(hours=3), complaint_id="c1")
    nine = MORNING + timedelta(hours=23)
    late = request(due=MORNING + timedelta(days=3)).due_ms
    assert asked(shop, fresh_until_ms=late).outcome == Deferred(nine, Reason.OPEN_CASE, "complaint")
    confirmed = request("email", step="confirmed", purpose="transactional")
    assert shop.notifying().handle(confirmed, MORNING).state is State.SENT
    shop.send("Complaint Closed", at=MORNING + timedelta(hours=5), complaint_id="c1")
    assert asked(shop, nine, fresh_until_ms=late).state is State.SENT


def test_what_is_stale_tomorrow_is_skipped_because_of_the_return(shop: Shopping) -> None:
    """A cart's reminder is fresh for 14 hours."""
    shop.send("Return Opened", at=MORNING - timedelta(hours=3), order_id="o1")
    assert asked(shop).outcome == Skipped(Reason.OPEN_CASE, "return")
    assert [item["detail"] for item in shop.messages.items() if item["sk"] == "message"] == ["return"]


def test_a_test_of_a_campaign_is_neither_held_up_nor_out_of_turn(shop: Shopping) -> None:
    """Whoever tries a message out sees it at once, whatever journeys or cases he is in."""
    shop.send("Complaint Opened", at=MORNING - timedelta(hours=3), complaint_id="c1")
    enroll(shop, MORNING)
    tried = request("email", campaign="spring", journey="spring", enrollment="test-1", test=True, release=2)
    assert shop.notifying().handle(tried, MORNING).state is State.SENT


def test_an_enrollment_that_was_stopped_for_good_keeps_nobody_waiting(shop: Shopping) -> None:
    """The journey runs again, the enrollment does not."""
    enroll(shop, MORNING)
    controls = JourneyControls(shop.catalog)
    controls.set("welcome", "stopped", MORNING + timedelta(minutes=1))
    controls.set("welcome", "running", MORNING + timedelta(minutes=2))
    assert asked(shop, MORNING + timedelta(minutes=3)).state is State.SENT


def test_an_enrollment_that_stands_back_in_its_group_keeps_nobody_waiting() -> None:
    """The first of the group is paused, the second put off for it: the reminder need not wait for either."""
    shop = Shopping()
    pair = [WELCOME.model_copy(update={"journey": name, "group": "g", "priority": priority})
            for name, priority in (("first", 80), ("second", 60))]  # fmt: skip
    shop.publish(SHOP, more=tuple(pair))
    shop.ayse()
    home, started = KEYS(parse_identifier("user:42")), MORNING - timedelta(hours=2)
    for one in pair:
        trigger = Trigger("Signed Up", home, "t#1", started)
        enrollment = Enrollment(
            one.journey, "w", home, 2, trigger, started, version=1, priority=one.priority, group="g"
        )
        shop.customers.put(to_item(enrollment))
    JourneyControls(shop.catalog).set("first", "paused", MORNING)
    assert asked(shop).state is State.SENT
