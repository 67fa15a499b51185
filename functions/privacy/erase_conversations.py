"""What the table of conversations holds of a person: messages, answers, notes, and where they are listed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from msgspec.structs import replace

from shared.domain.conversations.files import place_of
from shared.domain.conversations.message import NOT_FETCHED, Message, without_words
from shared.domain.identity.keys import milliseconds
from shared.ports import Table
from shared.ports.objects import Objects
from shared.stores.conversation_items import (
    ASKED,
    LISTED,
    MARK,
    MESSAGE,
    NEWEST,
    home_pk,
    mark_pk,
    pk_of,
    read_message,
)
from shared.stores.conversations import Conversations

Pages = Callable[..., Iterator[list[dict[str, Any]]]]


class ConversationErasure:
    """``files`` is the bucket of what customers sent."""

    def __init__(self, table: Table, pages: Pages, files: Callable[[], Objects]) -> None:
        self._files = files
        self._table = table
        self._pages = pages
        self._conversations = Conversations(table)

    def erase(self, home: str) -> int:
        """Deletes the conversations of an identifier. Returns how many items were deleted.

        What leads to them goes last, so that a repetition after a crash finds the rest.
        """
        erased = 0
        for listed in self._listed(home):
            erased += self._whole(listed["id"])
            self._table.delete_many([(listed["pk"], listed["sk"])])
        left = [(home_pk(home), sk) for sk in (NEWEST, ASKED) if self._table.get(home_pk(home), sk) is not None]
        if left:
            self._table.delete_many(left)
        return erased

    def erase_before(self, home: str, since: int) -> int:
        """Of an identifier that others use as well, what was said before ``since`` (milliseconds).

        Raises
        ------
        Conflict
            If somebody wrote the conversation at the same moment. Come again.
        """
        erased = 0
        for listed in self._listed(home):
            messages = self._conversations.messages(listed["id"])
            doomed = [message for message in messages if milliseconds(message.at) < since]
            if doomed and len(doomed) == len(messages):
                erased += self._whole(listed["id"])
                self._table.delete_many([(listed["pk"], listed["sk"])])
                continue
            told = [message for message in doomed if message != without_words(message)]
            for message in told:  # the place stays taken, its words go
                self._delete_files([message])
                self._conversations.put_message(message, without_words(message))
            conversation = self._conversations.get(listed["id"])
            if told and conversation is not None:  # with the second look nothing goes that is the other person's
                self._conversations.put([replace(conversation, subject="", thread=(), order_id="")])
            erased += len(told)
        return erased

    def _whole(self, conversation: str) -> int:
        """Everything beneath a conversation, and the marks of its messages before they are forgotten."""
        erased = 0
        for items in self._pages(self._table, pk_of(conversation)):
            messages = [read_message(one) for one in items if one["sk"].startswith(MESSAGE)]
            self._delete_files(messages)
            marks = [(mark_pk(one.id), MARK) for one in messages]
            if marks:
                self._table.delete_many(marks)
            self._table.delete_many([(one["pk"], one["sk"]) for one in items])
            erased += len(items)
        return erased

    def _delete_files(self, messages: Iterable[Message]) -> None:
        """Before the item that names them: a repetition after a crash finds them still. Of one that is still to be
        fetched the file may be there already."""
        places = [
            file.place or place_of(message.id, number)
            for message in messages
            for number, file in enumerate(message.attachments, start=1)
            if file.place or file.refused == NOT_FETCHED
        ]
        if places:
            self._files().delete(places)

    def _listed(self, home: str) -> Iterator[dict[str, Any]]:
        for items in self._pages(self._table, home_pk(home), prefix=LISTED):
            yield from items
