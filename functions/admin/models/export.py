"""The copy of everything that is known of a person."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from functions.admin.models.base import AnswerModel, Cursor, Time
from functions.admin.models.consents import ConsentNow, Statement
from functions.admin.models.customers import Customer
from functions.admin.models.links import LinkedIdentifier
from functions.admin.models.timeline import TimelineEvent, TimelineMessage


class ExportedConsents(AnswerModel):
    """What holds now, and every statement as proof."""

    now: list[ConsentNow]
    items: list[Statement]


class Export(AnswerModel):
    """The first page holds all of it but older events and messages; the pages behind a cursor hold only these."""

    made_at: Time
    items: list[Annotated[TimelineEvent | TimelineMessage, Field(discriminator="kind")]]
    cursor: Cursor
    customer: Customer | None = None
    links: list[LinkedIdentifier] = Field(default_factory=list)
    consents: ExportedConsents | None = None
