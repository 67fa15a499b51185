"""When a team works: hours of the week, holidays, and days that are otherwise. Written as ``mon-fri: 09:00-18:00``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, time
from itertools import pairwise
from typing import Annotated, Literal, NamedTuple

from pydantic import BeforeValidator, PlainSerializer

from shared.domain.time.turkish_holidays import free_from

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CLOSED = "closed"
MINUTES_OF_A_DAY = 24 * 60
LEAST_MINUTES_OF_A_WEEK = 5 * 60
MOST_SPANS = 6
Calendar = Literal["turkey", "none"]
_SPAN = re.compile(r"([0-2][0-9]):([0-5][0-9])\s*-\s*([0-2][0-9]):([0-5][0-9])")
_RANGE = re.compile(r"([a-z]{3})(?:-([a-z]{3}))?")


class Span(NamedTuple):
    """Minutes since local midnight: ``start`` included, ``end`` excluded; 1440 is the end of the day."""

    start: int
    end: int


Spans = tuple[Span, ...]


def read_spans(text: object) -> Spans:
    """``09:00-12:30, 13:30-18:00`` in the order of the day; none for ``closed``.

    Raises
    ------
    ValueError
        With a remedy behind the semicolon.
    """
    if text == CLOSED:
        return ()
    if not isinstance(text, str):
        raise ValueError("hours are a text; write 09:00-18:00, or closed")
    spans = []
    for part in text.split(","):
        found = _SPAN.fullmatch(part.strip())
        start, end = (int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])) if found else (0, 0)
        if not 0 <= start < end <= MINUTES_OF_A_DAY:
            raise ValueError(f"{part.strip()[:40]!r} is no span of a day; write 09:00-18:00, and 24:00 for its end")
        spans.append(Span(start, end))
    if any(one.end > following.start for one, following in pairwise(spans)):
        raise ValueError("the spans overlap or are not in order; write them as 09:00-12:30, 13:30-18:00")
    if len(spans) > MOST_SPANS:
        raise ValueError(f"a day has at most {MOST_SPANS} spans; write fewer")
    return tuple(spans)


def spans_text(spans: Spans) -> str:
    """The inverse of ``read_spans``."""
    return ", ".join(f"{_clock(one.start)}-{_clock(one.end)}" for one in spans) or CLOSED


def read_week(value: object) -> dict[str, Spans]:
    """Of ``{mon-fri: 09:00-18:00, sat: 10:00-16:00}``; a day that is not named is closed. Raises ValueError."""
    if not isinstance(value, Mapping):
        raise ValueError("hours are written by day; write mon-fri: 09:00-18:00")
    week: dict[str, Spans] = {}
    for name, text in value.items():
        spans = text if isinstance(text, tuple) else read_spans(text)
        for day in _days(str(name)):
            if day in week:
                raise ValueError(f"{day} has hours twice; write each day once")
            week[day] = spans
    if sum(one.end - one.start for spans in week.values() for one in spans) < LEAST_MINUTES_OF_A_WEEK:
        raise ValueError("a team works at least five hours a week; write its hours, such as mon-fri: 09:00-18:00")
    return {day: week[day] for day in DAYS if day in week}


def _days(name: str) -> tuple[str, ...]:
    found = _RANGE.fullmatch(name)
    first, last = (found[1], found[2] or found[1]) if found else ("", "")
    if first not in DAYS or last not in DAYS or DAYS.index(first) > DAYS.index(last):
        raise ValueError(f"{name[:40]!r} is no day; write {', '.join(DAYS)}, or mon-fri")
    return DAYS[DAYS.index(first) : DAYS.index(last) + 1]


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _written_week(week: Mapping[str, Spans]) -> dict[str, str]:
    return {day: spans_text(spans) for day, spans in week.items()}


Week = Annotated[
    dict[str, Spans], BeforeValidator(read_week), PlainSerializer(_written_week, return_type=dict[str, str])
]
DayHours = Annotated[
    Spans,
    BeforeValidator(lambda value: value if isinstance(value, tuple) else read_spans(value)),
    PlainSerializer(spans_text, return_type=str),
]


def spans_on(day: date, week: Mapping[str, Spans], calendar: Calendar, days: Mapping[date, Spans]) -> Spans:
    """The hours of one day: what is written for this very day, else those of the week without holidays."""
    if day in days:
        return days[day]
    spans = week.get(DAYS[day.weekday()], ())
    free = free_from(day) if calendar == "turkey" else None
    return spans if free is None else before(spans, free)


def before(spans: Spans, free: time) -> Spans:
    """The part of the hours that is before a time of the day."""
    end = free.hour * 60 + free.minute
    return tuple(Span(one.start, min(one.end, end)) for one in spans if one.start < end)
