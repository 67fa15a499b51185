"""The ledger on the fake and on DynamoDB (moto): one suite for both."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from moto import mock_aws

from shared.adapters.indexes import INDEXES
from shared.adapters.memory import MemoryTable
from shared.domain.messages.lifecycle import IN_FLIGHT, Busy, Claim, Settled
from shared.domain.messages.message import Deferred, Failed, Outcome, Record, Sent, Skipped, State, Unknown
from shared.stores.ledger import Ledger, read_record, write_record
from tests.support.moto_wire import boto3_client, moto_table
from tests.unit.notify.world import MORNING, request

pytestmark = pytest.mark.contract

LATER = MORNING + IN_FLIGHT


@pytest.fixture(params=["memory", "moto"])
def ledger(request: pytest.FixtureRequest) -> Iterator[Ledger]:
    if request.param == "memory":
        yield Ledger(MemoryTable(indexes=INDEXES["messages"]))
        return
    with mock_aws():
        client = boto3_client("dynamodb")
        client.create_table(
            TableName="messages",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "home", "at")],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "by_home",
                    "KeySchema": [
                        {"AttributeName": "home", "KeyType": "HASH"},
                        {"AttributeName": "at", "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "KEYS_ONLY"},
                }
            ],
            BillingMode="PAY_PER_REQUEST",
        )
        yield Ledger(moto_table("messages"))


def claim(ledger: Ledger, **more: object) -> Record:
    step = ledger.begin(request("email", **more), "u.root", MORNING)  # type: ignore[arg-type]
    assert isinstance(step, Claim)
    return step.record


def called(ledger: Ledger, **more: object) -> Record:
    record = ledger.calling(claim(ledger, **more), MORNING)
    assert record is not None
    return record


def test_from_claim_to_sent(ledger: Ledger) -> None:
    """CLAIMED, CALLING, SENT; what is read back is what was written, and a repetition finds it settled."""
    calling = called(ledger)
    sent = ledger.settle(calling, Sent(MORNING, "p-1"), MORNING)
    assert ledger.get(sent.message_id) == sent
    assert ledger.begin(request("email"), "u.root", LATER) == Settled(sent)
    assert ledger.get_many([sent.message_id, "absent"]) == {sent.message_id: sent}


def test_only_one_of_two_claims_may_call(ledger: Ledger) -> None:
    """A second attempt takes the claim over; the first one's CALLING then fails."""
    first = claim(ledger)
    second = claim(ledger)
    assert ledger.calling(first, MORNING) is None
    assert ledger.calling(second, MORNING) is not None


def test_a_call_in_flight_is_left_alone_and_an_old_one_is_unknown(ledger: Ledger) -> None:
    """A young CALLING is busy; an old one becomes UNKNOWN for a commercial message and stays so."""
    called(ledger)
    assert ledger.begin(request("email"), "u.root", MORNING + timedelta(seconds=1)) == Busy()
    step = ledger.begin(request("email"), "u.root", LATER)
    assert isinstance(step, Settled)
    assert step.record.outcome == Unknown()
    again = ledger.begin(request("email"), "u.root", LATER + timedelta(days=1))
    assert isinstance(again, Settled)


def test_a_transactional_message_is_called_again_a_bounded_number_of_times(ledger: Ledger) -> None:
    """Three calls without an answer, then UNKNOWN."""
    wanted = request("email", purpose="transactional")
    now = MORNING
    for _ in range(3):
        step = ledger.begin(wanted, "u.root", now)
        assert isinstance(step, Claim)
        assert ledger.calling(step.record, now) is not None
        now += IN_FLIGHT
    last = ledger.begin(wanted, "u.root", now)
    assert isinstance(last, Settled)
    assert last.record.state is State.UNKNOWN


def test_nothing_downgrades_sent(ledger: Ledger) -> None:
    """Feedback said SENT while we were calling: our own later words change nothing, whatever they are."""
    calling = called(ledger)
    told = ledger.settle_by_feedback(calling.message_id, MORNING)
    assert told is not None
    for outcome in (Failed("provider_x"), Unknown("provider_y"), Sent(LATER, "late")):
        assert ledger.settle(calling, outcome, LATER) == told
    ledger.not_taken(calling, Deferred(LATER, "throttled"), LATER)
    assert ledger.get(calling.message_id) == told


