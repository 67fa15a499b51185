"""The repair of MiniStack's stream batches: tried, halved and given up as AWS does it."""

from __future__ import annotations

from typing import Any

import pytest

from cli.local.stream_batches import lanes_of, stream_aware

pytestmark = pytest.mark.unit
MAPPING = {
    "MaximumRetryAttempts": 2,
    "BisectBatchOnFunctionError": True,
    "FunctionResponseTypes": ["ReportBatchItemFailures"],
}


def record(number: int) -> dict[str, Any]:
    return {"eventSource": "aws:dynamodb", "eventSourceARN": "arn:stream", "dynamodb": {"SequenceNumber": str(number)}}


class Function:
    """A stream function that fails in a chosen way and remembers what it worked on."""

    def __init__(self, poison: set[int], *, raises: bool) -> None:
        self.poison, self.raises = poison, raises
        self.done: list[int] = []
        self.given_up: list[list[str]] = []

    def execute(self, _func: Any, event: Any) -> dict[str, Any]:
        numbers = [int(record["dynamodb"]["SequenceNumber"]) for record in event["Records"]]
        bad = [number for number in numbers if number in self.poison]
        if bad and self.raises:
            return {"error": True, "body": {"errorMessage": "poison"}}
        self.done += [number for number in numbers if not bad or number < bad[0]]
        return {"body": {"batchItemFailures": [{"itemIdentifier": str(bad[0])}] if bad else []}}

    def give_up(self, _mapping: Any, _func: Any, records: Any, *_more: Any) -> None:
        self.given_up.append([record["dynamodb"]["SequenceNumber"] for record in records])

    def run(self, count: int, mapping: dict[str, Any] | None = None) -> dict[str, Any]:
        chosen = MAPPING if mapping is None else mapping
        wrapped = stream_aware(self.execute, lambda _func, _source: chosen, self.give_up, sleep=lambda _seconds: None)
        return wrapped({}, {"Records": [record(number) for number in range(count)]})


@pytest.mark.parametrize("raises", [True, False])
def test_a_poisoned_record_is_given_up_alone_and_the_rest_is_done_in_order(raises: bool) -> None:
    """Whether the function raises or reports the record, only that record is given up."""
    function = Function({5}, raises=raises)
    function.run(8)
    assert function.done == [0, 1, 2, 3, 4, 6, 7]
    assert function.given_up == [["5"]]


def test_a_record_that_fails_for_a_while_is_tried_again() -> None:
    """A failure that goes away within the retries loses nothing."""
    function = Function({0}, raises=False)
    tries = []

    def recovering(func: Any, event: Any) -> dict[str, Any]:
        tries.append(len(event["Records"]))
        if len(tries) == 2:
            function.poison = set()
        return function.execute(func, event)

    stream_aware(recovering, lambda *_: MAPPING, function.give_up, sleep=lambda _s: None)({}, {"Records": [record(0)]})
    assert (function.done, function.given_up, len(tries)) == ([0], [], 2)


def test_a_throttled_batch_uses_up_no_tries() -> None:
    """Being throttled is no failure of the records."""
    answers = [{"error": True, "throttle": True}] * 10 + [{"body": None}]
    given_up: list[Any] = []
    wrapped = stream_aware(
        lambda _func, _event: answers.pop(0),
        lambda *_: MAPPING,
        lambda *all_: given_up.append(all_),
        sleep=lambda _s: None,
    )
    wrapped({}, {"Records": [record(0)]})
    assert (answers, given_up) == ([], [])


def test_without_a_limit_the_failure_is_the_emulators() -> None:
    """A mapping that retries forever is left to the emulator, which keeps the stream where it is."""
    function = Function({0}, raises=True)
    assert function.run(1, {"MaximumRetryAttempts": -1})["error"]


def test_other_events_pass_untouched() -> None:
    """An API call or a queue's batch is not touched."""
    wrapped = stream_aware(lambda _func, event: {"body": event}, lambda *_: MAPPING, lambda *_: None)
    assert wrapped({}, {"rawPath": "/v1/track"}) == {"body": {"rawPath": "/v1/track"}}


def test_no_batch_is_larger_than_the_mapping_says() -> None:
    """What is read at once is handed over in batches of the mapping's size, in order."""
    function = Function(set(), raises=False)
    sizes = []

    def counting(func: Any, event: Any) -> dict[str, Any]:
        sizes.append(len(event["Records"]))
        return function.execute(func, event)

    records = {"Records": [record(number) for number in range(25)]}
    stream_aware(counting, lambda *_: {**MAPPING, "BatchSize": 10}, function.give_up)({}, records)
    assert (sizes, function.done) == ([10, 10, 5], list(range(25)))


def test_records_of_one_item_stay_in_order_whatever_the_number_of_lanes() -> None:
    """Lanes run side by side, so two records of one key must never be in two of them."""
    records = [
        {"dynamodb": {"Keys": {"pk": {"S": f"u.{number % 7}"}}, "SequenceNumber": str(number)}} for number in range(100)
    ]
    lanes = lanes_of(records, 4)
    assert sorted((record for lane in lanes for record in lane), key=lambda one: records.index(one)) == records
    homes = [{record["dynamodb"]["Keys"]["pk"]["S"] for record in lane} for lane in lanes]
    assert sum(map(len, homes)) == 7
    for lane in lanes:
        numbers = [int(record["dynamodb"]["SequenceNumber"]) for record in lane]
        assert numbers == sorted(numbers)


def test_lanes_are_all_worked_on_and_poison_stops_its_own_lane_only_for_its_retries() -> None:
    """With two lanes every good record is done once, and the poisoned one is given up alone."""
    function = Function({3}, raises=True)
    mapping = MAPPING | {"ParallelizationFactor": 2, "BatchSize": 3}
    wrapped = stream_aware(function.execute, lambda *_: mapping, function.give_up, sleep=lambda _seconds: None)
    records = [record(number) for number in range(20)]
    for number, one in enumerate(records):
        one["dynamodb"]["Keys"] = {"pk": {"S": f"u.{number % 5}"}}
    wrapped({}, {"Records": records})
    assert sorted(function.done) == [number for number in range(20) if number != 3]
    assert function.given_up == [["3"]]
