"""How many messages of a channel were reserved in a period, and how many wait for it: ``provider#<channel>`` /
``day#<date>``, ``hour#<hour>`` or ``reading#<time>`` in the catalog.

A worker reserves a block and gives it out message by message, so that a day of 5,000 messages costs a hundred writes
and no item is written with each message. What a worker does not use is lost for the period: at most a block for each.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from shared.domain.identity.keys import milliseconds
from shared.domain.messages.warm_up import block_of, granted
from shared.ports import Table
from shared.stores.breakers import partition

DAY, HOUR, READING = "day#", "hour#", "reading#"
KEPT = timedelta(days=100)
"""A period is forgotten so long after the last write to it."""
MOST_PERIODS = 500


def of_day(day: date) -> str:
    """The period of a day of a warm-up."""
    return DAY + day.isoformat()


def of_hour(hour: datetime) -> str:
    """The period of an hour in which messages ask again that the quota of SES had no room for."""
    return f"{HOUR}{hour:%Y-%m-%dT%H}"


def of_reading(at: datetime) -> str:
    """The period that begins with a reading of the quota, and ends with the next one."""
    return f"{READING}{milliseconds(at)}"


class Allowances:
    """One per environment of a worker; it holds the block that was reserved last."""

    def __init__(self, catalog: Table, channel: str) -> None:
        self._table = catalog
        self._pk = partition(channel)
        self._period = ""
        self._left = 0
        self._counted_before = 0
        self._full_at: int | None = None

    def spend(self, period: str, limit: int, now: datetime) -> bool:
        """Takes one message of the period. False if it is full: with this limit it is not asked about again."""
        self._turn_to(period)
        if self._left == 0 and self._full_at != limit:
            block = block_of(limit)
            self._left = granted(limit, block, self._reserve(period, block, now))
            self._full_at = limit if self._left == 0 else None
        if self._left == 0:
            return False
        self._left -= 1
        return True

    def count(self, period: str, limit: int, now: datetime) -> None:
        """Counts a message that nothing holds back, such as the confirmation of an order."""
        self._turn_to(period)
        if self._counted_before:
            self._counted_before -= 1
            return
        if self._left == 0:
            self._left = block_of(limit)
            reserved = self._reserve(period, self._left, now)
            self._left = granted(limit, self._left, reserved) or 1
        self._left -= 1

    def give_back(self, period: str, *, counted: bool = False) -> None:
        """The message was not called after all. A place of a message that was only counted may lie beyond the volume:
        it serves the next one that is only counted."""
        if period != self._period:
            return
        if counted:
            self._counted_before += 1
        else:
            self._left += 1

    def reserved(self, period: str) -> int:
        """How many were reserved in a period, by all workers."""
        return int((self._table.get(self._pk, period) or {}).get("reserved", 0))

    def _turn_to(self, period: str) -> None:
        if period != self._period:
            self._period, self._left, self._counted_before, self._full_at = period, 0, 0, None

    def _reserve(self, period: str, block: int, now: datetime) -> int:
        expires = milliseconds(now + KEPT) // 1000
        return self._table.add(self._pk, period, {"reserved": block}, set_to={"expires": expires})["reserved"]


class Waiting:
    """Which later period a message is to ask in: the first one for which not enough wait. One per environment.

    It promises no place: it spreads who waits, so that each of them is decided once or twice, and not in every period.
    """

    def __init__(self, catalog: Table, channel: str) -> None:
        self._table = catalog
        self._pk = partition(channel)
        self._left: dict[str, int] = {}
        """What is left of the blocks that were noted; nothing in a period that is full."""

    def first(self, periods: Iterable[tuple[str, int | None]], now: datetime) -> str | None:
        """The first of these periods that has room for one who waits; None if none has. Each comes with the most that
        wait for it, or None without a limit."""
        for period, most in periods:
            if most is None:
                return period
            if self._left.get(period) is None:
                self._left[period] = self._noted(period, most, now)
            if self._left[period]:
                self._left[period] -= 1
                if not self._left[period]:
                    del self._left[period]  # the next one asks whether there is more
                return period
        return None

    def _noted(self, period: str, most: int, now: datetime) -> int:
        if len(self._left) > MOST_PERIODS:
            self._left.clear()
        block = block_of(most)
        expires = milliseconds(now + KEPT) // 1000
        waiting = self._table.add(self._pk, period, {"waiting": block}, set_to={"expires": expires})["waiting"]
        return granted(most, block, waiting)
