"""What happened to a customer and what was sent."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from functions.admin.models.base import AnswerModel, Cursor, Evidence, Time


class Message(AnswerModel):
    """One message: how far it is, and if it was not sent the reason with its evidence. No address."""

    message_id: str
    at: Time
    journey: str
    enrollment: str
    step: str
    template: str
    channel: str
    purpose: str
    release: int
    state: Literal["claimed", "calling", "sent", "failed", "unknown", "skipped", "deferred"]
    reason: str | None
    detail: str | None
    evidence: Evidence | None
    sent_at: Time | None
    until: Time | None
    text: str
    coupon: str | None
    test: bool


class Messages(AnswerModel):
    items: list[Message]
    cursor: Cursor


class TimelineEvent(AnswerModel):
    """An event. ``identifier`` is the one whose log it lies in; all that it carried are in ``identifiers``."""

    kind: Literal["event"]
    time: Time
    received_at: Time
    type: Literal["track", "identify", "page", "screen", "group", "alias"]
    event: str
    messageId: str  # noqa: N815 - as SDKs write it
    source: str
    channel: str
    trusted: bool
    provisional: bool = False
    identifier: str
    identifiers: list[str]
    previous: str = ""
    properties: dict[str, Any]
    traits: dict[str, Any]
    context: dict[str, Any]


class TimelineMessage(AnswerModel):
    """A message, at the time of its last decision."""

    kind: Literal["message"]
    time: Time
    received_at: Time
    type: Literal["message"]
    event: str
    messageId: str  # noqa: N815 - as SDKs write it
    source: Literal["kervan"]
    channel: str
    trusted: bool
    identifier: str
    identifiers: list[str]
    properties: dict[str, Any]
    traits: dict[str, Any]
    context: dict[str, Any]
    message: Message


class Timeline(AnswerModel):
    items: list[Annotated[TimelineEvent | TimelineMessage, Field(discriminator="kind")]]
    cursor: Cursor
