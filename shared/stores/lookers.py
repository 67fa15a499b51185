"""Who looks at a conversation: ``conversation#<id>`` / ``looking#<digest of the agent>``, for half a minute each.

Each agent writes an item of his own, so nobody waits for another.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from shared.domain.conversations.conversation import digest
from shared.domain.identity.keys import milliseconds, moment
from shared.ports import Item, Table
from shared.stores.conversation_items import pk_of

LOOKING = "looking#"
LASTS = timedelta(seconds=30)
"""After this time somebody who says nothing more is gone."""
SAID_AGAIN = timedelta(seconds=15)
"""An agent's page asks every three seconds; so often is it written."""
KEPT = timedelta(days=1)
MOST = 50
"""Agents of one conversation that are told of."""


class Lookers:
    def __init__(self, table: Table) -> None:
        self._table = table

    def look(self, conversation: str, agent: str, now: datetime) -> list[str]:
        """The agent looks at it now. Returns who else does, in the order of their names."""
        seen = {item["agent"]: moment(int(item["at"])) for item in self._items(conversation)}
        if agent not in seen or now - seen[agent] >= SAID_AGAIN:
            self._table.put(
                {
                    "pk": pk_of(conversation),
                    "sk": f"{LOOKING}{digest(agent)}",
                    "agent": agent,
                    "at": milliseconds(now),
                    "expires": int((now + KEPT).timestamp()),
                }
            )
        return sorted(name for name, at in seen.items() if name != agent and now - at < LASTS)

    def _items(self, conversation: str) -> list[Item]:
        return list(self._table.query(pk_of(conversation), prefix=LOOKING, limit=MOST).items)
