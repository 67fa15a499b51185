"""``GET /v1/customers/{id}/conversations``: everything that a customer wrote and was answered, also what is closed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

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
    keys = find_tree(environment, identifier).keys
    home, after = _mark(query, keys)
    items: list[dict[str, Any]] = []
    store = environment.conversations
    for place in range(keys.index(home) if home else 0, len(keys)):
        page = store.of_home(keys[place], limit=PAGE - len(items), cursor=after)
        for one in store.get_many(listed["id"] for listed in page.items):
            messages = [message_json(message) for message in store.messages(one.id)]
            items.append({**row_json(one), "messages": messages})
        after = page.cursor
        if len(items) >= PAGE:
            rest = keys[place] if after else keys[place + 1] if place + 1 < len(keys) else None
            return {"items": items, "cursor": None if rest is None else write_mark([rest, after])}
    return {"items": items, "cursor": None}


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
