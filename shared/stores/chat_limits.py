"""How much is written in chats: ``chat#<whose>`` / ``<minute, hour or day>``, counters that expire."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.identity.keys import milliseconds
from shared.ports import Table

KEPT = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Limit:
    """``most`` in a ``span``; spans are counted from midnight, UTC."""

    most: int
    span: timedelta


MESSAGES = Limit(10, timedelta(minutes=1)), Limit(200, timedelta(days=1))
"""Of one chat."""
BEGUN = (Limit(20, timedelta(hours=1)),)
"""Chats that are begun from one address without a customer's token: an office or a phone network shares one."""

BEGUN_BY_KEY = (Limit(1_000, timedelta(hours=1)),)
"""The same by one write key, from however many addresses: a flood ends before it fills the pool."""


class ChatLimits:
    def __init__(self, table: Table) -> None:
        self._table = table

    def spend(self, whose: str, limits: tuple[Limit, ...], now: datetime) -> int:
        """Count one more. Returns 0 if it may be, else after how many seconds it may be tried again."""
        wait = 0
        for limit in limits:
            if self.used(whose, limit, now) > limit.most:
                seconds = int(limit.span.total_seconds())
                wait = max(wait, seconds - int(now.timestamp()) % seconds)
        return wait

    def used(self, whose: str, limit: Limit, now: datetime) -> int:
        """Count one more. How many there are in this span, with it."""
        seconds = int(limit.span.total_seconds())
        key, expires = f"{seconds}#{int(now.timestamp()) // seconds}", milliseconds(now + KEPT) // 1000
        return int(self._table.add(f"chat#{whose}", key, {"count": 1}, set_to={"expires": expires})["count"])
