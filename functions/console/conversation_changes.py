"""What an agent does with a conversation: answer, note, assign, snooze, close. Each is noted by the key of a number."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from msgspec.structs import replace

from functions.console.changes import noted
from functions.console.conversation_pool import agent_of, view_of
from functions.console.conversations import SNOOZES, known_id, next_address, shown
from functions.console.page import ROOT, redirect
from functions.console.visit import Visit
from shared.domain.conversations.answer import SeenUnreadable, read_seen
from shared.domain.conversations.conversation import (
    CHANNELS,
    KINDS,
    NAME_LENGTH,
    ORDER_LENGTH,
    PRIORITIES,
    Conversation,
    as_spam,
    closed,
    reopened,
    snoozed,
    vouched,
    with_details,
)
from shared.domain.conversations.message import TEXT_LENGTH, visible
from shared.domain.identity.keys import milliseconds, moment
from shared.domain.time.durations import parse_duration
from shared.http.answers import Answer, Problem, malformed
from shared.operators import conversations
from shared.operators.canned_answers import canned_text
from shared.operators.conversations import NewerThanSeen

KEY = re.compile(r"[0-9a-f]{24}")
NEWER, LONG, LONG_THERE, EMPTY = "newer_messages", "too_long", "too_long_there", "empty"
SAID = frozenset({
    LONG, "no_address", "not_connected", "window_closed", "not_allowed", NEWER,
    "no_files", "files_too_large", "file_type", "too_many_files", "caption_too_long", "file_alone",
})  # fmt: skip
"""Refusals that the page of the conversation explains; what was written stays in the form."""
Change = Callable[[Conversation], Conversation]


def answer(visit: Visit, id_: str) -> Answer:
    """Send an answer, or keep a note. Refused if something came that the agent has not seen; then it is shown, with
    what was written still in the form."""
    form, id_ = visit.form, known_id(id_)
    is_note = form.get("as") == "note"
    text, files = visible(form.get("text", "")), () if is_note else visit.sent.files
    if not (text or files) or len(text) > TEXT_LENGTH:
        return shown(visit, id_, status=400, draft=form, problem=LONG if text else EMPTY)
    channel = next((one for one in CHANNELS if one == form.get("channel")), None)
    if not KEY.fullmatch(form.get("key", "")) or (channel is None and not is_note):
        raise malformed("the form is not whole")

    def write(said: str, template: tuple[str, ...] = ()) -> None:
        conversations.write(
            visit.environment.desk(),
            id_,
            direction="note" if is_note else "out",
            channel="store" if is_note or channel is None else channel,
            text=said,
            agent=agent_of(visit),
            seen=None if is_note else form.get("seen", ""),
            key=form["key"],
            template=template,
            files=files,
        )

    try:
        try:
            write(text)
        except Problem as refused:
            canned = form.get("canned", "")
            if refused.code != "window_closed" or not canned or channel != "whatsapp" or files:
                raise
            said, template = canned_text(visit.environment.desk(), id_, agent_of(visit), canned, channel)
            if said != text or not template:  # an approved text is sent as it is, or not at all
                raise
            write(said, template)
    except NewerThanSeen as newer:
        return shown(visit, id_, status=409, newer=newer.ids, draft=form, problem=NEWER)
    except Problem as refused:
        return _explained(visit, id_, refused)
    return redirect(visit, _address(visit, id_))


def assign(visit: Visit, id_: str) -> Answer:
    """To who is signed in, to somebody else, or to nobody."""
    to = _name(visit.form.get("agent", ""))
    return _changed(visit, id_, "assigned", lambda one: replace(one, assignee=to))


def set_state(visit: Visit, id_: str) -> Answer:
    """Close, open again, put away, or say that it is spam. Closed over a message that was not seen is refused: nobody
    would ever answer it."""
    form, id_ = visit.form, known_id(id_)
    now = moment(milliseconds(visit.environment.desk().clock.now()))
    match form.get("state", ""):
        case "open":
            return _changed(visit, id_, "reopened", lambda one: reopened(one, now))
        case "snoozed" if form.get("for") in SNOOZES:
            until = now + parse_duration(form["for"])
            return _changed(visit, id_, "snoozed", _as_seen(visit, lambda one: snoozed(one, until, now)), on=True)
        case "closed":
            return _changed(visit, id_, "closed", _as_seen(visit, lambda one: closed(one, now)), on=True)
        case "spam":
            return _changed(visit, id_, "spam", lambda one: as_spam(one, now), on=True)
        case _:
            raise malformed("there is no such state")


def set_details(visit: Visit, id_: str) -> Answer:
    """Kind, priority, order and tags, as far as the form says them; or that the sender is the customer."""
    form = visit.form
    now = moment(milliseconds(visit.environment.desk().clock.now()))
    kind = next((one for one in KINDS if one == form.get("kind")), None)
    priority = next((one for one in PRIORITIES if one == form.get("priority")), None)
    order = _name(form["order_id"], ORDER_LENGTH) if "order_id" in form else None
    tags = tuple(tag for one in form["tags"].split(",") if (tag := _name(one))) if "tags" in form else None

    def change(one: Conversation) -> Conversation:
        known = vouched(one) if form.get("vouched") == "yes" else one
        return with_details(known, now, kind=kind, priority=priority, order_id=order, tags=tags)

    return _changed(visit, id_, "details", change, whole=False)


def _changed(visit: Visit, id_: str, what: str, change: Change, *, whole: bool = True, on: bool = False) -> Answer:
    """``on``: work goes on with the next of the view."""
    id_ = known_id(id_)
    following = next_address(visit, view_of(visit), id_, done=what == "closed") if on else _address(visit, id_)
    try:
        with noted(visit, f"conversation.{what}", {"conversation": id_}):
            conversations.change(visit.environment.desk(), id_, change, whole=whole)
    except Problem as refused:
        return _explained(visit, id_, refused)
    return redirect(visit, following)


def _as_seen(visit: Visit, change: Change) -> Change:
    """The change, refused if a message came that the form's page did not show."""
    try:
        seen = read_seen(visit.form.get("seen", ""))
    except SeenUnreadable as broken:
        raise malformed("the form is not whole") from broken

    def guarded(one: Conversation) -> Conversation:
        if one.messages > seen.get(one.id, 0):
            raise Problem(409, NEWER, "something came since the page was shown")
        return change(one)

    return guarded


def _explained(visit: Visit, id_: str, refused: Problem) -> Answer:
    if refused.code not in SAID:
        raise refused
    problem = LONG_THERE if refused.code == LONG else refused.code
    return shown(visit, id_, status=409, draft=visit.form, problem=problem)


def _address(visit: Visit, id_: str) -> str:
    return f"{ROOT}/conversations/{id_}?view={view_of(visit)}"


def _name(written: str, most: int = NAME_LENGTH) -> str:
    """A name in one line. Raises Problem (400) for what is longer."""
    found = unicodedata.normalize("NFC", " ".join(written.split()))
    if len(found) > most or any(unicodedata.category(sign)[0] == "C" for sign in found):
        raise malformed(f"a name has at most {most} letters")
    return found
