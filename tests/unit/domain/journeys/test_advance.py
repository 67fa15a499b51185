"""One decision about an enrollment: what is handed over, what is left out and why, and when to look again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.domain.definitions.shop import Shop
from shared.domain.facts.facts import Facts
from shared.domain.identity.keys import milliseconds, time_text
from shared.domain.journeys.advance import JourneyStopped, Signal, TimerFired, advance
from shared.domain.journeys.definition import JourneyDefinition
from shared.domain.journeys.effects import Advance, Arm, Choose, Effect, Note, Send, SetTraits, Skip
from shared.domain.journeys.enrollment import (
    ChosenBranch,
    ChosenChannels,
    End,
    Enrollment,
    HandedOver,
    Progress,
    SkippedStep,
    Trigger,
)
from shared.domain.journeys.evidence import Rules
from shared.domain.journeys.next_send import next_send
from shared.domain.messages.message import Deferred, Outcome, Record, Sent, Skipped, State
from shared.domain.messages.request import Give, SendRequest
from shared.domain.profile.profile_from_facts import profile_of
from tests.support.world import NOW

pytestmark = pytest.mark.unit

START = NOW
"""One o'clock in Istanbul."""
HOUR = timedelta(hours=1)
SHOP = Shop.model_validate({"name": "Test", "send_hours": "10:00-20:00"})
NOBODY = profile_of("u.1", ("u.1",), (), Facts())


def send(name: str = "s", **more: Any) -> dict[str, Any]:
    said = {"id": name, "at": "1h", "fresh_for": "10h", "send": f"t-{name}", "purpose": "marketing"}
    return {**said, "channels": ["email"], **more}


def journey_of(steps: Sequence[dict[str, Any]], stop_when: dict[str, Any] | None = None) -> JourneyDefinition:
    stops = {} if stop_when is None else {"stop_when": stop_when}
    return JourneyDefinition.model_validate(
        {"journey": "j", "start": {"event": "Signed Up"}, "priority": 7, "steps": list(steps), **stops}
    )


def enrolled(told: Mapping[str, Progress] | None = None) -> Enrollment:
    return Enrollment("j", "e", "u.1", 3, Trigger("Signed Up", "u.1", "t#1", START), START, steps=dict(told or {}))


def decided(
    *steps: dict[str, Any],
    now: datetime = START + HOUR,
    told: Mapping[str, Progress] | None = None,
    records: tuple[Record, ...] = (),
    said: Mapping[str, Any] | None = None,
    signal: Signal | None = None,
    stop_when: dict[str, Any] | None = None,
) -> Advance:
    outcomes = {(one.step, one.channel): one for one in records}
    return advance(
        journey_of(steps, stop_when),
        enrolled(told),
        signal or TimerFired(),
        NOBODY,
        outcomes,
        Rules(SHOP),
        now,
        said or {},
    )


def request(name: str = "s", after: timedelta = HOUR, **more: Any) -> SendRequest:
    due = milliseconds(START + after)
    said: dict[str, Any] = {
        "home": "u.1", "enrollment": "e", "journey": "j", "release": 3, "step": name, "template": f"t-{name}",
        "purpose": "marketing", "channels": ("email",), "due_ms": due, "fresh_until_ms": due + 10 * 3_600_000,
        "clock_ms": milliseconds(START), "priority": 7,
    }  # fmt: skip
    return SendRequest(**{**said, **more})


def record(step: str, outcome: Outcome) -> Record:
    states = {Sent: State.SENT, Deferred: State.DEFERRED}
    at = START + HOUR
    return Record(
        "m", states[type(outcome)], "u.1", "u.1", "e", "j", 3, step, f"t-{step}", "marketing", "email",
        milliseconds(at), milliseconds(START), at, at, 1, outcome=outcome,
    )  # fmt: skip


def test_a_step_that_is_due_is_handed_over() -> None:
    """With all that notify needs; then it is looked at when the message is stale."""
    found = decided(send(give={"coupon": "ten", "percent": 10, "valid": "3d", "once_per": "30d"}))
    day = 86_400_000
    give = Give(coupon="ten", percent=10, valid_ms=3 * day, once_per_ms=30 * day)
    assert found.effects == (Send(request(give=give)), Arm(START + 11 * HOUR, "s"))
    assert found.enrollment.steps == {"s": HandedOver(("email",), START + HOUR, START)}
    assert (found.enrollment.end, found.enrollment.clock) == (None, None)


