"""What SDKs send and what they are answered (docs/api.md). ``functions/ingest`` reads requests without these models."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from functions.admin.models.base import AnswerModel, Time


class SdkMessage(BaseModel):
    """What every message may hold; keys that Kervan does not know are passed over.

    Somebody must be named: by ``userId``, ``anonymousId``, an address in ``traits``, or ``context``.
    """

    model_config = ConfigDict(extra="allow")

    userId: str | int | None = Field(None, description="who it was, signed in")  # noqa: N815
    anonymousId: str | None = Field(None, description="the browser or the installation")  # noqa: N815
    messageId: str | None = Field(None, max_length=100, description="sent again, it is the same event")  # noqa: N815
    timestamp: str | int | float | None = Field(None, description="ISO 8601, or seconds or milliseconds since 1970")
    sentAt: str | int | float | None = None  # noqa: N815
    context: dict[str, Any] | None = None
    writeKey: str | None = Field(None, description="where no header can be sent")  # noqa: N815


class TrackMessage(SdkMessage):
    """What somebody did."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    "userId": "42",
                    "event": "Product Added",
                    "messageId": "9f0c2b8e",
                    "properties": {"product_id": "p-1", "price": 249.90, "quantity": 1, "currency": "TRY"},
                }
            ]
        },
    )

    event: str = Field(min_length=1, max_length=200, examples=["Product Added"])
    properties: dict[str, Any] | None = None


class IdentifyMessage(SdkMessage):
    """Who somebody is."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={"examples": [{"userId": "42", "anonymousId": "a-1", "traits": {"name": "Ayşe"}}]},
    )

    traits: dict[str, Any] | None = None


class PageMessage(SdkMessage):
    """What somebody looked at."""

    name: str | None = None
    properties: dict[str, Any] | None = None


class GroupMessage(SdkMessage):
    """To what somebody belongs."""

    groupId: str | int  # noqa: N815
    traits: dict[str, Any] | None = None


class AliasMessage(SdkMessage):
    """That two names are one person."""

    previousId: str  # noqa: N815


class BatchRequest(BaseModel):
    """Many messages at once, each with its ``type``; the context is part of each."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    "batch": [
                        {"type": "identify", "userId": "42", "traits": {"email": "ayse@example.com"}},
                        {
                            "type": "track",
                            "userId": "42",
                            "event": "Order Completed",
                            "properties": {"order_id": "A-1"},
                        },
                    ]
                }
            ]
        },
    )

    batch: list[dict[str, Any]] = Field(max_length=1_000)
    context: dict[str, Any] | None = None
    sentAt: str | int | float | None = None  # noqa: N815
    writeKey: str | None = None  # noqa: N815


class TrackingWarning(AnswerModel):
    """A field of an accepted event that could not be used."""

    index: int
    messageId: str | None  # noqa: N815
    field: str
    reason: str


class RejectedMessage(AnswerModel):
    """A message that was not taken; it costs no other."""

    index: int
    messageId: str | None  # noqa: N815
    reason: str


class TrackingAnswer(AnswerModel):
    """``warnings`` only if there are any."""

    success: Literal[True]
    warnings: list[TrackingWarning] = Field(default_factory=list)


class BatchAnswer(AnswerModel):
    """Accepted and rejected messages are together all that were sent."""

    success: Literal[True]
    accepted: int
    rejected: list[RejectedMessage]
    warnings: list[TrackingWarning]


class BasketLine(AnswerModel):
    """Every field is there; null if no channel told it."""

    product_id: str
    quantity: int
    name: Any
    price: float | None
    currency: Any
    variant: Any
    image_url: Any
    url: Any
    updated_at: Time


class Basket(AnswerModel):
    """The cart or the wishlist of a customer, the same on every channel."""

    items: list[BasketLine]
    updated_at: Time | None
