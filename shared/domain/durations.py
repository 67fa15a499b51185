"""Durations as definitions write them: ``90m``, ``25h``, ``3d``, ``2w``. Exact; a day has 24 h (settled meaning 1)."""

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
_WRITTEN = re.compile(r"([0-9]{1,6})([mhdw])")
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
    """Read ``90m``, ``25h``, ``3d`` or ``2w``.

    >>> parse_duration("25h")
    datetime.timedelta(days=1, seconds=3600)

    Raises
    ------
    InvalidDuration
        Months and years are refused, because they are not exact; the remedy says the days.
    """
    written = text.strip()
    exact = _WRITTEN.fullmatch(written)
    if exact:
        duration = int(exact[1]) * _UNITS[exact[2]]
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
        f"{written[:40]!r} is not a duration", "write a number and m, h, d or w, such as 90m, 25h, 7d, 2w"
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


def say_duration(duration: timedelta, language: str) -> str:
    """In words: ``24 saat``, ``7 days``."""
    text = duration_text(duration)
    amount, one_many = int(text[:-1]), _WORDS[language]["wdhm".index(text[-1])]
    return f"{amount} {one_many[0] if amount == 1 else one_many[1]}"


def _read(value: object) -> object:
    if isinstance(value, str):
        return parse_duration(value)
    if isinstance(value, timedelta):
        return value
    raise InvalidDuration(f"{value!r} has no unit", "write a number and m, h, d or w, such as 90m, 25h, 7d, 2w")


Duration = Annotated[timedelta, BeforeValidator(_read), PlainSerializer(duration_text, return_type=str)]
"""A field of a definition; keeps its written form when dumped."""