def test_the_next_channel_is_tried_when_nobody_reacted() -> None:
    """The enrollment is looked at then, before the message is stale."""
    found = decided(send(channels=["push", "email"], no_reaction={"after": "2h"}))
    assert found.effects == (Send(request(channels=("push", "email"))), Arm(START + 3 * HOUR, "s"))


def test_a_step_that_asks_the_preference_keeps_the_answer() -> None:
    """It is written before anything is sent, and not asked again."""
    asks = send(channels=["preferred", "sms"])
    chosen = ChosenChannels(("sms",), START + HOUR, START)
    found = decided(asks)
    assert found.effects == (
        Choose("s", chosen), Send(request(channels=("sms",))), Arm(START + 11 * HOUR, "s"),
    )  # fmt: skip
    again = decided(asks, told={"s": chosen})
    assert again.effects == found.effects[1:]


@pytest.mark.parametrize(
    ("after", "fresh_for", "looked_at"),
    [
        ("5h", "10h", timedelta(hours=5)),
        ("9h", "12h30m", timedelta(hours=21)),
        ("9h", "12h", timedelta(hours=9)),
    ],
)
def test_a_step_that_is_not_due_is_looked_at_in_send_hours(after: str, fresh_for: str, looked_at: timedelta) -> None:
    """At ten the next morning if it is fresh then; else when it is due, to say that it is not."""
    assert decided(send(at=after, fresh_for=fresh_for)).effects == (Arm(START + looked_at, "s"),)


NO_CART = {"cart": {"items": {"exactly": 0}}}


def test_a_step_is_left_out_if_what_speaks_against_it_holds() -> None:
    """Asked of the customer as he is now; what was found is kept with the step."""
    found = decided(send(unless=NO_CART))
    skip = found.effects[0]
    assert isinstance(skip, Skip)
    assert (skip.request, skip.why.reason) == (request(), "unless")
    assert found.enrollment.steps == {"s": SkippedStep("unless", START + HOUR, START, skip.why.evidence)}


def test_an_enrollment_that_is_stopped_ends_now() -> None:
    """And the message that would have been next says why it does not come."""
    found = decided(send(), stop_when=NO_CART)
    assert found.enrollment.end is not None
    assert (found.enrollment.end.reason, found.enrollment.end.at) == ("stopped_cart_empty", START + HOUR)
    assert [one.why.reason for one in found.effects if isinstance(one, Skip)] == ["stopped_cart_empty"]


@pytest.mark.parametrize(
    ("now", "planned"), [(START, START + HOUR), (START + 3 * HOUR, START + 3 * HOUR)], ids=["to come", "overdue"]
)
def test_what_is_sent_next_is_planned_for_its_time_or_for_now(now: datetime, planned: datetime) -> None:
    """Journeys that compete for a place ask this of each other."""
    assert next_send(journey_of([send()]), enrolled(), NOBODY, Rules(SHOP), now) == ("s", planned)


SAID = ({"kind": "message", "id": "other"},)
UNTIL_TEN = {"at": "9h", "fresh_for": "12h"}
LATE = request(after=9 * HOUR, fresh_until_ms=milliseconds(START + 21 * HOUR))


@pytest.mark.parametrize(
    ("step", "after", "said", "effect"),
    [
        (
            {},
            timedelta(hours=11),
            {},
            Skip(request(), Skipped("stale", evidence=(
                {"kind": "deadline", "at": time_text(START + HOUR), "fresh_until": time_text(START + 11 * HOUR)},
            ))),
        ),
        ({}, HOUR, {"s": SAID}, Skip(request(), Skipped("already_said", evidence=SAID))),
        (
            UNTIL_TEN,
            timedelta(hours=9),
            {},
            Skip(LATE, Skipped("quiet_hours", evidence=(
                {
                    "kind": "send_hours", "at": time_text(START + 21 * HOUR),
                    "fresh_until": time_text(START + 21 * HOUR),
                },
            ))),
        ),
    ],
)  # fmt: skip
def test_a_step_that_is_left_out_says_why(
    step: dict[str, Any], after: timedelta, said: Mapping[str, Any], effect: Skip
) -> None:
    """In the ledger and in the enrollment, which ends then: nothing else was to come."""
    now = START + after
    found = decided(send(**step), now=now, said=said)
    [skip] = found.effects
    assert isinstance(skip, Skip)
    assert (skip, skip.why.evidence) == (effect, effect.why.evidence)
    assert found.enrollment.steps == {"s": SkippedStep(effect.reason, now, START, effect.why.evidence)}
    assert found.enrollment.end == End("completed", now)


