"""What begins an enrollment, as definitions write it. ``if`` must hold in the moment in which the enrollment begins."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from shared.domain.definitions.shop import Strict
from shared.domain.definitions.value_test import Where
from shared.domain.journeys.conditions import Condition
from shared.domain.journeys.local_moments import LocalTime
from shared.domain.segments.definition import NAME
from shared.domain.time.durations import Duration

SegmentName = Annotated[str, Field(pattern=NAME)]


class WhenStart(Strict):
    """Starts when something about the customer changes, on whichever channel."""

    when: Literal["cart_changed"]
    if_: Condition | None = Field(default=None, alias="if")


class EventStart(Strict):
    """Starts with an event of this name whose properties pass ``where``."""

    event: str = Field(min_length=1, max_length=100)
    where: Where | None = None
    if_: Condition | None = Field(default=None, alias="if")


class EnteredStart(Strict):
    """Starts when the customer comes into a segment: by an event or as time passes.

    Who is in it because its definition is new or was changed begins nothing, unless ``existing`` says so.
    """

    entered: SegmentName
    existing: bool = False
    if_: Condition | None = Field(default=None, alias="if")


class LeftStart(Strict):
    """Starts when the customer falls out of a segment, by an event or as time passes."""

    left: SegmentName
    if_: Condition | None = Field(default=None, alias="if")


class DateStart(Strict):
    """Starts on the day that a trait names, at this time of the customer's clock; ``before``: so many days earlier.

    ``every: year``: on each return of the day, such as a birthday; ``once``: on that day only.
    """

    date: str = Field(pattern=r"^[^.\x00-\x1f]{1,100}$")
    at: LocalTime
    before: Duration | None = None
    every: Literal["year", "once"] = "year"
    if_: Condition | None = Field(default=None, alias="if")

    @model_validator(mode="after")
    def _whole_days(self) -> Self:
        if self.before is None:
            return self
        if self.before % timedelta(days=1) or not timedelta() < self.before < timedelta(days=365):
            raise ValueError("before counts whole days, at most 364; write 1d to 364d")
        if self.every == "once":
            raise ValueError("before is for days that return every year; leave it out, or write every: year")
        return self


def day_segment(journey: str) -> str:
    """The segment of those whose day it is: a start by date is the entering of a segment that the release makes."""
    return f"date-{journey}"


_STARTS: Mapping[str, type[Strict]] = {
    "when": WhenStart,
    "event": EventStart,
    "entered": EnteredStart,
    "left": LeftStart,
    "date": DateStart,
}


def _start_word(value: Any) -> str | None:
    if isinstance(value, Mapping):
        return next((f"<{word}>" for word in _STARTS if word in value), None)
    return next((f"<{word}>" for word, kind in _STARTS.items() if isinstance(value, kind)), None)


Start = Annotated[
    Annotated[WhenStart, Tag("<when>")]
    | Annotated[EventStart, Tag("<event>")]
    | Annotated[EnteredStart, Tag("<entered>")]
    | Annotated[LeftStart, Tag("<left>")]
    | Annotated[DateStart, Tag("<date>")],
    Discriminator(
        _start_word,
        custom_error_type="unknown_start",
        custom_error_message=(
            "a start says what begins it; write when: cart_changed, event: the name of an event, entered: or left: a "
            "segment, or date: a trait"
        ),
    ),
]
