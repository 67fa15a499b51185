"""What is new on an agent's screen: asked every three seconds, and answered with nothing while nothing is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from functions.console.conversation_pool import listed, mark_of, pool, view_of
from functions.console.conversations import (
    ID,
    MOST_PENDING,
    chosen,
    frame,
    group_of,
    lookers,
    lookers_mark,
    thread_mark,
)
from functions.console.page import page
from functions.console.visit import Visit
from shared.domain.conversations.answer import SeenUnreadable, read_seen
from shared.domain.conversations.message import NOT_FETCHED, Message
from shared.http.answers import Answer

NOTHING: Answer = {
    "statusCode": 204,
    "headers": {"cache-control": "private, no-store"},
    "body": "",
    "isBase64Encoded": False,
}


def news(visit: Visit) -> Answer:
    """The parts that differ from what the page says it shows; they take the place of the old ones.

    ``pool`` and ``thread`` are the marks of what is shown, ``id`` is the conversation, ``pending`` are answers that
    were on their way, ``seen`` is what was there when the agent began to write, ``others`` who else looked. While
    nothing is new, no message is read. A conversation that is gone (erased) has no news: the page stays as it is.
    """
    asked = visit.request.query
    view, id_ = view_of(visit), asked.get("id", "")
    rows, _ = listed(visit, view)
    listed_anew = asked.get("pool", "") != mark_of(view, rows)
    known = bool(ID.fullmatch(id_)) and visit.environment.desk().conversations.get(id_) is not None
    shown_anew = known and _is_new(visit, id_, asked.get("thread", ""), asked.get("pending", ""))
    others = lookers(visit, id_) if known else ()
    others_anew = known and asked.get("others", "") != lookers_mark(others)
    if not (listed_anew or shown_anew or others_anew):
        return NOTHING
    found = chosen(visit, id_) if shown_anew else None
    return page(
        visit,
        "conversation_live.html",
        **frame(visit, view),
        pool=pool(visit, view) if listed_anew else None,
        first_page=True,
        chosen=found,
        chosen_id=id_,
        others=others if others_anew else None,
        others_mark=lookers_mark(others),
        newer=newer_than(visit, found, asked.get("seen", "")) if found else (),
    )


def newer_than(visit: Visit, found: Mapping[str, Any], seen: str) -> tuple[str, ...]:
    """The ids of the messages that came after what an agent saw, in their order; none for a mark that is none."""
    try:
        counts = read_seen(seen)
    except SeenUnreadable:
        return ()
    store = visit.environment.desk().conversations
    members = [one["id"] for one in found["members"]]
    later = {one.id for id_ in members for one in store.messages(id_, after=counts.get(id_, 0))}
    return tuple(one["id"] for one in found["messages"] if one["id"] in later)


def _is_new(visit: Visit, id_: str, mark: str, pending: str) -> bool:
    """Whether the conversation was written, an answer on its way has arrived or failed, or a file has come."""
    if thread_mark(group_of(visit, id_)) != mark:
        return True
    store = visit.environment.desk().conversations
    on_their_way = [one for one in pending.split(",")[:MOST_PENDING] if one]
    return any((found := store.message(one)) is None or not _is_waited_for(found) for one in on_their_way)


def _is_waited_for(message: Message) -> bool:
    """An answer that is being sent, or a file that its channel has still to give."""
    return message.delivery == "pending" or any(file.refused == NOT_FETCHED for file in message.attachments)
