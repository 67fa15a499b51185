"""``POST /v1/conversations/...``: answers, notes, and messages that another system delivers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from functions.support import fields
from functions.support.environment import Environment
from shared.domain.conversations.conversation import CHANNELS, INBOUND_CHANNELS
from shared.domain.conversations.message import SUBJECT_LENGTH, Inbound
from shared.domain.identity.identifiers import InvalidIdentifier, parse_identifier
from shared.domain.identity.keys import time_text
from shared.http.answers import Problem, malformed
from shared.operators import conversations
from shared.operators.agent_actions import Busy
from shared.operators.canned_answers import canned_answers, canned_text
from shared.operators.conversation_presence import look
from shared.ports import Throttled

EXTERNAL_ID_LENGTH = 200


def reply(environment: Environment, id_: str, body: dict[str, Any]) -> dict[str, Any]:
    """An answer; ``seen`` is the mark that the conversation was shown with. ``canned`` names a text that is kept."""
    fields.only(body, "seen", "channel", "text", "canned", "agent", "key", "subject", "files")
    seen = body.get("seen")
    if not isinstance(seen, str):
        raise malformed("seen must be the mark that the conversation was shown with")
    channel, agent = fields.one_of(body, "channel", CHANNELS), fields.name(body, "agent", needed=True)
    if "canned" in body and "text" in body:
        raise malformed("give text or canned, the name of a canned answer; not both")
    name = fields.name(body, "canned", needed=True) if "canned" in body else ""
    files = fields.files(body)
    if name:
        text, template = canned_text(environment, id_, agent, name, channel)
    else:
        text, template = "" if files and "text" not in body else fields.text(body), ()
    return conversations.write(
        environment,
        id_,
        direction="out",
        channel=channel,
        text=text,
        agent=agent,
        seen=seen,
        key=fields.key(body),
        subject=fields.name(body, "subject", most=SUBJECT_LENGTH),
        template=() if files else template,
        files=files,
    )


def canned(environment: Environment, id_: str, query: Mapping[str, str]) -> dict[str, Any]:
    """Canned answers, filled for this conversation and for the agent whom the query names."""
    return {"items": canned_answers(environment, id_, fields.name(query, "agent"))}


def note(environment: Environment, id_: str, body: dict[str, Any]) -> dict[str, Any]:
    """A note that only agents see."""
    fields.only(body, "text", "agent", "key")
    return conversations.write(
        environment,
        id_,
        direction="note",
        channel="store",
        text=fields.text(body),
        agent=fields.name(body, "agent", needed=True),
        seen=None,
        key=fields.key(body),
    )


def presence(environment: Environment, id_: str, body: dict[str, Any]) -> dict[str, Any]:
    """The agent looks at it now; a page says so every few seconds."""
    fields.only(body, "agent")
    return look(environment, id_, fields.name(body, "agent", needed=True))


def receive(environment: Environment, body: dict[str, Any]) -> dict[str, Any]:
    """What a customer said where Kervan does not listen itself: a call, a visit, a channel of the shop's own.

    The id of the message makes it one: told again, it changes nothing.
    """
    fields.only(body, "channel", "customer", "id", "text", "subject")
    customer = fields.name(body, "customer", needed=True, most=300)
    try:
        who = parse_identifier(customer, environment.phone)
    except InvalidIdentifier as broken:
        raise malformed(f"customer: {broken}") from broken
    now = environment.clock.now()
    channel = fields.one_of(body, "channel", INBOUND_CHANNELS)
    inbound = Inbound(
        channel=channel,
        external_id=fields.name(body, "id", needed=True, most=EXTERNAL_ID_LENGTH),
        home=environment.keys(who),
        who=str(who),
        at=now,
        text=fields.text(body),
        subject=fields.name(body, "subject", most=SUBJECT_LENGTH),
    )
    try:
        became, message = environment.receiving.receive(inbound, now)
    except Busy as busy:
        raise Throttled("the conversation") from busy
    if message is None:
        raise Problem(409, "erased", "the customer was erased; nothing is kept of him for now")
    return {
        "state": "repeated" if became == "known" else "taken",
        "id": message.id,
        "conversation": message.conversation,
        "at": time_text(message.at),
    }
