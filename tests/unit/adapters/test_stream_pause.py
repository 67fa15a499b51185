"""Records that failed are given back later the older they are, and an outage of an hour is outlived."""

from __future__ import annotations

import pytest

from infra.streams import RETRIES
from shared.adapters.stream_pause import LONGEST_SECONDS, MARGIN_SECONDS, pause_before_again

pytestmark = pytest.mark.unit
HOUR = 3_600.0


class Invoked:
    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def get_remaining_time_in_millis(self) -> int:
        return int(self.seconds * 1_000)


def paused(age: float, *, left: float = 60.0, failed: str = "1") -> float:
    """Seconds that two records of this age wait."""
    waited: list[float] = []
    records = [{"dynamodb": {"SequenceNumber": str(n), "ApproximateCreationDateTime": 1_000.0 + n}} for n in range(3)]
    failures = {"batchItemFailures": [{"itemIdentifier": failed}] if failed else []}
    answer = pause_before_again(
        failures, {"Records": records}, Invoked(left), now=lambda: 1_001.0 + age, sleep=waited.append
    )
    assert answer is failures
    return sum(waited)


def test_the_older_a_record_the_longer_it_waits() -> None:
    """The age is that of the first record that failed."""
    assert paused(0.0) == 0
    assert paused(3.0) == 3
    assert paused(4_000.0) == LONGEST_SECONDS
    assert paused(3.0, failed="2") == 2
    assert paused(3.0, failed="") == 0


def test_the_invocation_ends_before_it_is_ended() -> None:
    assert paused(4_000.0, left=20.0) == 20 - MARGIN_SECONDS
    assert paused(4_000.0, left=MARGIN_SECONDS) == 0
    assert paused(4_000.0, left=1.0) == 0


def test_a_clock_that_is_behind_waits_for_nothing() -> None:
    """The record is from the future then."""
    assert paused(-30.0) == 0


@pytest.mark.parametrize("between", [0.0, 0.2, 30.0])
def test_an_outage_of_an_hour_does_not_use_up_the_retries(between: float) -> None:
    """However soon AWS brings a batch again, if each attempt takes a second."""
    age, attempts = 0.0, 0
    while age < HOUR:
        attempts += 1
        age += 1.0 + paused(age) + between
    assert attempts <= RETRIES
