"""A team of agents: its hours, how soon it answers, what happens when it does not. ``definitions/service/*.yaml``."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, StringConstraints, field_validator, model_validator

from shared.domain.conversations.conversation import MOST_TAGS, NAME_LENGTH, InboundChannel, Priority
from shared.domain.definitions.shop import Strict, TeamAddress
from shared.domain.service.business_time import BusinessTime
from shared.domain.service.opening_hours import Calendar, DayHours, Week, spans_on
from shared.domain.time.durations import Duration

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=NAME_LENGTH)]
Tags = Annotated[tuple[Word, ...], Field(max_length=MOST_TAGS)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1_000)]
Texts = Annotated[dict[Language, Said], Field(min_length=1)]
"""By language."""
LONGEST = timedelta(days=10)
"""Of open hours: 240 of them."""
ANSWERED_BY_ITSELF: tuple[InboundChannel, ...] = ("email", "whatsapp", "instagram", "messenger", "chat")
"""Channels on which an answer outside the hours costs next to nothing; text messages only if they are named."""


class AnswerWithin(Strict):
    """In open hours: ``first``, from the customer's first message on; ``next``, from a later one that waits.
    ``warn_before``: so much earlier the team is warned."""

    first: Duration
    next: Duration | None = None
    warn_before: Duration | None = None

    @model_validator(mode="after")
    def _in_order(self) -> AnswerWithin:
        for within in (self.first, *([self.next] if self.next is not None else [])):
            if not timedelta() < within <= LONGEST:
                raise ValueError("an answer is due within 1m to 240h of open hours; write such as 4h")
            if self.warn_before is not None and not timedelta() < self.warn_before < within:
                raise ValueError("the warning comes before the answer is due; write a shorter warn_before, such as 30m")
        return self


class Changes(Strict):
    """What a rule, or an answer that is late, gives a conversation."""

    priority: Priority | None = None
    team: Name | None = None
    assignee: Word | None = None
    tags: Tags = ()

    @model_validator(mode="after")
    def _something(self) -> Changes:
        if not any((self.priority, self.team, self.assignee, self.tags)):
            raise ValueError("nothing would change; write team, assignee, priority or tags")
        return self


class OutsideHours(Strict):
    """What a customer is told who writes while the team is away; ``{{ opens }}`` is when it is back."""

    text: Texts
    channels: tuple[InboundChannel, ...] = Field(default=ANSWERED_BY_ITSELF, min_length=1)

    @field_validator("channels")
    @classmethod
    def _reached(cls, channels: tuple[InboundChannel, ...]) -> tuple[InboundChannel, ...]:
        if "store" in channels:
            raise ValueError("nobody can be answered on the channel store; take it out")
        return channels


class Satisfaction(Strict):
    """One question after a conversation was closed, by the channel on which it went last.

    ``consent``: by e-mail and SMS it goes to who agreed to advertising there. Turkey's law 6563 takes requests for
    reviews for commercial messages. ``not_needed`` is for a shop whose counsel takes it for a service message.
    """

    after: Duration = timedelta(minutes=10)
    text: Texts | None = None
    consent: Literal["needed", "not_needed"] = "needed"

    @field_validator("after")
    @classmethod
    def _soon(cls, after: timedelta) -> timedelta:
        if not timedelta(minutes=1) <= after <= timedelta(days=3):
            raise ValueError("the question comes 1m to 3d after the end; write such as 10m")
        return after


class TeamDefinition(Strict):
    """``hours``: of the week; ``holidays``: whose public holidays are free; ``days``: single days that are otherwise,
    holidays too. ``default``: the team of conversations that no rule gave another. ``tell``: who is mailed once when an
    answer is due soon, and once when it is late."""

    team: Name
    label: dict[Language, Word] = Field(default_factory=dict)
    default: bool = False
    hours: Week
    time_zone: str | None = None
    holidays: Calendar = "turkey"
    days: dict[date, DayHours] = Field(default_factory=dict, max_length=100)
    answer: AnswerWithin | None = None
    escalate: Changes | None = None
    tell: tuple[TeamAddress, ...] = Field(default=(), max_length=10)
    outside_hours: OutsideHours | None = None
    satisfaction: Satisfaction | None = None

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str | None) -> str | None:
        try:
            ZoneInfo(name or "UTC")
        except (KeyError, ValueError, OSError) as unknown:
            raise ValueError("time_zone must be an IANA name such as Europe/Istanbul") from unknown
        return name

    @model_validator(mode="after")
    def _late_needs_due(self) -> TeamDefinition:
        if (self.escalate is not None or self.tell) and self.answer is None:
            raise ValueError("escalate and tell need answer: without it no answer is late; write answer: {first: 4h}")
        return self

    def time(self, shop_zone: str) -> BusinessTime:
        """The arithmetic of its hours. ``shop_zone`` is the zone of a team that names none."""
        zone = ZoneInfo(self.time_zone or shop_zone)
        return BusinessTime(zone, lambda day: spans_on(day, self.hours, self.holidays, self.days))
