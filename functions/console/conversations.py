"""Conversations: the pool, and one conversation beside its customer."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from functions.console.conversation_pool import ON_A_PAGE, VIEWS, agent_of, listed, plain, pool, view_of
from functions.console.page import ROOT, page, redirect
from functions.console.rights import Right
from functions.console.shop import shop_of
from functions.console.visit import Visit
from shared.domain.conversations.conversation import KINDS, PRIORITIES
from shared.domain.conversations.grouping import Group
from shared.domain.conversations.message import NOT_FETCHED
from shared.domain.identity.keys import time_text
from shared.http.answers import Answer, not_found
from shared.operators import conversations
from shared.operators.agent_actions import UnknownConversation
from shared.operators.canned_answers import canned_answers
from shared.operators.conversation_files import file_link
from shared.operators.conversation_presence import look
from shared.operators.search import shown_name
from shared.queries.customer_tree import load_tree
from shared.stores.customers import CustomerStore
from shared.stores.releases import Releases

ID = re.compile(r"[a-z2-7]{13}")
MOST_PENDING = 5
"""Answers and files on their way of which a page asks what became."""
FILES_COME = timedelta(hours=1)
SNOOZES = ("1h", "3h", "1d", "3d", "7d")
"""For how long a conversation is put away."""


def show(visit: Visit) -> Answer:
    """The pool, and nothing chosen."""
    view = view_of(visit)
    done = visit.request.query.get("done", "")
    return page(
        visit,
        "conversations.html",
        **frame(visit, view),
        pool=pool(visit, view, visit.request.query.get("cursor") or None),
        first_page="cursor" not in visit.request.query,
        chosen=None,
        done=done if ID.fullmatch(done) else None,
    )


def one(visit: Visit, id_: str) -> Answer:
    """One conversation, with the pool beside it."""
    return shown(visit, id_)


def file(visit: Visit, id_: str, message: str, number: str) -> Answer:
    """To a file that the customer sent, by a link of five minutes at the bucket: never shown from our own origin."""
    desk = visit.environment.desk()
    return redirect(visit, file_link(desk, desk.links, known_id(id_), message, number)["url"])


def lookers(visit: Visit, id_: str) -> tuple[str, ...]:
    """Which other agents look at a conversation; who asks and may answer is counted as one who looks."""
    if not visit.may(Right.ANSWER):
        return ()
    return tuple(look(visit.environment.desk(), id_, agent_of(visit))["others"])


def lookers_mark(names: tuple[str, ...]) -> str:
    """Changes with who looks."""
    return hashlib.blake2b(json.dumps(names).encode(), digest_size=9).hexdigest()


def next_one(visit: Visit) -> Answer:
    """To the next of this view behind the one that is named; to the pool if there is none."""
    view, after = view_of(visit), visit.request.query.get("after", "")
    return redirect(visit, next_address(visit, view, after))


def next_address(visit: Visit, view: str, after: str, *, done: bool = False) -> str:
    """Where work goes on. ``done``: the page says that ``after`` was closed, and how to open it again."""
    rows, _ = listed(visit, view)
    ids = [row.id for row in rows]
    following = ids[ids.index(after) + 1 :] + ids[: ids.index(after)] if after in ids else ids
    told = f"&done={after}" if done else ""
    return f"{ROOT}/conversations/{following[0]}?view={view}{told}" if following else pool_address(view, told)


def pool_address(view: str, told: str = "") -> str:
    return f"{ROOT}/conversations?view={view}{told}"


def shown(
    visit: Visit,
    id_: str,
    *,
    status: int = 200,
    newer: tuple[str, ...] = (),
    draft: Mapping[str, str] | None = None,
    problem: str = "",
) -> Answer:
    """The page of a conversation.

    ``newer``: ids of messages that came while the agent wrote ``draft``. ``problem``: why nothing was done.
    """
    view, id_ = view_of(visit), known_id(id_)
    done = visit.request.query.get("done", "")
    canned = canned_answers(visit.environment.desk(), id_, agent_of(visit)) if visit.may(Right.ANSWER) else []
    return page(
        visit,
        "conversations.html",
        status,
        **frame(visit, view),
        pool=pool(visit, view),
        first_page=True,
        chosen=chosen(visit, id_),
        others=(others := lookers(visit, id_)),
        others_mark=lookers_mark(others),
        done=done if ID.fullmatch(done) else None,
        newer=newer,
        draft=draft or _canned_draft(visit, canned),
        canned=canned,
        key=secrets.token_hex(12),
        problem=problem,
    )


def _canned_draft(visit: Visit, canned: Sequence[Mapping[str, Any]]) -> Mapping[str, str]:
    """What a link of the list of canned answers puts into the form, where no script does."""
    name = visit.request.query.get("canned", "")
    return next(({"text": str(one["text"]), "canned": name} for one in canned if one["name"] == name), {})


def frame(visit: Visit, view: str) -> dict[str, Any]:
    """What every part of these pages is drawn with."""
    return {
        "shop": shop_of(Releases(visit.environment.catalog).current()),
        "view": view,
        "views": [name for name in VIEWS if name != "spam" or view == "spam"],
        "agent": agent_of(visit),
        "most": ON_A_PAGE,
        "kinds": KINDS,
        "priorities": PRIORITIES,
        "snoozes": SNOOZES,
        "answers": visit.may(Right.ANSWER),
        "plain": plain,
    }


def chosen(visit: Visit, id_: str) -> dict[str, Any]:
    """A conversation as it is drawn: with the customer's name, and the mark of what is shown of it."""
    desk = visit.environment.desk()
    mark = thread_mark(group_of(visit, id_))  # before the messages: what comes between the two is shown again
    found = conversations.show(desk, id_)
    tree = load_tree(CustomerStore(visit.environment.customers), found["root"])
    traits = {name: trait.value for name, trait in tree.profile().traits.items()}
    young = time_text(desk.clock.now() - FILES_COME)
    pending = [one["id"] for one in found["messages"] if one["delivery"] == "pending" or _waits(one, young)]
    name = (not found["apart"] and shown_name(traits)) or plain(found["customer"])
    channels = [one | {"hours": hours_left(one["free_text_until"], desk.clock.now())} for one in found["channels"]]
    return {**found, "name": name, "mark": mark, "pending": pending[-MOST_PENDING:], "channels": channels}


def _waits(message: Mapping[str, Any], young: str) -> bool:
    """Whether a file of it is still to come from its channel. One that did not for an hour is nothing to wait for."""
    return message["at"] > young and any(file["refused"] == NOT_FETCHED for file in message["attachments"])


def group_of(visit: Visit, id_: str) -> Group:
    """All that is shown with a conversation, without its messages. Raises Problem (404)."""
    try:
        return visit.environment.desk().agents.show(id_).group
    except UnknownConversation as unknown:
        raise not_found("there is no such conversation") from unknown


def thread_mark(group: Group) -> str:
    """Changes with every message, note and change of what is shown; not with what becomes of an answer."""
    told = json.dumps([[one.id, one.version] for one in group])
    return hashlib.blake2b(told.encode(), digest_size=9).hexdigest()


def known_id(id_: str) -> str:
    """Raises Problem (404) for what is no number of a conversation."""
    if not ID.fullmatch(id_):
        raise not_found("there is no such conversation")
    return id_


def hours_left(until: str | None, now: datetime) -> int | None:
    """Whole hours until a window closes; None if there is none."""
    if until is None:
        return None
    return max(0, int((datetime.fromisoformat(until) - now).total_seconds() // 3600))