def test_a_late_yes_corrects_unknown(ledger: Ledger) -> None:
    """Another attempt gave the call up as UNKNOWN; the call's own answer, SENT, is stronger."""
    calling = called(ledger)
    ledger.begin(request("email"), "u.root", LATER)
    assert ledger.settle(calling, Sent(LATER, "p"), LATER).state is State.SENT


def test_feedback_settles_only_what_was_called(ledger: Ledger) -> None:
    """A report cannot turn CLAIMED, SKIPPED or FAILED into SENT."""
    record = claim(ledger)
    assert ledger.settle_by_feedback(record.message_id, MORNING) == record
    skipped = ledger.settle(record, Skipped("stale"), MORNING)
    assert ledger.settle_by_feedback(record.message_id, MORNING) == skipped


def test_what_the_provider_did_not_take_is_deferred(ledger: Ledger) -> None:
    """Definitely not taken: the call counts as none, and the next attempt may call and knows what was said."""
    calling = called(ledger)
    said = Deferred(LATER, "throttled")
    assert ledger.not_taken(calling, said, MORNING).outcome == said
    step = ledger.begin(request("email"), "u.root", MORNING)
    assert isinstance(step, Claim)
    assert step.record.attempts == 0
    assert step.waited == said


def test_nobody_answered(ledger: Ledger) -> None:
    """A commercial message is UNKNOWN. A transactional one waits, at most twice; a report settles it meanwhile."""
    said, unknown = Deferred(LATER, "provider_down"), Unknown("provider_x")
    assert ledger.unanswered(called(ledger), said, unknown, MORNING).outcome == unknown
    wanted = request("email", purpose="transactional", step="confirmed")
    for expected in (said, said, unknown):
        step = ledger.begin(wanted, "u.root", MORNING)
        assert isinstance(step, Claim)
        calling = ledger.calling(step.record, MORNING)
        assert calling is not None
        assert ledger.unanswered(calling, said, unknown, MORNING).outcome == expected


def test_a_report_settles_a_message_that_waits_to_be_called_again(ledger: Ledger) -> None:
    """The call that nobody answered went out after all: it is not called again. Skipped, it is UNKNOWN, not skipped."""
    wanted = request("email", purpose="transactional", step="confirmed")
    step = ledger.begin(wanted, "u.root", MORNING)
    assert isinstance(step, Claim)
    calling = ledger.calling(step.record, MORNING)
    assert calling is not None
    ledger.unanswered(calling, Deferred(LATER, "provider_down"), Unknown("provider_x"), MORNING)
    skipped = ledger.skip(wanted, "u.root", Skipped("stale"), LATER)
    assert skipped is not None
    assert skipped.outcome == Unknown("stale")
    settled = ledger.settle_by_feedback(wanted.message_id, LATER)
    assert settled is not None
    assert settled.state is State.SENT


def test_schedule_may_record_a_skip_but_not_over_a_call(ledger: Ledger) -> None:
    """``skip`` records a step that no worker took; a message that was sent or is being called stays as it is."""
    record = ledger.skip(request("email"), "u.root", Skipped("stale"), MORNING)
    assert record is not None
    assert record.outcome == Skipped("stale")
    called(ledger, step="offer")
    assert ledger.skip(request("email", step="offer"), "u.root", Skipped("stale"), MORNING) is None


def test_the_messages_of_a_home_newest_first(ledger: Ledger) -> None:
    """The index lists them by when they were last decided, page by page."""
    for place, step in enumerate(("one", "two", "three")):
        ledger.begin(request("email", step=step), "u.root", MORNING + timedelta(minutes=place))
    first = ledger.of_home(request().home, limit=2)
    rest = ledger.of_home(request().home, limit=2, cursor=first.cursor)
    assert [read_record(item).step for item in (*first.items, *rest.items)] == ["three", "two", "one"]
    assert rest.cursor is None


@pytest.mark.parametrize(
    "outcome",
    [Sent(MORNING, "p"), Deferred(LATER, "quiet_hours"), Skipped("stale"), Failed("x"), Unknown("y"), Unknown()],
)
def test_every_outcome_survives_storing(ledger: Ledger, outcome: Outcome) -> None:
    """Written and read again, a record is the same."""
    record = claim(ledger) if isinstance(outcome, Skipped | Deferred) else called(ledger)
    stored = ledger.settle(record, outcome, MORNING)
    assert stored.outcome == outcome
    assert read_record(write_record(stored)) == stored
    assert ledger.get(stored.message_id) == stored
