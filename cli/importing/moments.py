"""Times as files hold them: ISO 8601, seconds since 1970, and Turkey's ``21.11.2026 10:30``."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from cli.failure import WrongUse
from shared.domain.events.event_time import read_time
from shared.domain.events.refusals import Refused

_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?: +(\d{1,2}):(\d{2})(?::(\d{2}))?)?")
_DIGITS = re.compile(r"-?\d{1,14}(\.\d{1,6})?")


def read_moment(value: Any, zone: tzinfo, name: str) -> str:
    """The time in UTC, as the API takes it; ``zone`` counts where none is written.

    Raises
    ------
    Refused
        If it is no time.
    """
    try:
        found = _read(value, zone)
        text = None if found is None else written(found)
    except (ValueError, OverflowError):
        text = None
    if text is None:
        raise Refused(f"{name} is not a time; write it as 2026-11-21T10:00:00Z")
    return text


def written(moment: datetime) -> str:
    """ISO 8601 in UTC with milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def read_zone(name: str) -> tzinfo:
    """A time zone by its name, such as Europe/Istanbul.

    Raises
    ------
    WrongUse
        If there is none of this name.
    """
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError) as unknown:  # not there; a folder of zones; no name at all
        raise WrongUse(f"there is no time zone {name!r}; write it as Europe/Istanbul") from unknown


def _read(value: Any, zone: tzinfo) -> datetime | None:
    if not isinstance(value, str):
        return read_time(value)
    text = value.strip()
    if _DIGITS.fullmatch(text) and len(text) > 8:  # shorter is a date such as 20261121
        return read_time(float(text))
    if dotted := _DOTTED.fullmatch(text):
        day, month, year, hour, minute, second = (int(part or 0) for part in dotted.groups())
        return datetime(year, month, day, hour, minute, second, tzinfo=zone)
    found = datetime.fromisoformat(text)
    return found.replace(tzinfo=zone) if found.tzinfo is None else found
