"""Counting what functions take, by which slow is told from stuck."""

from __future__ import annotations

from typing import Any

import pytest

from cli.local.port_in_use import Taken

pytestmark = pytest.mark.unit
FUNCTION = {"config": {"FunctionName": "segment-on-events"}}


@pytest.mark.parametrize(
    ("result", "count"),
    [
        ({"body": None}, 3),
        ({"body": {"batchItemFailures": []}}, 3),
        ({"body": b'{"batchItemFailures": []}'}, 3),
        ({"body": b"no json"}, 3),
        ({"body": {"batchItemFailures": [{"itemIdentifier": "1"}]}}, 0),
        ({"body": '{"batchItemFailures": [{"itemIdentifier": "1"}]}'}, 0),
        ({"error": True, "body": {"errorMessage": "x"}}, 0),
    ],
)
def test_only_what_was_taken_counts(result: dict[str, Any], count: int) -> None:
    """A call that failed or reports a failure is tried again: it is no progress."""
    taken = Taken()
    assert taken.counting(lambda _func, _event: result)(FUNCTION, {"Records": [1, 2, 3]}) is result
    assert taken.counts["segment-on-events"] == count


def test_a_rule_that_fires_every_minute_is_no_progress() -> None:
    """A call without records counts nothing, else a stuck stack would be waited for without end."""
    taken = Taken()
    taken.counting(lambda _func, _event: {"body": None})(FUNCTION, {"detail-type": "Scheduled Event"})
    assert not taken.counts
