"""The local clock: durations and times of day, and time that moves through every due moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from cli.failure import Failure, WrongUse
from cli.local import clock
from cli.local.clock import Stack, Timer, advance, next_local, parse_duration

pytestmark = pytest.mark.unit
START = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)


class World:
    """A stack of timers whose work is a dictionary: what firing at a moment arms next."""

    def __init__(self, due: list[Timer], arms: dict[datetime, list[Timer]] | None = None) -> None:
        self.time = START
        self.timers = list(due)
        self.arms = arms or {}
        self.fired: list[tuple[datetime, str]] = []
        self.settled = 0

    def earliest(self) -> Timer | None:
        return min(self.timers, key=lambda timer: timer.due, default=None)

    def fire(self, kind: str) -> None:
        self.fired.append((self.time, kind))
        done = [timer for timer in self.timers if timer.due <= self.time and timer.kind == kind]
        self.timers = [timer for timer in self.timers if timer not in done]
        for timer in done:
            self.timers += self.arms.get(timer.due, [])

    def settle(self) -> None:
        self.settled += 1

    def move_to(self, moment: datetime) -> None:
        self.time = moment

    def stack(self) -> Stack:
        return Stack(self.earliest, self.fire, self.settle, lambda: self.time, self.move_to)


def timer(hours: float, kind: str = "journey") -> Timer:
    return Timer(START + timedelta(hours=hours), kind, (f"{kind}#0", str(hours)))


def test_every_due_moment_is_visited_in_order() -> None:
    """Two timers inside the span fire at their own moments, in order, and time ends at the target."""
    world = World([timer(24), timer(1, "flip"), timer(72)])
    moments = advance(world.stack(), START + timedelta(hours=25))
    assert world.fired == [(START + timedelta(hours=1), "flip"), (START + timedelta(hours=24), "journey")]
    assert (moments, world.time) == (2, START + timedelta(hours=25))


def test_what_a_moment_arms_inside_the_span_fires_too() -> None:
    """A timer armed by another one's work, due before the target, is worked on in the same advance."""
    first, second = timer(1), timer(5)
    world = World([first], {first.due: [second]})
    advance(world.stack(), START + timedelta(hours=6))
    assert [when for when, _kind in world.fired] == [first.due, second.due]


def test_a_timer_that_is_late_already_fires_without_moving_back() -> None:
    """Time never goes back to a timer that is overdue."""
    world = World([timer(-3)])
    advance(world.stack(), START + timedelta(hours=1))
    assert world.fired == [(START, "journey")]


def test_the_stack_is_quiet_before_time_moves() -> None:
    """Work that was under way is settled before the first step, after its minute, and after each moment."""
    world = World([timer(1)])
    advance(world.stack(), START + timedelta(hours=2))
    assert world.settled == 3


def test_a_timer_that_stays_due_is_told_and_not_waited_for_forever() -> None:
    """If its function runs and the timer is still there, advancing ends with a sentence that names it."""
    world = World([timer(1)])
    stuck = Stack(world.earliest, lambda _kind: None, world.settle, lambda: world.time, world.move_to)
    with pytest.raises(Failure, match="stays due although its function ran"):
        advance(stuck, START + timedelta(hours=2))


def test_a_minute_goes_by_before_time_moves() -> None:
    """What no timer says, a new release for instance, is noticed first, and what follows from it is waited for."""
    world = World([timer(1)])
    seen: list[tuple[datetime, int]] = []
    stack = replace(world.stack(), tick=lambda: seen.append((world.time, world.settled)))
    advance(stack, START + timedelta(hours=2))
    assert seen == [(START, 1)]
    assert world.settled == 3


@pytest.mark.parametrize("text", ["", "x", "3months", "-1h", "0h", "1.5h", "99999999d"])
def test_what_is_no_duration_is_wrong_use(text: str) -> None:
    """A duration that cannot be read, is zero, or too long is refused as wrong use."""
    with pytest.raises(WrongUse):
        parse_duration(text)


def test_until_means_the_next_such_time_in_the_shop() -> None:
    """10:00 in Istanbul after 09:59 there is the same day, after 10:00 the next day."""
    ten = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)
    assert next_local("10:00", ten - timedelta(minutes=1), "Europe/Istanbul") == ten
    assert next_local("10:00", ten, "Europe/Istanbul") == ten + timedelta(days=1)


def test_until_stays_at_the_time_of_day_over_a_clock_change() -> None:
    """In a zone with daylight saving, the next 10:00 is 23 hours away in the night of the change."""
    before = datetime(2027, 3, 27, 9, 0, tzinfo=UTC)  # 10:00 in Berlin, the day before summer time
    assert next_local("10:00", before, "Europe/Berlin") - before == timedelta(hours=23)


@pytest.mark.parametrize("text", ["25:00", "10", "ten", "10:00:00", "1e1:00"])
def test_what_is_no_time_of_day_is_wrong_use(text: str) -> None:
    """A time of day that cannot be read is refused as wrong use."""
    with pytest.raises(WrongUse):
        next_local(text, START, "Europe/Istanbul")


def test_the_file_shifts_the_clock(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Moving the clock writes an offset that brings now to the moment, and no earlier."""
    monkeypatch.setenv("KERVAN_HOME", str(tmp_path))
    target = datetime.now(UTC) + timedelta(days=3)
    clock.move_to(target)
    assert timedelta(0) <= clock.now() - target < timedelta(seconds=5)
