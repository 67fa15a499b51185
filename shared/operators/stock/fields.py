"""Fields of a JSON object from outside, each with a sentence that says what to write instead."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from shared.domain.events.event_time import read_time
from shared.domain.events.json_values import text_of
from shared.domain.stock.level import MOST
from shared.http.answers import malformed

KEY_LENGTH, SKU_LENGTH, LOCATION_LENGTH, ABOUT_LENGTH = 100, 100, 64, 100
LONGEST_HOLD = timedelta(days=90)


def text(body: Mapping[str, Any], name: str, most: int, where: str = "") -> str:
    """A text that is not empty. Raises Problem (400)."""
    found = optional_text(body, name, most, where)
    if not found:
        raise malformed(f"{where}{name} is missing: write a text of 1 to {most} characters")
    return found


def optional_text(body: Mapping[str, Any], name: str, most: int, where: str = "") -> str:
    """The text, or "" if there is none. Numbers are their digits. Raises Problem (400)."""
    value = body.get(name)
    if value is None:
        return ""
    found = text_of(value)
    if found is None:
        raise malformed(f"{where}{name} must be a text")
    found = unicodedata.normalize("NFC", found.strip())
    if len(found) > most or any(unicodedata.category(sign)[0] == "C" for sign in found):
        raise malformed(f"{where}{name} must be a text of at most {most} characters without control characters")
    return found


def quantity(body: Mapping[str, Any], name: str, least: int, where: str = "") -> int:
    """A whole number of pieces. Raises Problem (400)."""
    value = body.get(name)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if type(value) is not int or not least <= value <= MOST:
        raise malformed(f"{where}{name} must be a whole number from {least} to {MOST}")
    return value


def truth(body: Mapping[str, Any], name: str, default: bool) -> bool:
    """true or false. Raises Problem (400)."""
    value = body.get(name, default)
    if type(value) is not bool:
        raise malformed(f"{name} must be true or false")
    return value


def one_of(body: Mapping[str, Any], name: str, allowed: tuple[str, ...], default: str, where: str = "") -> str:
    """One of some words. Raises Problem (400)."""
    value = body.get(name, default)
    if value not in allowed:
        said = ", ".join(word for word in allowed if word)
        raise malformed(f"{where}{name} must be one of {said}")
    return str(value)


def only(body: Mapping[str, Any], names: frozenset[str], where: str = "") -> None:
    """Refuse fields that nobody reads: one that is written wrongly must not be passed over. Raises Problem (400)."""
    if not body.keys() <= names:
        raise malformed(f"{where or 'the body '}may hold {', '.join(sorted(names))} and nothing else")


def hold(body: Mapping[str, Any], name: str, now: datetime, default: timedelta) -> datetime:
    """The instant at which a hold ends: ``expires_in`` from now. Raises Problem (400)."""
    return now + (duration(body, name, LONGEST_HOLD) or default)


def instant(body: Mapping[str, Any], name: str, latest: datetime) -> datetime | None:
    """An instant, at the latest ``latest``; None if it is not said. Raises Problem (400)."""
    value = body.get(name)
    if value is None:
        return None
    found = read_time(value) if isinstance(value, str) else None
    if found is None:
        raise malformed(f"{name} must be a time such as 2026-11-30T10:00:00Z")
    return min(found, latest)


def duration(body: Mapping[str, Any], name: str, most: timedelta) -> timedelta | None:
    """A duration of at least a minute; None if it is not said. Raises Problem (400)."""
    value = body.get(name)
    if value is None:
        return None
    from shared.domain.time.durations import InvalidDuration, parse_duration

    try:
        span = parse_duration(value if isinstance(value, str) else "")
    except InvalidDuration as wrong:
        raise malformed(f"{name} must be a duration such as 30m, 2h or 3d") from wrong
    if not timedelta() < span <= most:
        raise malformed(f"{name} must be a duration from 1m to {most.days}d")
    return span