def test_a_message_about_an_order_goes_out_at_night() -> None:
    """Send hours are for commercial messages."""
    found = decided(send(at="9h", purpose="transactional"), now=START + 9 * HOUR)
    assert found.effects[0] == Send(request(after=9 * HOUR, purpose="transactional"))


def test_of_messages_that_are_due_together_the_latest_goes_out() -> None:
    """Also before one that waits for its cap; what is said about an order goes out beside it."""
    steps = (
        send("a"), send("o", purpose="transactional", at="1h"), send("b", at="2h"),
    )  # fmt: skip
    waits = {"a": HandedOver(("email",), START + HOUR, START)}
    for told, records in (({}, ()), (waits, (record("a", Deferred(START + 5 * HOUR, "daily_cap")),))):
        found = decided(*steps, now=START + 2 * HOUR, told=told, records=records)
        kept = request("b", after=2 * HOUR)
        instead = (
            {"kind": "message", "id": kept.message_id, "at": time_text(START + 2 * HOUR), "step": "b"},
        )  # fmt: skip
        skip, *sends, arm = found.effects
        assert skip == Skip(request("a"), Skipped("piled_up", evidence=instead))
        assert isinstance(skip, Skip)
        assert skip.why.evidence == instead
        assert sends == [Send(request("o", purpose="transactional")), Send(kept)]
        assert arm == Arm(START + 11 * HOUR, "o")
        assert found.enrollment.steps["a"] == SkippedStep("piled_up", START + 2 * HOUR, START, instead)


def test_an_enrollment_ends_with_its_last_message() -> None:
    """Whenever it is looked at; its clock is the one that the message went out with."""
    told = {"s": HandedOver(("email",), START + HOUR, START)}
    found = decided(send(), now=START + 6 * HOUR, told=told, records=(record("s", Sent(START + 2 * HOUR)),))
    assert (found.effects, found.enrollment.clock) == ((), START)
    assert found.enrollment.end == End("completed", START + 2 * HOUR)


def test_a_message_that_went_out_holds_the_clock_while_another_comes() -> None:
    """The next step is looked at when it is due."""
    told = {"s": HandedOver(("email",), START + HOUR, START)}
    found = decided(send(), send("b", at="4h"), told=told, records=(record("s", Sent(START + HOUR)),))
    assert (found.enrollment.clock, found.enrollment.end) == (START, None)
    assert found.effects == (Arm(START + 4 * HOUR, "b"),)


def test_a_journey_that_is_stopped_says_so_of_the_next_message() -> None:
    """The first that was not handed over; the enrollment ends before it."""
    told = {"s": HandedOver(("email",), START + HOUR, START)}
    sent = (record("s", Sent(START + HOUR)),)
    stopped = JourneyStopped("2026-11-22T12:00:00Z")
    found = decided(send(), send("b", at="4h"), send("c", at="5h"), told=told, records=sent, signal=stopped)
    switch = ({"kind": "switch", "id": "j", "at": "2026-11-22T12:00:00Z"},)
    [skip] = found.effects
    assert isinstance(skip, Skip)
    assert skip == Skip(request("b", after=4 * HOUR), Skipped("journey_stopped"))
    assert skip.why.evidence == switch
    assert (found.enrollment.clock, found.enrollment.end) == (
        START, End("journey_stopped", START + HOUR, found=switch),
    )  # fmt: skip


