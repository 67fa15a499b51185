"""Takes away what a customer took back: its words and its files. That there was a message stays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec.structs import replace

from shared.domain.conversations.files import place_of
from shared.domain.conversations.jobs import Removal
from shared.domain.conversations.message import REMOVED, without_words
from shared.operators.agent_actions import Busy
from shared.ports import Conflict
from shared.ports.objects import Objects
from shared.stores.conversations import Conversations

MAY_COME = timedelta(minutes=30)
"""A message may come behind the word that it was taken back: the queue keeps no order."""


@dataclass(frozen=True, slots=True)
class Removals:
    """``files``: the bucket of what customers sent; made with the first."""

    conversations: Conversations
    files: Callable[[], Objects]

    def take(self, removal: Removal, now: datetime) -> bool:
        """Whether something was taken away. Only what came from the same sender; repeated, it changes nothing.

        Raises
        ------
        Busy
            If the message is not there yet, or others wrote it at the same moment. The queue comes again.
        """
        message = self.conversations.message(removal.message)
        if message is None:
            if now - removal.at < MAY_COME:
                raise Busy
            return False
        conversation = self.conversations.get(message.conversation)
        if conversation is None or conversation.home != removal.home or message.direction != "in":
            return False
        if message.attachments:  # before the item that names them: a repetition finds them still
            numbers = range(1, len(message.attachments) + 1)
            self.files().delete([place_of(message.id, number) for number in numbers])
        after = replace(without_words(message), reason=REMOVED)
        if after == message:
            return False
        try:
            self.conversations.put_message(message, after)
        except Conflict as other:
            raise Busy from other
        return True
