"""The circuit breaker against brute force: few calls while a provider is down, turns that nobody gets twice."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.notify.provider_gate import Admitted, ProviderGate
from shared.adapters.memory import MemoryTable
from shared.domain.messages.breaker import (
    FIRST_MINUTE,
    IN_A_ROW,
    LAST_CALL_WAITS,
    LONGEST_SPACING,
    MINUTE,
    PROBE_LASTS,
    RAMP,
    TOP,
    AnswerKind,
    Breaker,
    Call,
    Phase,
    TakeTurn,
    Wait,
    admit,
    after_answer,
    recovered,
    turn_at,
)
from shared.domain.messages.lifecycle import Claim, begin
from shared.domain.messages.message import Record
from shared.ports.sender import Accepted, Ambiguous, Answer, Postponed
from shared.stores.breakers import Breakers, read_breaker, write_breaker
from tests.support.cases import also_long, cases
from tests.unit.notify.world import request

pytestmark = pytest.mark.unit

START = datetime(2026, 12, 1, tzinfo=UTC)
ANSWERS: tuple[Answer, ...] = (
    Accepted("p"),
    Ambiguous("provider_internal_failure"),
    Postponed("provider_endpoint_connection"),
    Postponed("throttled"),
)


def claimed() -> Record:
    step = begin(None, request("email"), "u.root", START)
    assert isinstance(step, Claim)
    return step.record


def opened(answer: AnswerKind = AnswerKind.REFUSED_FOR_NOW) -> Breaker:
    breaker = Breaker()
    for place in range(IN_A_ROW):
        breaker = after_answer(breaker, answer, START, probe=False, in_a_row=place + 1, cause="x")
    return breaker


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1800), st.sampled_from(ANSWERS), st.booleans()), max_size=60))
def test_what_a_worker_is_told(steps: list[tuple[int, Answer, bool]]) -> None:
    """Whatever is answered and when: a closed breaker calls, an open one probes at its time and one at a time, nobody
    waits for the past, and what is stored is read back as it was."""
    breaker, now, in_a_row, probed = Breaker(), START, 0, None
    for seconds, answer, last_call in steps:
        now += timedelta(seconds=seconds)
        assert read_breaker(write_breaker(breaker)) == breaker
        verdict = admit(breaker, now, now, last_call=last_call)
        if isinstance(verdict, Wait):
            assert breaker.phase is Phase.OPEN
            assert now < verdict.until <= now + 4 * timedelta(hours=1)
            continue
        assert isinstance(verdict, TakeTurn) == (breaker.phase is Phase.RECOVERING)
        probe = isinstance(verdict, Call) and verdict.probe is not None
        assert probe == (breaker.phase is Phase.OPEN)
        if isinstance(verdict, Call) and verdict.probe is not None:
            assert breaker.probe_at is not None
            assert now >= breaker.probe_at + (LAST_CALL_WAITS if last_call else timedelta())
            assert probed is None or now >= probed + PROBE_LASTS
            assert isinstance(admit(verdict.probe, now, now, last_call=False), Wait)
            breaker, probed = verdict.probe, now
        in_a_row = in_a_row + 1 if isinstance(answer, Postponed) else 0
        word = AnswerKind.TAKEN
        if isinstance(answer, Ambiguous):
            word = AnswerKind.AMBIGUOUS
        elif isinstance(answer, Postponed):
            word = AnswerKind.THROTTLED if answer.reason == "throttled" else AnswerKind.REFUSED_FOR_NOW
        after = after_answer(breaker, word, now, probe=probe, in_a_row=in_a_row)
        if word is AnswerKind.TAKEN:
            assert after.phase is (Phase.CLOSED if breaker.phase is Phase.CLOSED else Phase.RECOVERING)
        elif breaker.phase is Phase.RECOVERING and answer != ANSWERS[1] and in_a_row < IN_A_ROW:
            assert after is breaker
        elif breaker.phase is Phase.OPEN:
            assert after.phase is Phase.OPEN
            assert after.opened_at == breaker.opened_at
        breaker = after


@given(st.integers(0, 2000), st.sampled_from([60, 480, 960, TOP]))
def test_turns_are_called_in_order_and_no_minute_has_too_many(most: int, top: int) -> None:
    """Brute force: each minute has its half of what the ramp permits, whatever the number of those who wait."""
    breaker = Breaker(Phase.RECOVERING, since=START, top=top)
    turns = [turn_at(breaker, number) for number in range(1, most + 1)]
    assert turns == sorted(turns)
    assert len(set(turns)) == len(turns)
    left, minute, expected = most, 0, {}
    while left > 0:
        room = min(top, FIRST_MINUTE * 2**minute) // 2
        expected[minute] = min(left, room)
        left, minute = left - room, minute + 1
    assert Counter((turn - START) // MINUTE for turn in turns) == expected


@also_long
@cases(20, 1_900)
@given(workers=st.integers(1, 64), calls=st.integers(1, 200), seed=st.integers(0, 2**16))
def test_many_workers_lose_few_messages(workers: int, calls: int, seed: int) -> None:
    """Each worker has one call at a time, and answers come in any order: until the breaker is open, nobody answers at
    most as many as a row, and one for each other worker that was calling at that moment."""
    catalog, chance = MemoryTable(), random.Random(seed)
    gates = [ProviderGate(Breakers(catalog, "email")) for _ in range(workers)]
    calling: dict[int, Admitted] = {}
    lost = 0
    for number in range(calls):
        place = chance.randrange(workers)
        if place in calling:
            gates[place].after(Ambiguous("provider_x"), calling.pop(place), START)
            lost += 1
            continue
        admitted = gates[place].admit(request("email", step=f"s{number}"), claimed(), None, START)
        if isinstance(admitted, Admitted):
            calling[place] = admitted
    assert lost <= IN_A_ROW + workers - 1
    if lost >= IN_A_ROW:
        assert Breakers(catalog, "email").read().phase is Phase.OPEN


def test_a_taken_message_between_failures_starts_the_count_anew() -> None:
    """Single failures of a provider that works open nothing."""
    breaker = Breaker()
    for _ in range(20):
        for _ in range(IN_A_ROW - 1):
            breaker = after_answer(breaker, AnswerKind.AMBIGUOUS, START, probe=False)
        assert breaker.phase is Phase.CLOSED
        breaker = after_answer(breaker, AnswerKind.TAKEN, START, probe=False)
    assert breaker == Breaker(cause=breaker.cause)


def test_the_time_between_probes_doubles_up_to_its_bound() -> None:
    """A quarter of an hour where a probe costs nothing."""
    breaker, minutes = opened(), []
    for _ in range(7):
        assert breaker.probe_at is not None
        minutes.append(breaker.spacing / MINUTE)
        breaker = after_answer(breaker, AnswerKind.REFUSED_FOR_NOW, breaker.probe_at, probe=True)
    assert minutes == [1, 2, 4, 8, 15, 15, 15]
    assert timedelta(minutes=15) == LONGEST_SPACING


def test_a_late_answer_from_before_changes_an_open_breaker_in_nothing() -> None:
    """Only the probe says whether the provider works again."""
    breaker = opened()
    for answer in AnswerKind:
        assert after_answer(breaker, answer, START + MINUTE, probe=False) is breaker


def test_a_provider_that_limits_the_rate_of_a_recovery_gets_half_of_it() -> None:
    """And the next recovery keeps to that."""
    breaker = Breaker(Phase.RECOVERING, opened_at=START, since=START)
    assert after_answer(breaker, AnswerKind.THROTTLED, START + 4 * MINUTE, probe=False) is breaker
    after = after_answer(breaker, AnswerKind.THROTTLED, START + 4 * MINUTE, probe=False, in_a_row=IN_A_ROW)
    assert after.top == FIRST_MINUTE * 2**4 // 2
    assert after_answer(after, AnswerKind.TAKEN, START + 9 * MINUTE, probe=True).top == after.top


def test_a_recovery_is_over_when_nobody_waits() -> None:
    """Not before everything that waited has asked, and not while a turn lies ahead."""
    breaker = Breaker(Phase.RECOVERING, opened_at=START, since=START, top=480)
    early, late = START + RAMP - MINUTE, START + RAMP
    assert recovered(breaker, START, early) is breaker
    assert recovered(breaker, late + MINUTE, late) is breaker
    closed = recovered(breaker, START, late)
    assert (closed.phase, closed.top) == (Phase.CLOSED, 480)


def test_one_message_counts_once_in_a_row() -> None:
    """Silence to one transactional message, called three times, opens nothing; three messages do."""
    breaker = Breaker()
    for _ in range(IN_A_ROW):
        breaker = after_answer(breaker, AnswerKind.AMBIGUOUS, START, probe=False, message="a")
    assert (breaker.phase, breaker.ambiguous) == (Phase.CLOSED, 1)
    for message in ("b", "c"):
        breaker = after_answer(breaker, AnswerKind.AMBIGUOUS, START, probe=False, message=message)
    assert breaker.phase is Phase.OPEN


def test_a_worker_counts_each_refused_message_once() -> None:
    """However often one or two messages are refused, and in which order."""
    catalog = MemoryTable()
    gate = ProviderGate(Breakers(catalog, "email"))
    for message in ("a", "b", "a", "b", "b"):
        gate.after(Postponed("provider_x"), Admitted(message=message), START)
    assert Breakers(catalog, "email").read().phase is Phase.CLOSED
    gate.after(Postponed("provider_x"), Admitted(message="c"), START)
    assert Breakers(catalog, "email").read().phase is Phase.OPEN


@pytest.mark.parametrize("last_call", [True, False])
def test_the_message_of_a_failed_probe_lets_all_others_probe_first(last_call: bool) -> None:
    """Also if it is transactional and all others are commercial; if nobody else waits, it probes again."""
    breaker = opened()
    assert breaker.probe_at is not None
    first = admit(breaker, START, breaker.probe_at + MINUTE, last_call=True, message="a")
    assert isinstance(first, Call)
    assert first.probe is not None
    failed = after_answer(first.probe, AnswerKind.REFUSED_FOR_NOW, breaker.probe_at + MINUTE, probe=True, message="a")
    assert failed.probe_at is not None
    own = admit(failed, START, failed.probe_at, last_call=last_call, message="a")
    other = admit(failed, failed.probe_at, failed.probe_at, last_call=True, message="b")
    assert isinstance(own, Wait)
    assert isinstance(other, Wait)
    assert own.until >= other.until + PROBE_LASTS
    assert isinstance(admit(failed, START, other.until, last_call=True, message="b"), Call)
    assert isinstance(admit(failed, START, own.until, last_call=last_call, message="a"), Call)


@pytest.mark.parametrize("answer", [Ambiguous("provider_x"), Postponed("provider_x")])
def test_a_recovery_ends_after_as_many_failures_as_open_a_closed_breaker(answer: Answer) -> None:
    """Those that opened it do not count, and a yes between them starts the count anew."""
    catalog = MemoryTable()
    breakers = Breakers(catalog, "email")
    gate = ProviderGate(breakers)
    for number in range(IN_A_ROW):
        gate.after(answer, Admitted(message=f"m{number}"), START)
    ProviderGate(breakers).after(Accepted("p"), Admitted(probe=True, message="p"), START + MINUTE)
    for _ in range(3):
        for number in range(IN_A_ROW - 1):
            gate.after(answer, Admitted(message=f"m{number}"), START + 2 * MINUTE)
        assert breakers.read().phase is Phase.RECOVERING
        gate.after(Accepted("p"), Admitted(message="p"), START + 2 * MINUTE)
    for number in range(IN_A_ROW):
        gate.after(answer, Admitted(message=f"m{number}"), START + 2 * MINUTE)
    assert breakers.read().phase is Phase.OPEN


def test_an_answer_about_one_address_says_nothing_of_the_provider() -> None:
    """Neither to a closed breaker nor as a probe."""
    catalog = MemoryTable()
    breakers = Breakers(catalog, "push")
    gate = ProviderGate(breakers)
    for number in range(2 * IN_A_ROW):
        gate.after(Postponed("provider_x", about_address=True), Admitted(message=f"m{number}"), START)
    assert breakers.read() == Breaker()
    breakers.change(lambda _: opened())
    gate.after(Postponed("provider_x", about_address=True), Admitted(probe=True, message="m"), START)
    assert breakers.read() == opened()
