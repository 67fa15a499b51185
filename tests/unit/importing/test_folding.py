"""The second bar of an import: how far the local stack has folded what was sent."""

from __future__ import annotations

import http.client
import io
from collections.abc import Iterator
from typing import Any
from urllib.error import URLError

import pytest
from rich.console import Console

from cli.importing.folding import FUNCTION, wait_until_folded

pytestmark = pytest.mark.unit


def looks(*steps: tuple[int, int, int]) -> Iterator[dict[str, Any]]:
    """What the stack says: events taken, calls running, records unread; the last for good."""
    while True:
        for taken, running, unread in steps:
            said = {"running": {FUNCTION: running}, "unread": {FUNCTION: unread}, "progress": {FUNCTION: taken}}
            yield said
        steps = steps[-1:]


def test_it_ends_when_nothing_is_left_and_says_how_far_it_is() -> None:
    """Quiet for one look between two batches is not the end; records that are none of its events are not waited for."""
    seconds = [0.0]
    asked = looks((100, 1, 900), (400, 0, 0), (400, 1, 600), (1_100, 1, 50_000))
    out = io.StringIO()

    def sleep(by: float) -> None:
        seconds[0] += by * 20

    took = wait_until_folded(
        lambda: next(asked), 1_000, 100, Console(file=out, width=80), sleep=sleep, now=lambda: seconds[0]
    )
    assert took == pytest.approx(0.3 * 20 * 3)
    assert "300 of 1,000 events folded" in out.getvalue()


@pytest.mark.parametrize("error", [URLError("refused"), ConnectionResetError(), http.client.IncompleteRead(b"")])
def test_a_stack_that_is_stopped_meanwhile_is_no_failure_of_the_import(error: Exception) -> None:
    """Everything is sent then: it says so and ends."""
    out = io.StringIO()

    def gone() -> dict[str, Any]:
        raise error

    assert wait_until_folded(gone, 10, 0, Console(file=out, width=120), sleep=lambda _s: None) is None
    assert "when it is started" in out.getvalue()


def test_events_that_were_there_before_are_not_waited_for() -> None:
    """A second import changes nothing, so nothing is folded."""
    asked = looks((100, 0, 0))
    took = wait_until_folded(lambda: next(asked), 1_000, 100, Console(file=io.StringIO()), sleep=lambda _s: None)
    assert took is not None
    assert took < 5
