"""Waiting for the local stack to be quiet."""

from __future__ import annotations

from typing import Any

import pytest

from cli.failure import Failure
from cli.local.wait_until_idle import QUIET_READINGS, settle

pytestmark = pytest.mark.unit


class Readings:
    """Plays readings one after the other; the last one stays."""

    def __init__(self, *readings: dict[str, Any]) -> None:
        self.readings = list(readings)
        self.asked: list[str] = []
        self.time = 0.0

    def ask(self, _base: str, path: str, *, method: str = "GET") -> Any:
        self.asked.append(method)
        if method == "POST":
            return {"retried": 1}
        return self.readings.pop(0) if len(self.readings) > 1 else self.readings[0]

    def sleep(self, seconds: float) -> None:
        self.time += seconds

    def settle(self) -> None:
        settle("http://x", asking=self.ask, sleep=self.sleep, clock=lambda: self.time)


def test_one_quiet_reading_is_not_enough() -> None:
    """Quiet counts only in a row: a reading between two calls does not end the wait."""
    world = Readings({}, {"running": {"segment-on-events": 1}}, {})
    world.settle()
    assert len(world.asked) == 2 + QUIET_READINGS


def test_dead_letters_do_not_keep_it_waiting() -> None:
    """What waits for a person is not work of the stack."""
    world = Readings({"parked": {"email-dead": 3}})
    world.settle()
    assert len(world.asked) == QUIET_READINGS


def test_messages_that_failed_are_tried_at_once() -> None:
    """When only failed messages are left, their next try is asked for instead of waiting for their timeout."""
    world = Readings(*[{"queued": {"email": 1}}] * 50, {})
    world.settle()
    assert "POST" in world.asked


def test_a_stack_that_stays_busy_is_named() -> None:
    """After the deadline the sentence says what is still busy."""
    world = Readings({"running": {"notify-email": 1}})
    with pytest.raises(Failure, match="running: notify-email 1"):
        world.settle()


def test_a_stack_that_gets_on_is_waited_for() -> None:
    """A long backlog that shrinks is no failure, however long it takes."""
    world = Readings(*({"unread": {"segment-on-events": left}} for left in range(9000, 0, -1)), {})
    world.settle()
    assert world.time > 120


def test_a_slow_fold_is_waited_for_while_events_come_in_faster() -> None:
    """What is unread grows for ten minutes, but the function takes records all the while."""
    grows = ({"unread": {"segment-on-events": n}, "progress": {"segment-on-events": n // 2000}} for n in range(20_000))
    world = Readings(*grows, {})
    world.settle()
    assert world.time > 500


def test_a_stack_that_takes_nothing_fails_though_its_rules_fire() -> None:
    """Records that stay where they are end the wait after the deadline, whatever else runs beside them."""
    world = Readings(*({"unread": {"x": 5}, "running": {"on-due": n % 2}, "progress": {"x": 7}} for n in range(9000)))
    with pytest.raises(Failure, match="unread: x 5"):
        world.settle()
    assert 119 < world.time < 122
