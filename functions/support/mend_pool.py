"""Puts the pool right after identifiers were linked or released: nobody tells support of that.

A row of one customer too many, or a conversation that stands alone again and is hidden still, is found by looking at a
few live conversations each minute, all of them in turn. An empty pool costs four small reads and no write.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from shared.adapters.cursors import InvalidCursor
from shared.operators.agent_actions import AgentActions, Busy, UnknownConversation
from shared.ports import Page
from shared.stores.conversation_items import POOL, SHOWN, read_conversation
from shared.stores.conversations import Conversations

STATES = ("open", SHOWN, "waiting", "snoozed")
ROWS = 20
"""Conversations of one minute; of a pool of 1,000 each is looked at within the hour."""
PK, SK = "sweep", "pool"


@dataclass(frozen=True, slots=True)
class PoolSweep:
    conversations: Conversations
    agents: AgentActions

    def run(self, time_left: Callable[[], bool]) -> int:
        """Look at the next conversations. Returns how many. A crash repeats them; that changes nothing."""
        table = self.conversations.table
        mark = table.get(PK, SK) or {"state": STATES[0], "cursor": ""}
        state, cursor, looked = str(mark["state"]), str(mark["cursor"]), 0
        for _ in STATES:
            page = self._page(state, cursor)
            for item in page.items:
                if not time_left():
                    return looked
                self._look(read_conversation(item).id)
                looked += 1
            state, cursor = (state, page.cursor) if page.cursor else (_next(state), "")
            if looked:
                break
        if (state, cursor) != (mark["state"], mark["cursor"]):
            table.put({"pk": PK, "sk": SK, "state": state, "cursor": cursor})
        return looked

    def _page(self, state: str, cursor: str) -> Page:
        try:
            return self.conversations.page(POOL, state, limit=ROWS, newest_first=False, cursor=cursor or None)
        except InvalidCursor:  # of a release that wrote it otherwise
            return self.conversations.page(POOL, state, limit=ROWS, newest_first=False, cursor=None)

    def _look(self, id_: str) -> None:
        """Whoever is shown a conversation puts right what is stored otherwise."""
        with suppress(UnknownConversation, Busy):  # erased meanwhile; or others write it, and put it right themselves
            self.agents.show(id_)


def _next(state: str) -> str:
    place = STATES.index(state) + 1 if state in STATES else 0
    return STATES[place % len(STATES)]
