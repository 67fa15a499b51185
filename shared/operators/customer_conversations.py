"""``GET /v1/customers/{id}/conversations``: everything that a customer wrote and was answered, also what is closed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from shared.domain.conversations.conversation import Conversation
from shared.domain.conversations.message import Message
from shared.domain.identity.keys import milliseconds
from shared.domain.privacy.part import Part
from shared.http.answers import malformed
from shared.operators.conversations import message_json, row_json
from shared.operators.environment import Environment as Operators
from shared.operators.find_customer import find_tree
from shared.operators.paging import read_mark, write_mark
from shared.stores.conversations import Conversations

PAGE = 10
"""Conversations of one answer, each with all its messages."""


class Environment(Operators, Protocol):
    @property
    def conversations(self) -> Conversations: ...


def conversations(environment: Environment, identifier: str, query: Mapping[str, str]) -> dict[str, Any]:
    """A page of the customer's conversations, identifier by identifier, of each the newest first; with their messages
    and notes.

    Raises
    ------
    Problem
        404 if nobody is known by the identifier, 400 for a cursor that is none.
    """
    return conversations_of(environment, find_tree(environment, identifier).keys, query)


def conversations_of(
    environment: Environment, keys: tuple[str, ...], query: Mapping[str, str], part: Part | None = None
) -> dict[str, Any]:
    """The same of these identifiers. ``part``: of a shared one what was written before it was another person's."""
    home, after = _mark(query, keys)
    items: list[dict[str, Any]] = []
    store = environment.conversations
    for place in range(keys.index(home) if home else 0, len(keys)):
        page = store.of_home(keys[place], limit=PAGE - len(items), cursor=after)
        for one in store.get_many(listed["id"] for listed in page.items):
            since = part.since[keys[place]] if part is not None else None
            told = _told(one, store.messages(one.id), since)
            if told is not None:
                items.append(told)
        after = page.cursor
        if len(items) >= PAGE:
            rest = keys[place] if after else keys[place + 1] if place + 1 < len(keys) else None
            return {"items": items, "cursor": None if rest is None else write_mark([rest, after])}
    return {"items": items, "cursor": None}


def _told(one: Conversation, messages: list[Message], since: int | None) -> dict[str, Any] | None:
    """A conversation with its messages; None if nothing in it is this person's. Of one that another person goes on
    with, what it is about may be the other's."""
    own = [message for message in messages if since is None or milliseconds(message.at) < since]
    if since is not None and not own:
        return None
    row = row_json(one)
    if len(own) < len(messages):
        row = {"id": one.id, "channel": one.channel, "customer": one.who}
    return {**row, "messages": [message_json(message) for message in own]}


def _mark(query: Mapping[str, str], keys: tuple[str, ...]) -> tuple[str, str | None]:
    """Where to go on: an identifier, and behind what of its list."""
    mark = read_mark(query)
    if mark is None:
        return "", None
    match mark:
        case [str(home), None | str()] if home in keys:
            return home, mark[1]
        case _:
            raise malformed("the cursor is not one of ours; start again without it")
