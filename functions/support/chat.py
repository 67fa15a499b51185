"""``/v1/chat``: a visitor of the shop's page writes, and asks for answers (docs/conversations.md#chat)."""

from __future__ import annotations

import secrets
from typing import Any

from functions.support import fields
from functions.support.authorize import authorize
from functions.support.environment import Environment
from shared.domain.conversations.answer import SeenUnreadable, read_seen, seen_mark
from shared.domain.conversations.chat_token import InvalidChatToken
from shared.domain.conversations.conversation import Conversation
from shared.domain.conversations.message import Inbound, Message
from shared.domain.identity.customer_token import InvalidCustomerToken
from shared.domain.identity.identifiers import (
    Identifier,
    IdentifierType,
    InvalidIdentifier,
    identifier,
    parse_identifier,
)
from shared.domain.identity.keys import time_text
from shared.http.answers import Problem, malformed, too_many, unauthorized
from shared.http.request import Request, any_key, bearer_key
from shared.operators.agent_actions import Busy
from shared.ports import Throttled
from shared.stores.chat_limits import BEGUN, BEGUN_BY_KEY, MESSAGES, ChatLimits

TEXT_LENGTH = 4_000
RECENT = 3
"""Conversations of a chat whose messages are shown, the newest."""


def write(environment: Environment, request: Request, body: dict[str, Any]) -> dict[str, Any]:
    """Takes a message. Sent again with the same id, it is the same one.

    Raises
    ------
    Problem
        401 without a key or with a token that opens nothing, 429 for more than people write.
    """
    authorize(request, environment, also_sources=True, also_public=True)
    fields.only(body, "id", "text", "token", "customer_token")
    name, text = fields.key(body, "id", needed=True), fields.text(body)
    if len(text) > TEXT_LENGTH:
        raise malformed(f"text has at most {TEXT_LENGTH:,} characters")
    now = environment.clock.now()
    limits = ChatLimits(environment.conversations.table)
    who = _who(environment, request, body, limits)
    home = environment.keys(who)
    wait = limits.spend(home, MESSAGES, now)
    if wait:
        raise too_many("so much is not taken at once", wait)
    inbound = Inbound("chat", f"{home}:{name}", home, str(who), now, text, verified=_known(who))
    try:
        _, message = environment.receiving.receive(inbound, now)
    except Busy as busy:
        raise Throttled("the conversation") from busy
    if message is None:
        raise Problem(409, "erased", "the chat was erased; begin it anew without its token")
    return {"id": name, "at": time_text(message.at), "token": environment.chat_tokens.make(who, now)}


def read(environment: Environment, request: Request) -> dict[str, Any]:
    """The messages of a chat behind ``after``, the oldest first, and the next ``after``.

    Notes, and what was said on other channels, are not the chat's; a push message to its own customer is.
    """
    token = bearer_key(request.headers)
    if token is None:
        raise unauthorized("send the token of the chat as Authorization: Bearer <token>")
    try:
        who = environment.chat_tokens.read(token, environment.clock.now())
    except InvalidChatToken as broken:
        raise unauthorized(str(broken)) from broken
    home = environment.keys(who)
    after = _after(request.query.get("after") or "")
    store = environment.conversations
    recent = sorted(store.get_many(store.newest([home])[home].ids[-RECENT:]), key=_age)
    found: list[Message] = []
    for one in recent:
        seen = after.get(one.id, 0)
        if one.messages > seen:
            found += [message for message in store.messages(one.id, after=seen) if _shown(message, one)]
    found.sort(key=lambda message: (message.at, message.conversation, message.place))
    return {"items": [_json(message) for message in found], "after": seen_mark(tuple(recent)) if recent else ""}


def _who(environment: Environment, request: Request, body: dict[str, Any], limits: ChatLimits) -> Identifier:
    """The customer whom the shop's server vouches for, who wrote before, or somebody new."""
    signed, kept = body.get("customer_token") or "", body.get("token") or ""
    if not isinstance(signed, str) or not isinstance(kept, str):
        raise malformed("token and customer_token must be texts; leave out what you do not have")
    try:
        if signed:
            return parse_identifier(environment.issuers.subject(signed), environment.phone)
        if kept:
            return environment.chat_tokens.read(kept, environment.clock.now())
    except (InvalidCustomerToken, InvalidChatToken) as broken:
        raise unauthorized(str(broken)) from broken
    except InvalidIdentifier as broken:
        raise unauthorized("the token speaks for nobody") from broken
    now, digest = environment.clock.now(), environment.chat_tokens.digest
    wait = limits.spend(digest(request.ip), BEGUN, now)
    wait = wait or limits.spend(digest(any_key(request.headers) or ""), BEGUN_BY_KEY, now)
    if wait:
        raise too_many("too many chats begin at this address, or with this key", wait)
    return identifier(IdentifierType.ANONYMOUS, f"chat-{secrets.token_hex(16)}", None)


def _known(who: Identifier) -> bool | None:
    """Whether the shop's server vouches for the customer; of a visitor nobody says anything."""
    return None if who.type is IdentifierType.ANONYMOUS else True


def _shown(message: Message, one: Conversation) -> bool:
    """What was said in the chat, and what its customer was told by push: a notification is gone after a tap."""
    pushed = message.channel == "push" and message.to == one.who
    return message.direction != "note" and (message.channel == "chat" or pushed)


def _json(message: Message) -> dict[str, Any]:
    """``from``: the visitor or the shop; which agent it was stays with the shop."""
    return {
        "id": message.id,
        "from": "visitor" if message.direction == "in" else "shop",
        "text": message.text,
        "at": time_text(message.at),
    }


def _age(one: Conversation) -> tuple[Any, str]:
    return one.opened_at, one.id


def _after(mark: str) -> dict[str, int]:
    try:
        return dict(read_seen(mark)) if mark else {}
    except SeenUnreadable as broken:
        raise malformed("after must be what the answer before gave; leave it out to begin") from broken
