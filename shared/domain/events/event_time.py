"""When something happened: the client's time, corrected if its clock is off (docs/architecture.md)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from shared.domain.events.refusals import Refused

TOLERATED_SKEW = timedelta(minutes=5)
FUTURE = timedelta(hours=24)
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECONDS_FROM = 100_000_000_000
"""Numbers from here on are milliseconds (1973), below it seconds: the two do not meet in practice."""


def read_time(value: Any) -> datetime | None:
    """ISO 8601 (UTC if no zone is written) or a number of seconds or milliseconds since 1970; None if it is neither."""
    try:
        if type(value) is str:
            found = datetime.fromisoformat(value.strip())
            return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
        if type(value) in {int, float}:
            return _EPOCH + (
                timedelta(milliseconds=value) if abs(value) >= _MILLISECONDS_FROM else timedelta(seconds=value)
            )
    except (ValueError, OverflowError):
        return None
    return None


def event_time(timestamp: Any, sent_at: Any, received_at: datetime) -> tuple[datetime, bool]:
    """The event's time in UTC and whole milliseconds, and whether the client gave one at all.

    ``receivedAt - sentAt`` beyond five minutes means that the client's clock is off: its times are moved by that
    difference, rounded to whole minutes, so that a retry, which takes a few seconds more or less, says the same time.
    An unreadable ``sentAt`` corrects nothing.

    Raises
    ------
    Refused
        If ``timestamp`` cannot be read, or lies before 2000 or more than 24 hours in the future after correction.
    """
    sent = None if sent_at is None else read_time(sent_at)
    skew = timedelta() if sent is None else received_at - sent
    if abs(skew) <= TOLERATED_SKEW:
        skew = timedelta()
    if timestamp is None:
        if sent is None:
            return _whole_milliseconds(received_at), False
        given = sent
    else:
        read = read_time(timestamp)
        if read is None:
            raise Refused("the timestamp is not a time; write it as 2026-11-21T10:00:00.000Z", "bad_timestamp")
        given = read
    try:
        time = given + round(skew / _MINUTE) * _MINUTE
    except OverflowError as beyond:
        raise Refused("the timestamp is outside of the times that are taken", "timestamp_out_of_range") from beyond
    if time < EARLIEST:
        raise Refused("the timestamp is before the year 2000", "timestamp_out_of_range")
    if time > received_at + FUTURE:
        raise Refused("the timestamp is more than 24 hours in the future", "timestamp_out_of_range")
    return _whole_milliseconds(time), True


def _whole_milliseconds(when: datetime) -> datetime:
    return when.replace(microsecond=when.microsecond // 1000 * 1000)
