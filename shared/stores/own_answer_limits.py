"""How many answers go out by themselves: an hour's counters, of one address and of the shop."""

from __future__ import annotations

from datetime import datetime, timedelta

from shared.ports import Table
from shared.stores.chat_limits import ChatLimits, Limit

HOUR = timedelta(hours=1)
TO_ADDRESS = (Limit(3, HOUR),)
"""Conversations of one address that begin in an hour are few; a loop of two machines is many."""
OF_SHOP = (Limit(500, HOUR),)
"""A flood of made-up senders ends here. Whoever writes after it is answered by an agent."""


class OwnAnswerLimits:
    """Counters under ``chat#away#...`` in ``conversations``; they expire after two days."""

    def __init__(self, table: Table) -> None:
        self._counters = ChatLimits(table)

    def take(self, home: str, now: datetime) -> bool:
        """Count one more answer to an identifier, by its key; False if it is one too many."""
        if self._counters.spend(f"away#{home}", TO_ADDRESS, now):
            return False
        return not self._counters.spend("away", OF_SHOP, now)
