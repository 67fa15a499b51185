"""The pool as agents see it: who is to be answered, with a name and the last words."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from functions.console.visit import Visit
from shared.domain.conversations.conversation import NAME_LENGTH, Conversation
from shared.http.answers import malformed
from shared.operators.conversations import row_json
from shared.operators.search import shown_name
from shared.queries.customer_tree import UNREADABLE, load_tree
from shared.stores.conversation_items import DESK, DUE, POOL, desk_of, pk_of, place_sk, read_conversation, read_message
from shared.stores.customers import CustomerStore

OPEN, MINE, UNASSIGNED, SOON = "open", "mine", "unassigned", "due"
VIEWS = (OPEN, SOON, MINE, UNASSIGNED, "waiting", "snoozed", "closed", "spam")
"""``open``: all that wait for an answer. ``due``: those that were promised one, who is due first before the others.
``mine`` and ``unassigned``: all that is not closed."""
ON_A_PAGE = 25
LAST_WORDS = 120
"""Letters of the last message that are shown."""
WORKERS = 8


@dataclass(frozen=True, slots=True)
class Pool:
    """``mark`` changes with anything that is shown of it."""

    view: str
    rows: Sequence[Mapping[str, Any]]
    cursor: str | None
    mark: str


def agent_of(visit: Visit) -> str:
    """By which name conversations are assigned to who is signed in."""
    return visit.signed_in.name[:NAME_LENGTH]


def view_of(visit: Visit) -> str:
    """Raises Problem (400) for a view that does not exist."""
    view = visit.request.query.get("view") or visit.form.get("view") or OPEN
    if view not in VIEWS:
        raise malformed("there is no such view of the pool")
    return view


def listed(visit: Visit, view: str, cursor: str | None = None) -> tuple[list[Conversation], str | None]:
    """A page of the pool without anything beside it: who has waited longest first, of closed ones the newest."""
    index, key = (POOL, view)
    if view in (MINE, UNASSIGNED):
        index, key = DESK, desk_of(agent_of(visit) if view == MINE else "")
    elif view == SOON:
        index, key = DUE, DUE
    newest_first = view in ("closed", "spam")
    page = visit.environment.desk().conversations.page(
        index, key, limit=ON_A_PAGE, newest_first=newest_first, cursor=cursor
    )
    return [read_conversation(item) for item in page.items], page.cursor


def mark_of(view: str, conversations: Sequence[Conversation]) -> str:
    """A digest of what is shown: equal as long as no conversation of the page was written."""
    told = json.dumps([view, [[one.id, one.version] for one in conversations]])
    return hashlib.blake2b(told.encode(), digest_size=9).hexdigest()


def pool(visit: Visit, view: str, cursor: str | None = None) -> Pool:
    """With names and last words: one more request for the words, and some for each name."""
    found, following = listed(visit, view, cursor)
    return Pool(view, _rows(visit, found), following, mark_of(view, found))


def _rows(visit: Visit, found: Sequence[Conversation]) -> list[dict[str, Any]]:
    words = _last_words(visit, found)
    store = CustomerStore(visit.environment.customers)
    with ThreadPoolExecutor(WORKERS) as workers:
        names = list(workers.map(lambda one: _name(store, one.home), found))
    return [
        {**row_json(one), "name": (not one.apart and name) or plain(one.who), "words": words.get(one.id, "")}
        for one, name in zip(found, names, strict=True)
    ]


def _last_words(visit: Visit, found: Sequence[Conversation]) -> dict[str, str]:
    """How the last message of each begins; of a page in one request."""
    keys = [(pk_of(one.id), place_sk(one.messages)) for one in found if one.messages]
    items = visit.environment.desk().conversations.table.get_many(keys) if keys else []
    messages = [read_message(item) for item in items]
    return {one.conversation: " ".join(one.text[: 2 * LAST_WORDS].split())[:LAST_WORDS] for one in messages}


def _name(store: CustomerStore, home: str) -> str | None:
    try:
        profile = load_tree(store, home).profile()
    except UNREADABLE:
        return None
    return shown_name({name: trait.value for name, trait in profile.traits.items()})


def plain(who: str) -> str:
    """An identifier without its kind: ``ayse@example.com``."""
    return who.partition(":")[2] or who
