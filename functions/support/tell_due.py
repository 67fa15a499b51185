"""Queues for the webhook ``conversation.due`` what the minute's function marked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from functions.support.team_warnings import KEPT, TOLD
from shared.domain.conversations.conversation import Conversation
from shared.domain.identity.keys import milliseconds
from shared.domain.service.due_webhook import mark_of, task_of
from shared.ports import Queue
from shared.stores.conversation_items import pk_of
from shared.stores.conversations import Conversations


@dataclass(frozen=True, slots=True)
class TellDue:
    """``queue``: None where no webhook is set up, which costs nothing."""

    conversations: Conversations
    queue: Queue | None

    def tell(self, one: Conversation, now: datetime) -> bool:
        """Queue the newest mark of a wait; True if it was queued.

        It is noted after it is queued: a crash between queues it again, and the receiver knows it by its id.
        """
        mark = mark_of(one)
        if self.queue is None or not mark or one.waiting_since is None:
            return False
        pk, sk = pk_of(one.id), f"{TOLD}hook-{mark}#{milliseconds(one.waiting_since)}"
        table = self.conversations.table
        if table.get(pk, sk) is not None:
            return False
        self.queue.send_many([task_of(one)])
        table.put({"pk": pk, "sk": sk, "at": milliseconds(now), "expires": int((now + KEPT).timestamp())})
        return True
