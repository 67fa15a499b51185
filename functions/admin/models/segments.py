"""Published segments, their members, and why somebody is in one."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from functions.admin.models.base import AnswerModel, Cursor, Time


class Segment(AnswerModel):
    name: str
    label: dict[str, str]
    aliases: list[str]
    members: int
    members_at_least: bool
    release: int


class Backfill(AnswerModel):
    """How far a release has reached everybody."""

    release: int
    state: Literal["waiting", "walking", "done"]
    done: int
    failed: int
    fraction: float
    started_at: Time | None
    finished_at: Time | None


class ShopCycle(AnswerModel):
    """How often an average customer buys."""

    purchase_cycle_days: float | None
    sampled: int
    at: Time


class SegmentAudit(AnswerModel):
    """What the last hourly comparison with brute force found."""

    at: Time
    sampled: int
    left_out: int
    mismatches: dict[str, int]
    customers: list[str]


class Segments(AnswerModel):
    items: list[Segment]
    cursor: Cursor
    backfill: Backfill | None
    shop: ShopCycle | None
    audit: SegmentAudit | None
    orders_from: Literal["trusted", "any"]


class SegmentMember(AnswerModel):
    """A member; ``identifiers`` and ``traits`` where traits were asked for."""

    customer: str
    identifier: str | None
    since: Time
    identifiers: list[str] = Field(default_factory=list)
    traits: dict[str, Any] = Field(default_factory=dict)


class SegmentMembers(AnswerModel):
    items: list[SegmentMember]
    cursor: Cursor


class ExplainedNode(AnswerModel):
    """One node of a rule: its sentence, its value, how long it holds, and what was found."""

    node: str
    sentence: str
    value: bool
    valid_until: Time | None
    facts: dict[str, Any]
    parts: list[ExplainedNode]


class SegmentExplanation(AnswerModel):
    """Why a customer is in a segment or not; ``leaves_at`` or ``enters_at`` with time alone."""

    customer: str
    draft: bool
    segment: str
    sentence: str
    member: bool
    since: Time | None
    valid_until: Time | None
    leaves_at: Time | None
    enters_at: Time | None
    summary: str
    rule: ExplainedNode


class UpcomingFlip(AnswerModel):
    customer: str
    identifier: str | None
    at: Time
    enters: bool


class UpcomingFlips(AnswerModel):
    """Who enters and leaves with time alone."""

    segment: str
    until: Time
    enter: int
    leave: int
    looked_at: int
    at_least: bool
    items: list[UpcomingFlip]
    cursor: Cursor
