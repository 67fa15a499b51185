"""Canned answers: texts that agents send again and again, with Liquid in them. ``definitions/service/*.yaml``."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from shared.domain.conversations.conversation import Channel
from shared.domain.definitions.shop import Strict
from shared.domain.service.team import Language, Name, Word

NAMES = frozenset({
    "customer.first_name", "customer.last_name", "customer.name", "customer.email", "customer.phone",
    "order.id", "order.state", "order.total", "order.currency", "order.at",
    "conversation.id", "conversation.subject", "conversation.order_id",
    "agent", "shop.name", "shop.contact", "shop.address",
})  # fmt: skip
"""What a text may name. What is not known of a customer is empty."""
Text = Annotated[str, StringConstraints(min_length=1, max_length=4_000)]


class CannedAnswerDefinition(Strict):
    """``text``: by language, Liquid. ``channels``: where it may be sent; everywhere if nothing is said."""

    canned_answer: Name
    label: dict[Language, Word] = Field(default_factory=dict)
    channels: tuple[Channel, ...] = ()
    text: Annotated[dict[Language, Text], Field(min_length=1)]