def test_what_is_written_into_the_log_is_chosen_first_and_told_once() -> None:
    """First the choice alone; with it in the enrollment the traits and the note, and that they are done."""
    steps = ({"id": "t", "set": {"tier": "gold"}}, {"id": "n", "note": "hello"})
    do = {name: ChosenBranch("do", START, START) for name in ("t", "n")}
    first = decided(*steps)
    assert [one for one in first.effects if isinstance(one, Choose)] == [Choose(name, one) for name, one in do.items()]
    second = decided(*steps, told=do)
    wanted: list[Effect] = [SetTraits("t", START, {"tier": "gold"}), Note("n", START, "hello")]
    assert list(second.effects) == wanted
    assert second.enrollment.steps == {name: ChosenBranch("done", START, START) for name in ("t", "n")}
    assert second.enrollment.end == End("completed", START)
    assert decided(*steps, told=second.enrollment.steps).effects == ()


HANDED = {"s": HandedOver(("email",), START + HOUR, START)}


def test_what_waits_for_its_moment_is_not_pushed_aside_by_a_commercial_message() -> None:
    """A message about an order that notify put off comes when it was put off to."""
    told = {"o": HandedOver(("email",), START + HOUR, START)}
    put_off = (record("o", Deferred(START + 5 * HOUR, "provider_down")),)
    steps = (send("o", purpose="transactional"), send("b", at="2h"))
    found = decided(*steps, now=START + 2 * HOUR, told=told, records=put_off)
    assert found.effects == (Send(request("b", after=2 * HOUR)), Arm(START + 5 * HOUR, "o"))


def test_what_is_on_its_way_is_asked_about_in_passing() -> None:
    """With the next step, or for the next channel; alone when it is stale."""
    assert decided(send(), told=HANDED).effects == (Arm(START + 11 * HOUR, "s"),)
    assert decided(send(), send("b", at="22h"), told=HANDED).effects == (Arm(START + 22 * HOUR, "b"),)
    both = {"s": HandedOver(("push", "email"), START + HOUR, START)}
    falls_back = send(channels=["push", "email"], no_reaction={"after": "2h"})
    assert decided(falls_back, told=both).effects == (Arm(START + 3 * HOUR, "s"),)


def test_a_hand_over_that_comes_late_is_noted_when_it_happens() -> None:
    """What is waited for counts from then; how long the message is fresh, from when it was due."""
    found = decided(send(), now=START + 2 * HOUR)
    assert found.effects == (Send(request()), Arm(START + 11 * HOUR, "s"))
    assert found.enrollment.steps == {"s": HandedOver(("email",), START + 2 * HOUR, START)}


def test_an_enrollment_that_waits_for_an_event_says_at_which_step() -> None:
    """Though nothing that it sent is open."""
    waits = {"id": "w", "wait_for": {"event": "Signed In", "at_most": "5h"}}
    found = decided(send(), waits, told=HANDED, records=(record("s", Sent(START + HOUR)),))
    assert (found.effects, found.enrollment.end) == ((Arm(START + 6 * HOUR, "w"),), None)


def test_what_chance_decided_last_is_kept_at_the_end() -> None:
    """Reports ask which arm it was."""
    found = decided({"id": "ab", "split": {"a": {"weight": 1}, "b": {"weight": 0}}})
    assert found.enrollment.steps == {"ab": ChosenBranch("a", START, START, "split")}
    assert found.enrollment.end == End("completed", START)


def test_what_is_done_in_the_log_is_not_chosen_again_beside_a_message() -> None:
    """Only what is new is written before a message goes out."""
    do = {"t": ChosenBranch("do", START, START)}
    found = decided({"id": "t", "set": {"tier": "gold"}}, send(), told=do)
    assert found.effects == (Send(request()), SetTraits("t", START, {"tier": "gold"}), Arm(START + 11 * HOUR, "s"))


def test_the_message_that_goes_instead_is_named_by_when_it_was_due() -> None:
    """Not by when its cap let it go."""
    told = {"b": HandedOver(("email",), START + 2 * HOUR, START)}
    put_off = (record("b", Deferred(START + 3 * HOUR, "daily_cap")),)
    found = decided(send("a"), send("b", at="2h"), now=START + 3 * HOUR, told=told, records=put_off)
    skip = found.effects[0]
    assert isinstance(skip, Skip)
    assert [one["at"] for one in skip.why.evidence] == [time_text(START + 2 * HOUR)]
