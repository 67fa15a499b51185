"""Canned answers: texts that agents send again and again, with Liquid in them. ``definitions/service/*.yaml``."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

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


TemplateName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,512}$")]
Value = Annotated[str, StringConstraints(min_length=1, max_length=500)]
LanguageCode = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(_[A-Z]{2})?$")]


class WhatsAppTemplate(Strict):
    """A template that Meta approved: it may be sent after the 24 hours, with values in the place of {{1}}, {{2}}, ...

    ``languages``: by language of ours the code of Meta's; ``values``: one Liquid text for each place of its body.
    """

    template: TemplateName
    languages: Annotated[dict[Language, LanguageCode], Field(min_length=1)]
    values: Annotated[
        tuple[Annotated[str, StringConstraints(min_length=1, max_length=500)], ...], Field(max_length=20)
    ] = ()


class CannedAnswerDefinition(Strict):
    """``text``: by language, Liquid. ``channels``: where it may be sent; everywhere if nothing is said.

    ``whatsapp``: the approved template of the same words, for customers who wrote there more than 24 hours ago.
    """

    canned_answer: Name
    label: dict[Language, Word] = Field(default_factory=dict)
    channels: tuple[Channel, ...] = ()
    text: Annotated[dict[Language, Text], Field(min_length=1)]
    whatsapp: WhatsAppTemplate | None = None

    @model_validator(mode="after")
    def _in_its_languages(self) -> CannedAnswerDefinition:
        if self.whatsapp is not None and not self.whatsapp.languages.keys() <= self.text.keys():
            raise ValueError("whatsapp.languages names a language without a text; write the words that Meta approved")
        return self
