"""Durations as definitions write them: ``90m``, ``25h``, ``1h30m``, ``3d``, ``2w``. Exact; a day has 24 h."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer

_UNITS = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
_WRITTEN = re.compile(r"(?:([0-9]{1,6})w)?(?:([0-9]{1,6})d)?(?:([0-9]{1,6})h)?(?:([0-9]{1,6})m)?")
_INEXACT = re.compile(r"([0-9]{1,4}) ?(mo|mos|mon|month|months|ay|M|y|yr|year|years|yıl|Y)")
LONGEST = timedelta(days=3_660)

_WORDS = {
    "tr": (("hafta", "hafta"), ("gün", "gün"), ("saat", "saat"), ("dakika", "dakika")),
    "en": (("week", "weeks"), ("day", "days"), ("hour", "hours"), ("minute", "minutes")),
}


class InvalidDuration(ValueError):
    """A duration that is not exact or not readable. ``remedy`` is what to write instead."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy


def parse_duration(text: str) -> timedelta:
    """Read ``90m``, ``25h``, ``3d`` or ``2w``, or several units together, the largest first: ``1h30m``.

    >>> parse_duration("25h")
    datetime.timedelta(days=1, seconds=3600)
    >>> parse_duration("2d12h") == parse_duration("60h")
    True

    Raises
    ------
    InvalidDuration
        Months and years are refused, because they are not exact; the remedy says the days.
    """
    written = text.strip()
    exact = _WRITTEN.fullmatch(written)
    if written and exact:
        duration = sum((int(exact[at] or 0) * _UNITS[unit] for at, unit in enumerate("wdhm", 1)), timedelta())
        if duration > LONGEST:
            raise InvalidDuration(f"{written} is longer than ten years", "write at most 3660d")
        return duration
    inexact = _INEXACT.fullmatch(written)
    if inexact:
        years = inexact[2].lower().startswith("y")
        days = int(inexact[1]) * (365 if years else 30)
        raise InvalidDuration(
            f"{written} is not exact: {'years' if years else 'months'} differ in length", f"write {days}d"
        )
    raise InvalidDuration(
        f"{written[:40]!r} is not a duration", "write a number and m, h, d or w, such as 90m, 25h, 7d, 2w, or 1h30m"
    )


def duration_text(duration: timedelta) -> str:
    """As a definition would write it: days from four days on, else hours, else minutes.

    >>> duration_text(timedelta(hours=72)), duration_text(timedelta(days=7))
    ('72h', '7d')
    """
    if duration % _UNITS["d"] == timedelta() and duration > timedelta(days=3):
        return f"{duration // _UNITS['d']}d"
    if duration % _UNITS["h"] == timedelta():
        return f"{duration // _UNITS['h']}h"
    return f"{duration // _UNITS['m']}m"


def describe_duration(duration: timedelta, language: str) -> str:
    """In words: ``24 saat``, ``7 days``, ``3 hours 40 minutes``."""
    hours, rest = divmod(duration, _UNITS["h"])
    if rest and hours >= 2:
        return f"{_count(hours, 'h', language)} {_count(rest // _UNITS['m'], 'm', language)}"
    text = duration_text(duration)
    return _count(int(text[:-1]), text[-1], language)


def _count(amount: int, unit: str, language: str) -> str:
    one, many = _WORDS[language]["wdhm".index(unit)]
    return f"{amount} {one if amount == 1 else many}"


def _read(value: object) -> object:
    if isinstance(value, str):
        return parse_duration(value)
    if isinstance(value, timedelta):
        return value
    raise InvalidDuration(f"{value!r} has no unit", "write a number and m, h, d or w, such as 90m, 25h, 7d, 2w")


Duration = Annotated[timedelta, BeforeValidator(_read), PlainSerializer(duration_text, return_type=str)]
"""A field of a definition; keeps its written form when dumped."""
