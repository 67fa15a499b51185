"""The language of campaigns: one template to one or several segments minus others, once."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, PlainSerializer, model_validator

from shared.domain.definitions.shop import Strict
from shared.domain.journeys.coupon_gift import GiveDefinition
from shared.domain.messages.request import Channel, Purpose
from shared.domain.time.durations import Duration

_NAME = r"^[a-z0-9][a-z0-9-]{0,63}$"
Name = Annotated[str, Field(pattern=_NAME)]
NOW = "now"
FRESH_FOR = timedelta(hours=24)
"""How long a message stays worth sending if the definition does not say."""
MOST_TEST_RECIPIENTS = 20
MOST_SEGMENTS = 10
"""Of each list: a page of members asks every one of them."""
YEARS = range(2000, 3000)
"""Others are mistyped, and lead beyond the years that can be counted with."""


def is_name(text: str) -> bool:
    """True if a campaign can be called so."""
    return re.fullmatch(_NAME, text) is not None


class InvalidMoment(ValueError):
    """``at`` is no moment. ``remedy`` is what to write instead."""

    remedy = "write now, 2026-12-01T10:00 (the shop's time), or 2026-12-01T10:00+03:00"


def _moment(value: object) -> object:
    """YAML reads some forms as a time already, and leaves others as text."""
    if value == NOW:
        return value
    if not isinstance(value, str | datetime):
        raise InvalidMoment(f"{str(value)[:40]!r} is not a moment")
    try:
        said = value if isinstance(value, datetime) else datetime.fromisoformat(value.strip())
    except ValueError as broken:
        raise InvalidMoment(f"{str(value)[:40]!r} is not a moment") from broken
    if said.year not in YEARS:
        raise InvalidMoment(f"{str(value)[:40]!r} is no moment of these years")
    return said


def _written(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else NOW


At = Annotated[Literal["now"] | datetime, BeforeValidator(_moment), PlainSerializer(_written, return_type=str)]
"""``now``; a wall-clock time (naive); or an instant (aware)."""


class Throttle(Strict):
    """At most so many hand-overs in each minute."""

    per_minute: int = Field(ge=1, le=1_000_000)


class StopAt(Strict):
    """Per cent of the campaign's own messages: from so many bounces or complaints on it stops by itself."""

    bounces: Decimal = Field(default=Decimal(4), gt=0, le=100, max_digits=5, decimal_places=2)
    complaints: Decimal = Field(default=Decimal("0.1"), gt=0, le=100, max_digits=5, decimal_places=2)


class CampaignDefinition(Strict):
    """One campaign, a document of its own: it is scheduled by itself and belongs to no release.

    Who is in ``segment``, or in one of ``segments``, gets it once; who is in one of ``except`` does not get it.
    ``at`` without an offset is a time of the shop's wall clock, or with ``local_time`` of each customer's own. Each
    message is worth sending for ``fresh_for`` after that.
    """

    campaign: Name
    label: dict[str, str] = Field(default_factory=dict)
    segment: Name | None = None
    segments: tuple[Name, ...] = Field(default=(), max_length=MOST_SEGMENTS)
    excluded: tuple[Name, ...] = Field(default=(), max_length=MOST_SEGMENTS, alias="except")
    send: Name
    purpose: Purpose
    channels: tuple[Channel, ...] = Field(min_length=1, max_length=3)
    at: At
    local_time: bool = False
    fresh_for: Duration = FRESH_FOR
    give: GiveDefinition | None = None
    throttle: Throttle | None = None
    stop_at: StopAt = StopAt.model_construct()
    test: tuple[Annotated[str, Field(min_length=3, max_length=300)], ...] = Field(
        default=(), max_length=MOST_TEST_RECIPIENTS
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.segment is None) == (not self.segments):
            raise ValueError("say who gets it: write either segment: NAME or segments: [NAME, NAME]")
        named = (*self.included, *self.excluded)
        if len(set(named)) < len(named):
            raise ValueError("a segment is named twice; name each once, under segments or under except")
        if len(set(self.channels)) < len(self.channels):
            raise ValueError("channels names a channel twice; name each once")
        if self.fresh_for <= timedelta():
            raise ValueError("fresh_for must be longer than 0m; write for example 24h")
        if self.local_time and (self.at == NOW or (isinstance(self.at, datetime) and self.at.tzinfo is not None)):
            raise ValueError("local_time needs a time of the wall clock; write at: 2026-12-01T10:00, without an offset")
        return self

    @property
    def included(self) -> tuple[str, ...]:
        """The segments whose members get it, in the order in which they are read."""
        return self.segments or ((self.segment,) if self.segment is not None else ())

    @property
    def wall(self) -> datetime | None:
        """The time of a wall clock, if ``at`` is one."""
        return self.at if isinstance(self.at, datetime) and self.at.tzinfo is None else None

    @property
    def instant(self) -> datetime | None:
        """The instant, if ``at`` is one."""
        return self.at.astimezone(UTC) if isinstance(self.at, datetime) and self.at.tzinfo is not None else None
