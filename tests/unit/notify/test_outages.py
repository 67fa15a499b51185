"""What an outage of a provider costs: nothing that is still fresh, and a handful of messages of unknown fate."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import pytest

from functions.notify.provider_gate import LAST_TRY
from shared.domain.messages.breaker import FIRST_MINUTE, IN_A_ROW, RAMP, Phase
from shared.domain.messages.message import Reason, Skipped, State
from shared.domain.messages.request import SendRequest
from shared.ports.sender import Answer, Outgoing, Postponed
from shared.stores.breakers import Breakers
from tests.support.cases import UNIT
from tests.unit.notify.outage import BROKEN, HOUR, MINUTE, REFUSED, THROTTLED, Channels, Provider
from tests.unit.notify.world import MORNING

pytestmark = UNIT

KINDS = (REFUSED, THROTTLED, BROKEN)
SAYS_NOTHING, NAMES_IT = Postponed("provider_gaierror"), Postponed("throttled", about_address=True)
BEGINS = MORNING + 10 * MINUTE


def outage(
    *kinds: tuple[datetime, datetime, str], span: timedelta, customers: int = 72, fresh_for: timedelta = 3 * HOUR
) -> Channels:
    """A message every few minutes of ``span``; every fourth is the confirmation of an order."""
    channels = Channels(customers, Provider(kinds))
    for number in range(customers):
        confirms = number % 4 == 0
        channels.expect(
            number,
            MORNING + span * (number / customers),
            72 * HOUR if confirms else fresh_for,
            purpose="transactional" if confirms else "marketing",
        )
    channels.run(MORNING + span + 4 * HOUR)
    return channels


def check(channels: Channels, ends: datetime, unknown: int) -> None:
    """Each message has its end; what was fresh when the provider worked again was taken once; nothing is a dead
    letter."""
    assert channels.dead == []
    assert channels.queue == []
    taken = Counter(message for _, message in channels.provider.taken)
    assert set(taken.values()) <= {1}
    unknowns = 0
    back = next(at for at, _ in channels.provider.taken if at >= ends)
    for wanted in channels.expected:
        record = channels.record(wanted)
        unknowns += record.state is State.UNKNOWN
        assert (record.state is State.SENT) == (wanted.message_id in taken)
        if record.state is State.SKIPPED:
            assert isinstance(record.outcome, Skipped)
            assert record.outcome.reason == Reason.STALE
            assert wanted.fresh_until <= back + RAMP
        else:
            assert record.state in {State.SENT, State.UNKNOWN}
    assert unknowns <= unknown


def told_apart(channels: Channels, ends: datetime) -> list[tuple[datetime, SendRequest]]:
    """When the commercial messages went out that had waited, without those that were tried at their last moment."""
    expected = {one.message_id: one for one in channels.expected}
    waited = [(at, expected[message]) for at, message in channels.provider.taken if at >= ends]
    return [
        (at, one)
        for at, one in waited
        if one.commercial and one.due < ends - MINUTE and at < one.fresh_until - 2 * LAST_TRY
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_an_outage_of_six_hours(kind: str) -> None:
    """Every confirmation goes out, and every commercial message that is still fresh; the others are stale. Of 72
    messages at most eight have an unknown fate, and none if the provider refused connections."""
    lasts = 6 * HOUR
    channels = outage((BEGINS, BEGINS + lasts, kind), span=lasts + HOUR)
    check(channels, BEGINS + lasts, unknown=8 if kind == BROKEN else 0)
    sent = told_apart(channels, BEGINS + lasts)
    assert len(sent) >= 10
    step = 2 * lasts / (11 if kind != BROKEN else 30)  # of due times that come back in two minutes
    for place, (_, one) in enumerate(sent):
        assert not [later for _, later in sent[place:] if one.due - later.due > step]
    expected = {one.message_id: one for one in channels.expected}
    per_minute = Counter((at - BEGINS) // MINUTE for at, _ in channels.provider.taken if at >= BEGINS + lasts)
    assert max(per_minute.values()) <= FIRST_MINUTE
    confirmed = [expected[message] for _, message in channels.provider.taken if not expected[message].commercial]
    assert len(confirmed) >= (18 if kind != BROKEN else 16)


@pytest.mark.parametrize("kind", KINDS)
def test_an_outage_of_ten_minutes(kind: str) -> None:
    """Everything goes out within minutes of its end; of what was called without an answer nothing is called again."""
    channels = outage((BEGINS, BEGINS + 10 * MINUTE, kind), span=30 * MINUTE)
    check(channels, BEGINS + 10 * MINUTE, unknown=6 if kind == BROKEN else 0)
    assert not [one for one in channels.expected if channels.record(one).state is State.SKIPPED]
    assert max(at for at, _ in channels.provider.taken) <= BEGINS + 35 * MINUTE


@pytest.mark.parametrize(("kind", "customers"), [(BROKEN, 160), pytest.param(REFUSED, 80, marks=pytest.mark.long)])
def test_an_outage_of_eighty_hours(kind: str, customers: int) -> None:
    """What was due in its first hours is stale by then, confirmations included: 72 hours are too late for them. The
    probes of the confirmations cost nothing, so few messages have an unknown fate."""
    lasts = 80 * HOUR
    channels = Channels(customers, Provider([(BEGINS, BEGINS + lasts, kind)]))
    for number in range(customers):
        confirms = number % 4 == 0
        more = {"purpose": "transactional" if confirms else "marketing"}
        due = MORNING + (lasts + HOUR) * (number / customers)
        channels.expect(number, due, 72 * HOUR if confirms else 6 * HOUR, **more)
    channels.run(MORNING + lasts + 3 * HOUR)
    check(channels, BEGINS + lasts, unknown=12 if kind == BROKEN else 0)
    skipped = [one for one in channels.expected if channels.record(one).state is State.SKIPPED]
    early = [one for one in channels.expected if one.due >= BEGINS and one.fresh_until <= BEGINS + lasts]
    assert {one.message_id for one in early if channels.record(one).state is State.SENT} == set()
    assert any(not one.commercial for one in early)
    assert len(skipped) >= 0.6 * customers
    alone = 0 if kind == BROKEN else 2 * 60  # until three messages were refused, two hours here, each is called often
    assert len(channels.provider.calls) <= 80 * (1 if kind == BROKEN else 4) + customers + alone


@pytest.mark.parametrize("kind", KINDS)
def test_a_provider_that_works_every_other_five_minutes(kind: str) -> None:
    """It gets less and less to do; what it takes goes out once, and the rest when it works for good."""
    bad = [(BEGINS + place * 10 * MINUTE, BEGINS + (place * 10 + 5) * MINUTE, kind) for place in range(12)]
    channels = outage(*bad, span=2 * HOUR)
    check(channels, bad[-1][1], unknown=14 if kind == BROKEN else 0)
    if kind != BROKEN:
        assert not [one for one in channels.expected if channels.record(one).state is State.SKIPPED]


@pytest.mark.parametrize("hostile", [2, pytest.param(1, marks=pytest.mark.long)])
@pytest.mark.parametrize(
    ("answer", "purpose"),
    [
        (SAYS_NOTHING, "marketing"),
        (NAMES_IT, "transactional"),
        pytest.param(SAYS_NOTHING, "transactional", marks=pytest.mark.long),
        pytest.param(NAMES_IT, "marketing", marks=pytest.mark.long),
    ],
)
def test_an_address_that_always_fails_holds_nobody_up(
    answer: Postponed, purpose: str, hostile: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an outage and without one: everybody else gets theirs within minutes of the provider's return, whatever a
    sender says about the address."""
    channels = Channels(60, Provider([(MORNING, MORNING + 10 * MINUTE, REFUSED)]))
    bad = {channels.expect(number, MORNING, 14 * HOUR, purpose=purpose).message_id for number in range(hostile)}
    for number in range(hostile, 60):
        late = number * 10 * MINUTE if number >= 40 else timedelta()
        channels.expect(number, MORNING + late, 14 * HOUR, purpose="transactional" if number % 2 else "marketing")
    works = channels.provider.send

    def send(outgoing: Outgoing) -> Answer:
        if outgoing.message_id not in bad:
            return works(outgoing)
        channels.provider.calls.append((channels.provider.now, outgoing.message_id, answer))
        return answer

    monkeypatch.setattr(channels.provider, "send", send)
    channels.run(MORNING + 12 * HOUR)
    taken = {message: at for at, message in channels.provider.taken}
    for wanted in channels.expected[hostile:]:
        assert taken[wanted.message_id] - wanted.due <= 45 * MINUTE
    assert Breakers(channels.shop.catalog, "email").read().phase is not Phase.OPEN
    if answer.about_address:
        assert sum(message in bad for _, message, _ in channels.provider.calls) <= 25 * hostile


