"""The table ``conversations``: every change is one transaction, so that a crash leaves all of it or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from msgspec.structs import replace

from shared.domain.conversations.conversation import Conversation
from shared.domain.conversations.message import Message
from shared.domain.identity.keys import time_text
from shared.ports import Page, Table, Write
from shared.stores.conversation_items import (
    LISTED,
    MARK,
    MESSAGES_END,
    NEWEST,
    SK,
    conversation_write,
    home_pk,
    mark_pk,
    message_writes,
    pk_of,
    place_sk,
    read_conversation,
    read_message,
)

MOST_NEWEST = 20
"""Conversations of one identifier that are looked at when a message comes."""


class Newest(NamedTuple):
    """The newest conversations of an identifier, the newest last. ``version`` 0: there are none."""

    home: str
    ids: tuple[str, ...]
    version: int


class Conversations:
    def __init__(self, table: Table) -> None:
        self.table = table

    def get(self, id_: str) -> Conversation | None:
        item = self.table.get(pk_of(id_), SK)
        return None if item is None else read_conversation(item)

    def get_many(self, ids: Iterable[str]) -> list[Conversation]:
        """Those that exist, in any order; consistent."""
        keys = [(pk_of(id_), SK) for id_ in dict.fromkeys(ids)]
        return [read_conversation(item) for item in self.table.get_many(keys)] if keys else []

    def newest(self, homes: Sequence[str]) -> dict[str, Newest]:
        """What each of these identifiers has, in one request."""
        keys = [(home_pk(home), NEWEST) for home in dict.fromkeys(homes)]
        found = {item["pk"]: item for item in self.table.get_many(keys)}
        return {
            home: Newest(home, tuple(item["ids"]), int(item["version"]))
            if (item := found.get(home_pk(home)))
            else Newest(home, (), 0)
            for home in homes
        }

    def of_home(self, home: str, *, limit: int | None = None, cursor: str | None = None) -> Page:
        """The ids of all conversations of an identifier as items with ``id``, newest first."""
        return self.table.query(home_pk(home), prefix=LISTED, newest_first=True, limit=limit, cursor=cursor)

    def mark(self, message: str) -> tuple[str, int] | None:
        """The conversation and place of a message that was taken; None if it was not."""
        item = self.table.get(mark_pk(message), MARK)
        return None if item is None else (item["conversation"], int(item["place"]))

    def message(self, id_: str) -> Message | None:
        found = self.mark(id_)
        item = None if found is None else self.table.get(pk_of(found[0]), place_sk(found[1]))
        return None if item is None else read_message(item)

    def messages(self, conversation: str, *, after: int = 0) -> list[Message]:
        """The messages of a conversation in the order of arrival, those behind ``after`` only."""
        found: list[Message] = []
        cursor = None
        while True:
            page = self.table.query(
                pk_of(conversation), at_least=place_sk(after + 1), below=MESSAGES_END, cursor=cursor
            )
            found += [read_message(item) for item in page.items]
            cursor = page.cursor
            if cursor is None:
                return found

    def page(self, index: str, key: str, *, limit: int, newest_first: bool, cursor: str | None) -> Page:
        """A page of the pool or of a desk: items that ``read_conversation`` reads, eventually consistent."""
        return self.table.query(key, index=index, limit=limit, newest_first=newest_first, cursor=cursor)

    def put(
        self,
        changed: Iterable[Conversation],
        message: Message | None = None,
        *,
        begun: Newest | None = None,
        also: Iterable[Write] = (),
    ) -> None:
        """Write conversations in their next version, with a message, all or nothing.

        ``also``: what else is written with it.

        ``begun``: what the identifier had before the conversation that the message begins.

        Raises
        ------
        Conflict
            If one of them was written meanwhile, or the message is taken already. Read again, decide again.
        """
        conversations = tuple(changed)
        writes = [conversation_write(one) for one in conversations]
        if message is not None:
            writes += message_writes(message)
            if begun is not None:
                new = next(one for one in conversations if one.id == message.conversation)
                writes += _listing(new, begun)
        writes += also
        if len(writes) == 1:
            self.table.put(writes[0].item, expect=writes[0].expect)
        elif writes:
            self.table.transact(writes)

    def put_message(self, before: Message, after: Message) -> None:
        """Change what is known of a message. Raises Conflict if another change came first."""
        (old, _), (new, _) = message_writes(before), message_writes(after)
        self.table.put(new.item, expect={"data": old.item["data"]})


def _listing(new: Conversation, before: Newest) -> list[Write]:
    newest: dict[str, Any] = {
        "pk": home_pk(before.home),
        "sk": NEWEST,
        "ids": [*before.ids, new.id][-MOST_NEWEST:],
        "version": before.version + 1,
    }
    listed = {"pk": home_pk(before.home), "sk": f"{LISTED}{time_text(new.opened_at)}#{new.id}", "id": new.id}
    expect = {"pk": None} if before.version == 0 else {"version": before.version}
    return [Write(newest, expect), Write(listed)]


def stored(one: Conversation) -> Conversation:
    """The conversation as it stands after it was written."""
    return replace(one, version=one.version + 1)
