"""What became of messages is told to the lake, and rows that waited are offered again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from functions.measure import on_message, on_queue
from shared.adapters.attribute_values import write_item
from shared.adapters.memory_lake import MemoryLake
from shared.domain.messages.message import Deferred, Failed, Record, Sent, Skipped, State, Unknown
from shared.ports import Throttled
from shared.stores.ledger import write_record
from tests.support.cases import UNIT
from tests.support.world import NOW

pytestmark = UNIT
RECORD = Record(
    message_id="m" * 26, state=State.SENT, home="u.a", root="u.a", enrollment="e1", journey="welcome", release=1,
    step="hello", template="hello", purpose="marketing", channel="email", due_ms=5, clock_ms=5, decided_at=NOW,
    updated_at=NOW, revision=3, outcome=Sent(NOW),
)  # fmt: skip
OUTCOMES: dict[State, Any] = {
    State.SENT: Sent(NOW),
    State.SKIPPED: Skipped("no_consent"),
    State.FAILED: Failed("provider_refused"),
    State.UNKNOWN: Unknown("timeout"),
    State.DEFERRED: Deferred(NOW + timedelta(hours=1), "quiet_hours"),
    State.CLAIMED: None,
    State.CALLING: None,
}


def change(item: dict[str, Any] | None, place: int = 0) -> dict[str, Any]:
    image = {} if item is None else {"NewImage": write_item(item)}
    return {"dynamodb": {"SequenceNumber": str(place), **image}}


def test_each_outcome_is_told_with_one_request() -> None:
    """Those that are decided; a claim, another item and a deletion are none."""
    records = [replace(RECORD, state=state, outcome=outcome) for state, outcome in OUTCOMES.items()]
    changes = [change(write_record(one)) for one in records]
    changes += [change({"pk": "coupon#x", "sk": "free#1"}), change(None)]
    lake = MemoryLake()
    assert on_message.respond({"Records": changes}, lake) == {"batchItemFailures": []}
    told = {row["state"]: row.get("reason", "") for row in lake.rows("outcomes")}
    assert told == {
        "sent": "", "skipped": "no_consent", "failed": "provider_refused", "unknown": "timeout",
        "deferred": "quiet_hours",
    }  # fmt: skip
    assert lake.requests == 1


def test_a_record_that_cannot_be_read_stops_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    """It is counted, for the alarm."""
    broken = {**write_record(RECORD), "decided_ms": "soon"}
    lake = MemoryLake()
    answer = on_message.respond({"Records": [change(broken), change(write_record(RECORD), 1)]}, lake)
    assert answer == {"batchItemFailures": []}
    assert len(lake.rows("outcomes")) == 1
    assert '"lake_lost":[1.0]' in capsys.readouterr().out


def test_what_nobody_takes_comes_again() -> None:
    class Down(MemoryLake):
        def hand_on(self, lines: Sequence[bytes]) -> None:
            raise Throttled("full")

    answer = on_message.respond({"Records": [change(write_record(RECORD), 7)]}, Down())
    assert answer == {"batchItemFailures": [{"itemIdentifier": "7"}]}


def test_rows_that_waited_are_offered_until_they_are_taken() -> None:
    """A message that is not taken stays in the queue, the others leave it."""

    class Stream:
        def __init__(self) -> None:
            self.records: list[bytes] = []

        def offer(self, records: Sequence[bytes]) -> list[bool]:
            self.records += records
            return [b"no" not in record for record in records]

    stream = Stream()
    records = [{"messageId": str(place), "body": body} for place, body in enumerate(["yes\n", "no\n", "ja\n"])]
    assert on_queue.respond({"Records": records}, stream) == {"batchItemFailures": [{"itemIdentifier": "1"}]}
    assert stream.records == [b"yes\n", b"no\n", b"ja\n"]
