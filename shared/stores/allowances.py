"""How many messages of a channel were reserved on a day: ``provider#<channel>`` / ``day#<date>`` in the catalog.

A worker reserves a block and gives it out message by message, so that a day of 5,000 messages costs a hundred writes
and no item is written with each message. What a worker does not use is lost for the day: at most a block for each.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from shared.domain.identity.keys import milliseconds
from shared.domain.messages.warm_up import block_of, granted
from shared.ports import Table
from shared.stores.breakers import partition

DAY = "day#"
KEPT = timedelta(days=40)


class Allowances:
    """One per environment of a worker; it holds the block that was reserved last."""

    def __init__(self, catalog: Table, channel: str) -> None:
        self._table = catalog
        self._pk = partition(channel)
        self._day: date | None = None
        self._left = 0
        self._counted_before = 0
        self._full_at: int | None = None

    def take(self, day: date, limit: int, now: datetime) -> bool:
        """Takes one message of the day. False if the day is full: with this limit it is not asked about again."""
        self._turn_to(day)
        if self._left == 0 and self._full_at != limit:
            block = block_of(limit)
            self._left = granted(limit, block, self._reserve(day, block, now))
            self._full_at = limit if self._left == 0 else None
        if self._left == 0:
            return False
        self._left -= 1
        return True

    def count(self, day: date, limit: int, now: datetime) -> None:
        """Counts a message that nothing holds back, such as the confirmation of an order."""
        self._turn_to(day)
        if self._counted_before:
            self._counted_before -= 1
            return
        if self._left == 0:
            self._left = block_of(limit)
            reserved = self._reserve(day, self._left, now)
            self._left = granted(limit, self._left, reserved) or 1
        self._left -= 1

    def give_back(self, day: date, *, counted: bool = False) -> None:
        """The message was not called after all. A place of a message that was only counted may lie beyond the volume:
        it serves the next one that is only counted."""
        if day != self._day:
            return
        if counted:
            self._counted_before += 1
        else:
            self._left += 1

    def reserved(self, day: date) -> int:
        """How many were reserved on a day, by all workers."""
        return int((self._table.get(self._pk, DAY + day.isoformat()) or {}).get("reserved", 0))

    def _turn_to(self, day: date) -> None:
        if day != self._day:
            self._day, self._left, self._counted_before, self._full_at = day, 0, 0, None

    def _reserve(self, day: date, block: int, now: datetime) -> int:
        expires = milliseconds(now + KEPT) // 1000
        said = self._table.add(self._pk, DAY + day.isoformat(), {"reserved": block}, set_to={"expires": expires})
        return said["reserved"]
