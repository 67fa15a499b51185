"""Dates as people and channels write them: a day, or an instant."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

_TURKISH = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_LONGEST = 40


def read_date(said: Any) -> date | datetime | None:
    """``2026-11-23`` or ``23.11.2026``: a day; ``2026-11-23T10:00``, with or without an offset: an instant; else None.

    >>> read_date("23.11.2026"), read_date("2026-02-30"), read_date(20261123)
    (datetime.date(2026, 11, 23), None, None)
    """
    if not isinstance(said, str) or len(said) > _LONGEST:
        return None
    text = said.strip()
    turkish = _TURKISH.fullmatch(text)
    try:
        if turkish:
            return date(int(turkish[3]), int(turkish[2]), int(turkish[1]))
        return date.fromisoformat(text) if _DAY.fullmatch(text) else datetime.fromisoformat(text)
    except ValueError:
        return None


def written_date(said: str) -> date | datetime:
    """The same for a definition.

    Raises
    ------
    ValueError
        With the remedy, if it is no date.
    """
    found = read_date(said)
    if found is None:
        raise ValueError(f"{said[:40]!r} is no date; write it as 2026-11-23 or 2026-11-23T10:00")
    return found


def instant_of(said: date | datetime, zone: ZoneInfo) -> datetime | None:
    """When it begins, in UTC: a day with its local midnight, an instant without an offset by the clock of ``zone``.

    None where that lies outside the years that can be told.
    """
    when = said if isinstance(said, datetime) else datetime.combine(said, time())
    try:
        return (when if when.tzinfo else when.replace(tzinfo=zone)).astimezone(UTC)
    except (OverflowError, ValueError):
        return None
