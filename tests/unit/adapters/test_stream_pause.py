"""Records that failed are given back later the longer nothing goes well, and an outage of an hour is outlived."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from functions.schedule import on_customer
from functions.segment import on_events
from shared.adapters.handler_errors import Failed
from shared.adapters.queue_records import Failures, offered_again
from shared.adapters.stream_pause import LONGEST_SECONDS, MARGIN_SECONDS, SHORT_SECONDS, StreamPause

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def retries() -> int:
    """Imported late: CDK takes a second of whoever only collects the tests."""
    from infra.streams import RETRIES

    return RETRIES


HOUR = 3_600.0


class Invoked:
    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def get_remaining_time_in_millis(self) -> int:
        return int(self.seconds * 1_000)


class Process:
    """One process with a clock that its pauses move."""

    def __init__(self) -> None:
        self.time = 1_000.0
        self.pause = StreamPause(lambda: self.time, self.sleep)

    def sleep(self, seconds: float) -> None:
        self.time += seconds

    def paused(self, age: float, *, left: float = 60.0, failed: str = "1") -> float:
        """Seconds that three records wait; the one that failed is so old."""
        began = self.time
        records = [
            {"dynamodb": {"SequenceNumber": str(n), "ApproximateCreationDateTime": began - age - 1 + n}}
            for n in range(3)
        ]
        failures = {"batchItemFailures": [{"itemIdentifier": failed}] if failed else []}
        assert self.pause.before_again(failures, {"Records": records}, Invoked(left)) is failures
        return self.time - began


def test_the_longer_nothing_goes_well_the_longer_it_waits() -> None:
    """A second, then as long as it lasts already, fifty seconds at most."""
    process = Process()
    assert [process.paused(4_000.0) for _ in range(9)] == [1, 1, 2, 4, 8, 16, 32, LONGEST_SECONDS, LONGEST_SECONDS]


def test_a_success_between_two_failures_makes_the_next_pause_short() -> None:
    """In a long backlog records are old, and a conflict is no outage."""
    process = Process()
    for _ in range(8):
        process.paused(4_000.0)
    assert process.paused(4_000.0, failed="") == 0
    assert process.paused(4_000.0) == SHORT_SECONDS


def test_what_is_raised_waits_too_and_counts_with_the_rest() -> None:
    """In an outage a new process may not read its secret: without a pause a hundred attempts are over in minutes."""
    process = Process()
    event = {"Records": [{"dynamodb": {"SequenceNumber": "1", "ApproximateCreationDateTime": -4_000.0}}]}

    def fails() -> Failures:
        raise OSError

    def tried(work: Callable[[], Failures]) -> float:
        began = process.time
        with suppress(OSError):
            assert process.pause.around(work, event, Invoked(60.0)) == offered_again([])
            return -1.0
        return process.time - began

    assert [tried(fails) for _ in range(4)] == [1, 1, 2, 4]
    assert tried(lambda: offered_again([])) == -1
    assert tried(fails) == SHORT_SECONDS


@pytest.mark.parametrize("module", [on_events, on_customer])
def test_both_readers_wait_when_they_cannot_begin(module: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error is told to AWS as before."""
    process = Process()
    monkeypatch.setattr(module, "PAUSE", process.pause)
    monkeypatch.setattr(module, "environment", lambda: 1 / 0)
    event = {"Records": [{"dynamodb": {"SequenceNumber": "1", "ApproximateCreationDateTime": -4_000.0}}]}
    with pytest.raises(Failed, match=r"^ZeroDivisionError at "):
        module.handler(event, Invoked(60.0))
    assert process.time == 1_000 + SHORT_SECONDS


def test_a_record_never_waits_longer_than_it_is_old() -> None:
    """The first attempt at a new record is given back at once; its age is that of the first that failed."""
    process = Process()
    process.time += 0
    process.paused(4_000.0)
    process.time += 30
    assert process.paused(0.0) == 0
    assert process.paused(3.0) == 3
    process.paused(4_000.0, failed="2")
    process.time += 30
    assert process.paused(3.0, failed="2") == 2


def test_a_record_of_a_busy_partition_outlives_an_hour_although_others_go_well(retries: int) -> None:
    """Its attempts would be over in minutes if each success of others made its pause short again."""
    process = Process()
    began = process.time
    for number in range(retries):
        process.paused(40_000.0)
        fine = {"Records": [{"dynamodb": {"SequenceNumber": f"other{number}"}}]}
        process.pause.before_again(offered_again([]), fine, Invoked(60.0))
    assert process.time - began > HOUR


def test_the_invocation_ends_before_it_is_ended() -> None:
    process = Process()
    process.paused(4_000.0)
    process.time += 40
    assert process.paused(4_000.0, left=20.0) == 20 - MARGIN_SECONDS
    assert process.paused(4_000.0, left=MARGIN_SECONDS) == 0
    assert process.paused(4_000.0, left=1.0) == 0


def test_a_clock_that_is_set_back_waits_for_nothing_long() -> None:
    """A record from the future, and a first failure from the future."""
    process = Process()
    assert process.paused(-30.0) == 0
    process.time -= 500
    assert process.paused(4_000.0) == SHORT_SECONDS


@pytest.mark.parametrize("between", [0.0, 0.2, 30.0])
def test_an_outage_of_an_hour_does_not_use_up_the_retries(between: float, retries: int) -> None:
    """However soon AWS brings a batch again, if each attempt takes no time."""
    process, attempts = Process(), 0
    began = process.time
    while process.time - began < HOUR:
        attempts += 1
        process.paused(process.time - began + 1)
        process.time += between
    assert attempts <= retries
