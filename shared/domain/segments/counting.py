"""Counting instants in a window that moves with the clock, exact to the next change."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from shared.domain.definitions.bounds import CountBounds
from shared.domain.segments.evaluation_result import Evaluation, first_change


def counted(
    times: Sequence[datetime], within: timedelta | None, allows: Callable[[int], bool], now: datetime
) -> Evaluation:
    """Whether the number of instants in the window that ends now is allowed; exact to the next true change.

    The window is ``now - within < time <= now``: exactly ``within`` ago is outside. An instant in
    the future (a clock ahead of ours) counts from itself on.
    """
    return counted_in_order(sorted(times), within, allows, now)


def counted_in_order(
    times: Sequence[datetime], within: timedelta | None, allows: Callable[[int], bool], now: datetime
) -> Evaluation:
    """Does the same for sorted times: it walks over the instants at which one comes into the window or leaves it."""
    here, ahead = len(times), bisect_right(times, now)
    gone = 0 if within is None else bisect_right(times, now - within)
    value = allows(ahead - gone)
    while True:
        coming = times[ahead] if ahead < here else None
        going = times[gone] + within if within is not None and gone < here else None
        if coming is None:
            if going is None:
                return Evaluation(value)
            then = going
        else:
            then = coming if going is None or coming < going else going
        while ahead < here and times[ahead] <= then:
            ahead += 1
        if within is not None:
            while gone < here and times[gone] + within <= then:
                gone += 1
        if allows(ahead - gone) != value:
            return Evaluation(value, then)


def interval(bounds: CountBounds) -> Callable[[int], bool]:
    """``bounds.allows`` as one comparison: whatever bounds are given together, they leave one stretch of numbers."""
    low = max(bounds.at_least or 0, bounds.exactly or 0, -1 if bounds.more_than is None else bounds.more_than + 1)
    tops = (bounds.at_most, bounds.exactly, None if bounds.less_than is None else bounds.less_than - 1)
    high = min((top for top in tops if top is not None), default=None)
    if high is None:
        return low.__le__
    return lambda count: low <= count <= high


def recent(times: Sequence[datetime], within: timedelta, now: datetime) -> Evaluation:
    """Whether any of these instants (in order) lies in the window: the last one does exactly if any does."""
    return counted_in_order(times, within, _some, now)


def counted_by_message(
    touches: Mapping[object, Sequence[datetime]],
    most: Callable[[object], int],
    within: timedelta | None,
    allows: Callable[[int], bool],
    now: datetime,
) -> Evaluation:
    """Does the same where at most ``most`` instants of a group count at a time. The times of each group are sorted."""
    if all(len(times) <= most(group) for group, times in touches.items()):
        return counted_in_order(sorted(time for times in touches.values() for time in times), within, allows, now)

    def value_at(instant: datetime) -> bool:
        return allows(sum(min(most(group), _inside(times, within, instant)) for group, times in touches.items()))

    everything = [time for times in touches.values() for time in times]
    return first_change(value_at, changes(everything, within), now)


def changes(times: Sequence[datetime], within: timedelta | None) -> list[datetime]:
    """The instants at which each comes into the window and leaves it."""
    return [*times, *(time + within for time in times)] if within is not None else list(times)


def in_window(times: Sequence[datetime], within: timedelta | None, now: datetime) -> tuple[int, int]:
    """The start and the end of the slice of sorted instants that lies in the window that ends now."""
    return 0 if within is None else bisect_right(times, now - within), bisect_right(times, now)


def _inside(times: Sequence[datetime], within: timedelta | None, now: datetime) -> int:
    start, end = in_window(times, within, now)
    return end - start


def _some(count: int) -> bool:
    return count >= 1