def test_two_providers_of_which_one_is_down() -> None:
    """A text message goes out as ever. An e-mail waits for its provider, and is no text message in its place: only an
    address that does not reach the customer sends a step to its next channel."""
    down = Channels(6, Provider([(BEGINS, BEGINS + HOUR, REFUSED)]))
    up = Channels(6, Provider(), channel="sms")
    up.shop.catalog, up.service = down.shop.catalog, up.service
    up.service = up.shop.notifying(sender=up.provider, channel="sms")
    for number in range(6):
        due = BEGINS + number * 5 * MINUTE
        down.expect(number, due, 14 * HOUR, channels=("email", "sms"))
        up.expect(number, due, 14 * HOUR)
    down.run(BEGINS + 3 * HOUR)
    up.run(BEGINS + 3 * HOUR)
    assert down.shop.queues["sms"].bodies == []
    assert {down.record(one).state for one in down.expected} == {State.SENT}
    assert [at - one.due for (at, _), one in zip(up.provider.taken, up.expected, strict=True)] == [
        timedelta(milliseconds=50)
    ] * 6
    assert Breakers(up.shop.catalog, "sms").read().phase is Phase.CLOSED


def test_a_provider_that_limits_the_rate_is_not_flooded() -> None:
    """Messages at once, of which it takes 2 a second: the worker pauses, and nothing is put off."""
    provider = Provider(most=2)
    channels = Channels(100, provider)
    for number in range(100):
        channels.expect(number, MORNING, 14 * HOUR)
    channels.run(MORNING)
    assert {channels.record(one).state for one in channels.expected} == {State.SENT}
    assert provider.taken[-1][0] - MORNING == pytest.approx(timedelta(seconds=50), abs=timedelta(seconds=5))


def test_what_is_in_the_way_of_a_message_is_told() -> None:
    """The deferral names the provider, its last word and the beginning of the outage."""
    channels = Channels(5, Provider([(MORNING, MORNING + HOUR, REFUSED)]))
    for number in range(5):
        channels.expect(number, MORNING, 14 * HOUR)
    channels.run(MORNING)
    told = channels.record(channels.expected[4]).outcome
    assert told is not None
    assert told.reason == Reason.PROVIDER_DOWN  # type: ignore[union-attr]
    [found] = told.evidence  # type: ignore[union-attr]
    assert (found["kind"], found["id"], found["because"]) == ("provider", "email", "provider_endpoint_connection")
    breaker = Breakers(channels.shop.catalog, "email").read()
    assert breaker.phase is Phase.OPEN
    assert len(channels.provider.calls) == IN_A_ROW


def test_in_normal_operation_the_breaker_is_not_written_and_not_asked_alone() -> None:
    """No request more than before: it is read with the switches."""
    channels = Channels(1, Provider())
    channels.expect(0, MORNING, HOUR)
    before = channels.shop.catalog.items()
    channels.run(MORNING)
    assert len(channels.provider.taken) == 1
    assert channels.shop.catalog.items() == before
