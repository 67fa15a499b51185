"""The switches are one item that every message asks: it is read once a second, and a stop acts within two."""

from __future__ import annotations

import pytest

from shared.adapters.memory import MemoryTable
from shared.adapters.usage import Usage
from shared.domain.messages.controls import Controls
from shared.stores.controls import SENDING_SECONDS, ControlStore

pytestmark = pytest.mark.unit


class Clock:
    """Seconds that only a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_thousand_messages_of_a_second_read_it_once() -> None:
    """And the next second once more."""
    usage, clock = Usage(), Clock()
    store = ControlStore(MemoryTable(usage), believed_for=SENDING_SECONDS, monotonic=clock)
    for _ in range(1_000):
        assert not store.read().global_stop
        clock.now += 0.0009
    assert usage.requests == 1
    clock.now += 1
    store.read()
    assert usage.requests == 2


def test_a_stop_by_somebody_else_is_heard_within_two_seconds() -> None:
    """Whenever it is set between two reads."""
    for step in range(10):
        table, clock = MemoryTable(), Clock()
        sender = ControlStore(table, believed_for=SENDING_SECONDS, monotonic=clock)
        assert not sender.read().global_stop
        clock.now += step / 10
        ControlStore(table).write(Controls(global_stop=True))
        clock.now += 2
        assert sender.read().global_stop


def test_who_sets_a_switch_sees_it_at_once() -> None:
    """A writer does not believe what it read before."""
    store = ControlStore(MemoryTable(), believed_for=SENDING_SECONDS, monotonic=Clock())
    assert not store.read().shadow
    store.change(lambda now: Controls(shadow=True, allow_list=now.allow_list))
    assert store.read().shadow
    store.write(Controls())
    assert not store.read().shadow


def test_a_clock_that_goes_back_is_not_believed() -> None:
    """What was read in the future of this clock is read again."""
    table, clock = MemoryTable(), Clock()
    store = ControlStore(table, believed_for=SENDING_SECONDS, monotonic=clock)
    store.read()
    ControlStore(table).write(Controls(global_stop=True))
    clock.now -= 50
    assert store.read().global_stop
