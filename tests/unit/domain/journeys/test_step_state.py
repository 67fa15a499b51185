"""Where a step stands, for each state of its messages; and which clock an enrollment follows."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from shared.domain.definitions.shop import Shop
from shared.domain.facts.facts import Facts
from shared.domain.identity.keys import milliseconds
from shared.domain.journeys.definition import JourneyDefinition
from shared.domain.journeys.enrollment import (
    ChosenBranch,
    ChosenChannels,
    Enrollment,
    HandedOver,
    Progress,
    SkippedStep,
    Trigger,
)
from shared.domain.journeys.evidence import ConditionContext, Rules
from shared.domain.journeys.outcomes import PROMPT
from shared.domain.journeys.step_definition import SendStep
from shared.domain.journeys.step_state import (
    EnrollmentClock,
    Open,
    Pending,
    Position,
    Settled,
    clock_of,
    position,
    unanswered,
)
from shared.domain.messages.message import Deferred, Failed, Outcome, Record, Sent, Skipped, State, Unknown
from shared.domain.profile.profile import Cart
from shared.domain.profile.profile_from_facts import profile_of
from tests.support.world import NOW

pytestmark = pytest.mark.unit

TICK = timedelta(microseconds=1)
CLOCK, OTHER = NOW, NOW - timedelta(days=1)
DUE = CLOCK + timedelta(hours=1)
HANDED = DUE + timedelta(minutes=30)
FRESH_UNTIL = DUE + timedelta(hours=10)
FALL_BACK = HANDED + timedelta(hours=2)
ANSWERED = HANDED + timedelta(minutes=1)
STEP = SendStep.model_validate(
    {
        "id": "s", "at": "1h", "fresh_for": "10h", "send": "t", "purpose": "marketing",
        "channels": ["push", "email", "sms"], "no_reaction": {"after": "2h", "then": "next_channel"},
    }
)  # fmt: skip
ALONE = STEP.model_copy(update={"channels": ("email",)})
PATIENT = STEP.model_copy(update={"no_reaction": None})
NOBODY = profile_of("u.1", ("u.1",), (), Facts())
NO_ADDRESS, CAPPED = Skipped("no_address"), Skipped("daily_cap")


def handed(*channels: Any, clock: datetime = CLOCK) -> HandedOver:
    return HandedOver(channels or ("push", "email", "sms"), HANDED, clock)


def record(channel: str, outcome: Outcome | State, clock: datetime = CLOCK, at: datetime = ANSWERED) -> Record:
    """``outcome``: or the state, of what has none yet."""
    states = {
        Sent: State.SENT,
        Deferred: State.DEFERRED,
        Skipped: State.SKIPPED,
        Failed: State.FAILED,
        Unknown: State.UNKNOWN,
    }
    state, known = (outcome, None) if isinstance(outcome, State) else (states[type(outcome)], outcome)
    return Record(
        "m", state, "u.1", "u.1", "e", "j", 1, "s", "t", "marketing", channel,
        milliseconds(DUE), milliseconds(clock), at, at, 1, outcome=known,
    )  # fmt: skip


def enrolled(progress: Progress | None = None, **more: Any) -> Enrollment:
    steps = {} if progress is None else {"s": progress}
    return Enrollment("j", "e", "u.1", 1, Trigger("Signed Up", "u.1", "e#1", OTHER), OTHER, steps=steps, **more)


def stands(
    progress: Progress | None,
    *records: Record,
    step: SendStep = STEP,
    now: datetime = ANSWERED,
    cart: Cart | None = None,
) -> Position:
    profile = NOBODY if cart is None else replace(NOBODY, cart=cart)
    at = ConditionContext(profile, Rules(Shop(name="Test")), now, CLOCK)
    return position(step, enrolled(progress), at, {("s", one.channel): one for one in records}, DUE)


FRESH = Open(STEP, ("push", "email", "sms"), DUE, DUE)
WAITS = Pending(STEP, FALL_BACK, FRESH_UNTIL)


@pytest.mark.parametrize(
    ("progress", "records", "expected"),
    [
        (None, (), FRESH),
        (SkippedStep("unless", HANDED, CLOCK), (), Settled(STEP, HANDED)),
        (SkippedStep("unless", HANDED, OTHER), (), FRESH),
        (ChosenBranch("then", HANDED, CLOCK), (), FRESH),
        (ChosenChannels(("sms",), HANDED, CLOCK), (), Open(STEP, ("sms",), DUE, DUE, chosen=True)),
        (ChosenChannels(("sms",), HANDED, OTHER), (), FRESH),
        (handed(clock=OTHER), (), FRESH),
        (handed(clock=OTHER), (record("push", State.CLAIMED, OTHER), record("email", NO_ADDRESS, OTHER)), FRESH),
        (None, (record("push", Failed("dead_token"), OTHER),), FRESH),
        # Its record was lost in a crash: as if it had been handed over when it was due.
        (None, (record("push", State.CLAIMED),), Pending(STEP, DUE + timedelta(hours=2), FRESH_UNTIL)),
        (None, (record("push", Failed("dead_token"), OTHER), record("email", CAPPED)), Settled(STEP, ANSWERED)),
        (ChosenChannels(("sms",), HANDED, CLOCK), (record("sms", State.CALLING),), Pending(STEP, None, FRESH_UNTIL)),
    ],
)  # fmt: skip
def test_a_step_before_its_hand_over(
    progress: Progress | None, records: tuple[Record, ...], expected: Position
) -> None:
    """It is open until something of this round is known of it."""
    assert stands(progress, *records) == expected


def test_a_step_that_was_handed_over_for_no_channel_is_settled() -> None:
    """Nothing can come of it; it is over since then."""
    assert stands(HandedOver((), HANDED, CLOCK)) == Settled(STEP, HANDED)


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ((), WAITS),
        ((record("push", State.CLAIMED),), WAITS),
        ((record("push", State.CALLING),), WAITS),
        ((record("push", NO_ADDRESS),), WAITS),
        ((record("push", Failed("dead_token")),), WAITS),
        ((record("push", Failed("dead_token"), OTHER),), WAITS),
        ((record("push", NO_ADDRESS, OTHER),), WAITS),
        ((record("push", CAPPED),), Settled(STEP, ANSWERED)),
        ((record("push", Failed("provider_refused")), record("email", State.CLAIMED)), Settled(STEP, ANSWERED)),
        (
            (record("push", NO_ADDRESS), record("email", NO_ADDRESS), record("sms", NO_ADDRESS, at=FALL_BACK)),
            Settled(STEP, FALL_BACK),
        ),
        ((record("push", Sent(ANSWERED)),), Open(STEP, ("email", "sms"), FALL_BACK, DUE, chosen=True)),
        ((record("push", Unknown()),), Open(STEP, ("email", "sms"), FALL_BACK, DUE, chosen=True)),
        (
            (record("push", Sent(HANDED + PROMPT)),),
            Open(STEP, ("email", "sms"), FALL_BACK + PROMPT, DUE, chosen=True),
        ),
        ((record("push", Sent(ANSWERED)), record("email", State.CLAIMED)), WAITS),
        (
            (record("push", Sent(ANSWERED)), record("email", Sent(ANSWERED))),
            Open(STEP, ("sms",), FALL_BACK, DUE, chosen=True),
        ),
        (
            (record("push", NO_ADDRESS), record("email", NO_ADDRESS), record("sms", Sent(ANSWERED))),
            Settled(STEP, HANDED),
        ),
        (
            (record("push", Deferred(HANDED + TICK, "daily_cap")),),
            Open(STEP, ("push", "email", "sms"), HANDED + TICK, DUE, chosen=True),
        ),
        ((record("push", Deferred(HANDED, "daily_cap")),), WAITS),
        ((record("push", State.DEFERRED),), WAITS),
        (
            (record("push", NO_ADDRESS), record("email", Deferred(FALL_BACK, "daily_cap"))),
            Open(STEP, ("email", "sms"), FALL_BACK, DUE, chosen=True),
        ),
    ],
)  # fmt: skip
def test_a_step_that_was_handed_over(records: tuple[Record, ...], expected: Position) -> None:
    """Each state of its messages, in the order of its channels."""
    assert stands(handed(), *records) == expected


def test_the_next_channel_is_not_tried_once_the_customer_reacted() -> None:
    """His cart changed after the message went out; before it is no reaction."""
    told = record("push", Sent(ANSWERED))
    assert stands(handed(), told, cart=Cart((), HANDED + TICK)) == Settled(STEP, HANDED)
    assert isinstance(stands(handed(), told, cart=Cart((), HANDED)), Open)


def test_without_a_rule_for_it_no_further_channel_is_tried() -> None:
    """Of a step that waits for no reaction, one message is enough; it wakes up for none either."""
    assert stands(handed(), record("push", Sent(ANSWERED)), step=PATIENT) == Settled(PATIENT, HANDED)
    assert stands(handed(), step=PATIENT) == Pending(PATIENT, None, FRESH_UNTIL)
    assert stands(handed("email"), step=ALONE) == Pending(ALONE, None, FRESH_UNTIL)


def test_what_is_on_its_way_is_looked_at_until_it_is_stale() -> None:
    """At the moment itself the next channel is due already, and the message is too late."""
    assert stands(handed(), now=FALL_BACK - TICK) == WAITS
    assert stands(handed(), now=FALL_BACK) == Pending(STEP, None, FRESH_UNTIL)
    assert stands(handed(), now=FRESH_UNTIL - TICK) == Pending(STEP, None, FRESH_UNTIL)
    assert stands(handed(), now=FRESH_UNTIL) == Settled(STEP, HANDED)


def test_a_step_that_asks_the_preference_may_have_gone_out_on_any_channel() -> None:
    """The channel that was preferred then is found, though the step does not name it."""
    asks = STEP.model_copy(update={"channels": ("preferred", "email")})
    assert stands(handed("sms", "email"), record("sms", CAPPED), step=asks) == Settled(asks, ANSWERED)


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ((), True),
        ((record("push", State.CLAIMED),), True),
        ((record("push", State.CALLING),), False),
        ((record("push", Sent(ANSWERED)),), False),
        ((record("push", CAPPED),), False),
        ((record("push", NO_ADDRESS),), True),
        ((record("push", NO_ADDRESS), record("email", CAPPED)), False),
        ((record("push", NO_ADDRESS), record("email", NO_ADDRESS), record("sms", NO_ADDRESS)), False),
        ((record("push", CAPPED, OTHER),), True),
        ((record("push", Failed("provider_refused"), OTHER),), False),
        ((record("push", Failed("dead_token"), OTHER), record("email", Sent(ANSWERED))), False),
        ((record("push", Failed("dead_token"), OTHER),), True),
    ],
)
def test_whether_notify_still_owes_an_answer(records: tuple[Record, ...], expected: bool) -> None:
    """Once it is surely stale it owes none."""
    outcomes = {("s", one.channel): one for one in records}
    assert unanswered(STEP, handed(), outcomes, HANDED + STEP.fresh_for - TICK) is expected
    assert unanswered(STEP, handed(), outcomes, HANDED + STEP.fresh_for) is False


def clock(progress: Progress | None, *records: Record, cart: Cart | None = None, **more: Any) -> EnrollmentClock:
    start = {"when": "cart_changed"} if cart is not None else {"event": "Signed Up"}
    moves = {"clock": {"from": "last_cart_change"}} if cart is not None else {}
    journey = JourneyDefinition.model_validate(
        {"journey": "j", "start": start, **moves, "steps": [STEP.model_dump(mode="json", exclude_none=True)]}
    )
    profile = replace(NOBODY, cart=cart or Cart((), DUE))
    return clock_of(
        journey, enrolled(progress, **more), profile, {("s", one.channel): one for one in records}, ANSWERED
    )


def test_which_clock_an_enrollment_follows() -> None:
    """The frozen one; that of the first message that went out or may have; that of one on its way; the cart's; the
    start's."""
    assert clock(None) == EnrollmentClock(OTHER, frozen=False)
    assert clock(None, cart=Cart((), DUE)) == EnrollmentClock(DUE, frozen=False)
    assert clock(None, cart=Cart()) == EnrollmentClock(OTHER, frozen=False)
    assert clock(handed(), cart=Cart((), DUE)) == EnrollmentClock(CLOCK, frozen=False, held=True)
    assert clock(ChosenChannels(("sms",), HANDED, CLOCK)) == EnrollmentClock(OTHER, frozen=False)
    assert clock(handed(), record("push", CAPPED)) == EnrollmentClock(OTHER, frozen=False)
    gone = (record("push", Sent(ANSWERED), OTHER), record("email", State.CALLING))
    assert clock(handed(), *gone) == EnrollmentClock(OTHER, frozen=True)
    assert clock(handed(), *gone[1:]) == EnrollmentClock(CLOCK, frozen=True)
    assert clock(handed(), *gone, clock=DUE) == EnrollmentClock(DUE, frozen=True)
