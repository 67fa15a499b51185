"""How an answer of an agent is handed to notify: ids and times; its text stays in the conversation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import cast

from shared.domain.conversations.message import Message
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.identity.keys import milliseconds
from shared.domain.messages.request import (
    ANSWERS,
    SOCIAL,
    SOCIAL_CHANNELS,
    Channel,
    SendRequest,
    SocialChannel,
    queue_of,
)
from shared.ports import Queue
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
        channels=(cast("Channel | SocialChannel", message.channel),),
        due_ms=at,
        fresh_until_ms=at + milliseconds_of(FRESH),
        clock_ms=at,
    )


def hand_over_by(queues: Mapping[str, Queue], keys: Keys) -> Callable[[Message], None]:
    """What hands an answer over: it puts the request into the queue of its channel."""

    def hand_over(message: Message) -> None:
        request = answer_request(message, keys)
        queues[queue_of(request.channel)].send_many([request.model_dump_json(exclude_none=True)])

    return hand_over


def sent_by(queues: Iterable[str], social: str) -> tuple[str, ...]:
    """The channels by which answers go out, given the queues there are. ``social``: those of Meta that the shop has
    connected, divided by blanks."""
    connected = [channel for channel in SOCIAL_CHANNELS if channel in social.split()]
    return tuple(channel for queue in queues for channel in (connected if queue == SOCIAL else [queue]))


def milliseconds_of(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)
