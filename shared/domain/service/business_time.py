"""Arithmetic with business hours: only time counts in which the clock on the wall shows open hours.

Right over changes of the clock. Where an hour is skipped, it does not count; where it comes twice, both count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from shared.domain.service.opening_hours import Spans
from shared.domain.time.local_time import offset_changes

LONGEST_SEARCH = 1_500
"""Days that are looked through; a team works five hours a week at least, and no answer is due later than that."""
_DAY = timedelta(days=1)

Opening = tuple[datetime, datetime]
"""Two instants in UTC; the second is excluded."""


class NeverOpen(ValueError):
    """The team is closed for years: somebody wrote so for each single day."""


@dataclass(frozen=True, slots=True)
class BusinessTime:
    """``spans_of`` gives the local hours of a day."""

    zone: ZoneInfo
    spans_of: Callable[[date], Spans]

    def is_open(self, instant: datetime) -> bool:
        day = instant.astimezone(self.zone).date()
        return any(start <= instant < end for start, end in self._openings(day))

    def add(self, instant: datetime, duration: timedelta) -> datetime:
        """When so much open time has passed; in UTC. Of no duration: the instant itself if open, else the next opening.

        Raises
        ------
        NeverOpen
        """
        left = duration
        for start, end in self._from(instant):
            begun = max(start, instant.astimezone(UTC))
            # The end of an hour is no instant of it: what is used up there is due there, and not at the next opening.
            if end - begun >= left and (left or begun < end):
                return begun + left
            left -= end - begun
        raise NeverOpen("the team is never open")

    def next_opening(self, instant: datetime) -> datetime:
        """The instant itself if open, else when the hours begin next. Raises NeverOpen."""
        return self.add(instant, timedelta())

    def closed_since(self, instant: datetime) -> datetime | None:
        """When the closed period began that the instant lies in; None if it is open. Years ago at the earliest."""
        if self.is_open(instant):
            return None
        day = instant.astimezone(self.zone).date() + _DAY
        for _ in range(LONGEST_SEARCH):
            ended = [end for _start, end in self._openings(day) if end <= instant]
            if ended:
                return max(ended)
            day -= _DAY
        return datetime.combine(day, datetime.min.time(), tzinfo=UTC)

    def _from(self, instant: datetime) -> Iterator[Opening]:
        """The openings that end after the instant, in order."""
        day = instant.astimezone(self.zone).date() - _DAY
        for _ in range(LONGEST_SEARCH):
            yield from (one for one in self._openings(day) if one[1] > instant)
            day += _DAY

    def _openings(self, day: date) -> tuple[Opening, ...]:
        return openings(day, self.spans_of(day), self.zone)


@lru_cache(maxsize=4096)
def openings(day: date, spans: Spans, zone: ZoneInfo) -> tuple[Opening, ...]:
    """The instants of a local day at which the clock shows one of these hours, in order; what touches is joined."""
    if not spans:
        return ()
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    found: list[Opening] = []
    for start, end, offset in _pieces(midnight - _DAY, midnight + 2 * _DAY, zone):
        for span in spans:
            opens = max(start, midnight + timedelta(minutes=span.start) - offset)
            closes = min(end, midnight + timedelta(minutes=span.end) - offset)
            if opens < closes:
                found.append((opens, closes))
    return _joined(sorted(found))


def _joined(found: list[Opening]) -> tuple[Opening, ...]:
    joined: list[Opening] = []
    for start, end in found:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)


def _pieces(start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime, timedelta]]:
    """Stretches of time in which the clock goes evenly, each with its offset from UTC."""
    marks = [start, *offset_changes(start, end, zone), end]
    for begin, until in pairwise(marks):
        yield begin, until, begin.astimezone(zone).utcoffset() or timedelta()
