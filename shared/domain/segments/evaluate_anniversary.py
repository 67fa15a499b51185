"""The yearly return of a day, on the customer's own calendar (``AnniversaryRule``)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache, partial
from typing import assert_never
from zoneinfo import ZoneInfo

from shared.domain.profile.demographic import BIRTHDAY, OLDEST, UNKNOWN_YEAR, age_on, born_on, possible_birthday
from shared.domain.segments.compiled_rules import compiled_rule
from shared.domain.segments.evaluation_result import Evaluation, refined
from shared.domain.segments.state_rules import AnniversaryRule
from shared.domain.segments.subject import Subject

_DAY = timedelta(days=1)
_LAST_YEAR = 9_990
_KEPT = 512
"""Answers that an environment keeps for a rule."""


def evaluate_anniversary(rule: AnniversaryRule, subject: Subject, now: datetime) -> Evaluation:
    said = subject.before(*(BIRTHDAY if rule.trait == BIRTHDAY[0] else (rule.trait,)), now=now)
    if said is not None:
        return Evaluation(False, said)
    truth, exact = _in_this_zone(rule, subject, now)
    return truth if exact else refined(lambda instant: _in_this_zone(rule, subject, instant)[0], now)


def today_of(subject: Subject, now: datetime) -> date:
    """The customer's local day, which begins so much later than midnight that not everybody flips at once."""
    zone, _ = subject.zone(now)
    return (now - subject.offset).astimezone(zone).date()


def day_begins(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a local day, in UTC; where midnight is skipped, that at which the clock goes on."""
    midnight = datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)
    if midnight.astimezone(zone).time() == time():
        return midnight
    early, late = midnight - _DAY, midnight
    while late - early > timedelta(microseconds=1):
        middle = early + (late - early) / 2
        early, late = (middle, late) if middle.astimezone(zone).date() < day else (early, middle)
    return late


def return_in(day: date, year: int) -> date:
    """When a day returns in a year; 29 February on 1 March in common years.

    >>> return_in(date(2000, 2, 29), 2027), return_in(date(2000, 2, 29), 2028)
    (datetime.date(2027, 3, 1), datetime.date(2028, 2, 29))
    """
    try:
        return day.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


def days_written(rule: AnniversaryRule, subject: Subject, zone: ZoneInfo) -> list[date]:
    """The days that the trait holds, by the rules of the zone; the first that counts on a day is the one that returns.

    Several only for a birthday, which goes by several names.
    """
    names = BIRTHDAY if rule.trait == BIRTHDAY[0] else (rule.trait,)
    found = (born_on(subject.profile.trait(name), zone) for name in names)
    return [day for day in found if day is not None]


def day_meant(rule: AnniversaryRule, days: Iterable[date], today: date) -> date | None:
    """The day that returns: it was, at the latest it is today, and who was born then can be alive."""
    born = rule.trait == BIRTHDAY[0]
    return next((day for day in days if (possible_birthday(day, today) if born else day <= today)), None)


def _in_this_zone(rule: AnniversaryRule, subject: Subject, now: datetime) -> tuple[Evaluation, bool]:
    """Up to the next change of zone; and whether the answer turns just then."""
    zone, until = subject.zone(now)
    today = (now - subject.offset).astimezone(zone).date()
    days = tuple(day for day in days_written(rule, subject, zone) if not _over(rule, day, today))
    if not days:
        return Evaluation(False, until), until is None
    value, turn, exact = compiled_rule(rule, _turn_of)(days, today)
    if turn is None:
        return Evaluation(value, until), until is None
    begin = day_begins(turn, zone) + subject.offset
    if until is not None and until <= begin:
        return Evaluation(value, until), False
    return Evaluation(value, begin), exact


def _turn_of(rule: AnniversaryRule) -> Callable[[tuple[date, ...], date], tuple[bool, date | None, bool]]:
    """``_turn`` for a rule, kept: a customer who does something today does more of it today."""
    return lru_cache(maxsize=_KEPT)(partial(_turn, rule))


def _turn(rule: AnniversaryRule, days: tuple[date, ...], today: date) -> tuple[bool, date | None, bool]:
    """The answer of today, the next day on which it may be another, and whether it is another then."""

    def holds(on: date) -> bool:
        day = day_meant(rule, days, on)
        return day is not None and _returns(rule, day, on)

    value = holds(today)
    ahead = sorted({day for day in _turns(rule, days, today) if day > today})
    change = next((day for day in ahead if holds(day) != value), None)
    turn = change or (ahead[-1] if ahead else None)
    known = date(min(today.year + 2, _LAST_YEAR), 1, 1)  # up to which the returns of every day are among the turns
    if len(days) > 1 and turn is not None and today < known < turn:
        turn, change = known, None
    return value, turn, change is not None


def _over(rule: AnniversaryRule, day: date, today: date) -> bool:
    """True if the birthday no longer counts: nobody gets that old."""
    return rule.trait == BIRTHDAY[0] and day.year != UNKNOWN_YEAR and age_on(day, today) > OLDEST


def _returns(rule: AnniversaryRule, day: date, today: date) -> bool:
    """Whether the day returns in the span that ``today`` lies in."""
    first, end = _span(rule, today)
    back = return_in(day, first.year)
    if first <= back < end:
        return True
    return end.year > first.year and first <= return_in(day, end.year) < end


def _span(rule: AnniversaryRule, today: date) -> tuple[date, date]:
    """The days in which the return is looked for: the first, and the first after them."""
    if rule.ahead is not None:
        return today, today + rule.ahead
    match rule.this:
        case "day" | None:
            return today, today + _DAY
        case "week":
            monday = today - timedelta(days=today.weekday())
            return monday, monday + timedelta(days=7)
        case "month":
            first = today.replace(day=1)
            return first, (first + timedelta(days=32)).replace(day=1)
        case _:
            assert_never(rule.this)


def _turns(rule: AnniversaryRule, days: Sequence[date], today: date) -> Iterator[date]:
    """Days on which the answer may change: a span with a return begins or ends, the day itself comes, somebody is too
    old."""
    for day in days:
        if day.year > _LAST_YEAR:
            continue
        yield day
        if rule.trait == BIRTHDAY[0] and day.year + OLDEST + 1 <= _LAST_YEAR:
            yield return_in(day, day.year + OLDEST + 1)
        first = max(today.year - 1, day.year)
        for year in range(first, min(first + 3, _LAST_YEAR)):
            yield from _around(rule, return_in(day, year))


def _around(rule: AnniversaryRule, back: date) -> tuple[date, date]:
    """The first day whose span holds a return, and the first after it whose span does not."""
    if rule.ahead is not None:
        return back - rule.ahead + _DAY, back + _DAY
    return _span(rule, back)
