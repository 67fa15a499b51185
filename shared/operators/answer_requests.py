"""How an answer of an agent is handed to notify: ids and times; its text stays in the conversation."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

from shared.domain.conversations.message import Message
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.identity.keys import milliseconds
from shared.domain.messages.request import ANSWERS, Channel, SendRequest
from shared.stores.event_items import Keys

FRESH = timedelta(hours=24)
"""An answer that could not be sent for so long returns to its agent."""
TEMPLATE = "answer"


def answer_request(message: Message, keys: Keys) -> SendRequest:
    """Handed over twice, it is sent once: the id is made of the message's."""
    at = milliseconds(message.at)
    return SendRequest(
        home=keys(parse_identifier(message.to)),
        enrollment=message.id,
        journey=ANSWERS,
        release=0,
        step=message.conversation,
        template=TEMPLATE,
        purpose="service",
        channels=(cast("Channel", message.channel),),
        due_ms=at,
        fresh_until_ms=at + milliseconds_of(FRESH),
        clock_ms=at,
    )


def milliseconds_of(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)
