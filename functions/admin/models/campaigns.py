"""Campaigns (docs/campaigns.md)."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import ConfigDict, Field, WithJsonSchema

from functions.admin.models.base import AnswerModel, Cursor, Definition, RequestModel, Sentences, Time

MOST_BYTES = 100_000
"""Of a body: a campaign is a few lines, and must fit into an item of the table."""

_EXAMPLE: dict[str, Any] = {
    "campaign": "spring-sale",
    "segment": "high-value",
    "send": "vip-early-access",
    "purpose": "marketing",
    "channels": ["email"],
    "at": "2027-12-01T10:00",
    "test": ["user:42"],
}


class CampaignRequest(RequestModel):
    """A definition; ``file`` is the name that its problems are told under."""

    model_config = ConfigDict(json_schema_extra={"required": ["definition"], "examples": [{"definition": _EXAMPLE}]})
    most_bytes: ClassVar[int | None] = MOST_BYTES

    definition: Definition = None
    file: Annotated[Any, WithJsonSchema({"type": "string"})] = None


class StoppedCampaign(AnswerModel):
    """Reports about the campaign's own messages passed a limit, in per cent of those that were sent."""

    because: Literal["bounces", "complaints"]
    limit: float
    sent: int
    bounced: int
    complained: int


class CampaignLine(AnswerModel):
    """How far a campaign is. ``open``: handed over and without an outcome yet, or in the end ``uncounted``."""

    name: str
    state: Literal["scheduled", "running", "done", "cancelled"]
    segment: str | None = Field(description="null if it goes to several")
    segments: list[str]
    excluded: list[str] = Field(alias="except", description="segments whose members do not get it")
    send: str
    channels: list[str]
    at: str = Field(description="as it was written: a time, or now")
    begins: Time
    local_time: bool
    scheduled_at: Time
    cancelled_at: Time | None
    release: int
    estimate: int
    estimate_at_least: bool
    stopped: StoppedCampaign | None = Field(description="why it stopped by itself, if it did")
    walked: int
    left_out: int = Field(description="members who were in a segment under except when they were found")
    waiting: int
    handed_over: int
    open: int
    uncounted: int
    sent: int
    outcomes: dict[str, int]
    warnings: list[str]


class Campaigns(AnswerModel):
    items: list[CampaignLine]
    cursor: Cursor


class CampaignAnswer(CampaignLine):
    """One campaign with its definition, and what that says."""

    definition: dict[str, Any]
    says: Sentences


class DefinitionProblem(AnswerModel):
    file: str
    path: str
    message: str
    remedy: str


class Reach(AnswerModel):
    """Members counted, and of a sample who has an address and agreed."""

    members: int
    members_at_least: bool
    sample: int
    reachable_in_sample: int
    by_channel_in_sample: dict[str, int]


class RefusedCampaign(AnswerModel):
    problems: list[DefinitionProblem] = Field(min_length=1)


class CheckedCampaign(AnswerModel):
    problems: list[DefinitionProblem] = Field(max_length=0)
    says: Sentences
    begins: Time
    release: int
    reach: Reach
    warnings: list[str]


CampaignCheck = RefusedCampaign | CheckedCampaign
"""All problems, or what it says and whom it would reach."""


class CampaignTest(AnswerModel):
    name: str
    run: str
    recipients: list[str]
