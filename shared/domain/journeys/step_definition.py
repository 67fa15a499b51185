"""The steps of a journey, as definitions write them: one small model for each kind."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, StrictBool, Tag, model_validator

from shared.domain.definitions.shop import Strict
from shared.domain.definitions.value_test import Where
from shared.domain.journeys.conditions import Condition, PropertyName
from shared.domain.journeys.coupon_gift import GiveDefinition
from shared.domain.journeys.local_moments import LocalMoment, moment_written
from shared.domain.messages.address import ADDRESS_TRAITS
from shared.domain.messages.request import CHANNELS, Channel, Purpose
from shared.domain.segments.compiled_rules import compiled_rule
from shared.domain.time.durations import Duration

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
StepId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
ChannelChoice = Literal["preferred", "email", "sms", "push"]
FRESH_FOR = timedelta(hours=24)
"""How long a step stays worth sending if the definition does not say."""
TRANSACTIONAL_FRESH_FOR = timedelta(hours=72)
"""The same for a transactional step: the customer expects it, however long a provider is down."""
MAX_LOOK = timedelta(days=366)


class NoReaction(Strict):
    """Without an open, click, tap or visit in this time after the sending, the next channel is tried."""

    after: Duration
    then: Literal["next_channel"] = "next_channel"


def _in_order(channels: tuple[ChannelChoice, ...]) -> tuple[Channel, ...]:
    return tuple(channel for channel in channels if channel != "preferred")


class SendStep(Strict):
    """Sends one template, on the first of ``channels`` that reaches the customer.

    ``at`` counts from the clock; without it the step is due as soon as the steps before it allow. It is worth sending
    for ``fresh_for``; later it is skipped. ``only_now``: it is meant to be worth nothing in the morning, so
    ``fresh_for`` need not outlast the night.
    """

    id: StepId
    at: Duration | None = None
    fresh_for: Duration = FRESH_FOR
    only_now: bool = False
    send: Name
    purpose: Purpose
    channels: tuple[ChannelChoice, ...] = Field(min_length=1)
    no_reaction: NoReaction | None = None
    give: GiveDefinition | None = None
    unless: Condition | None = None

    @model_validator(mode="before")
    @classmethod
    def _fresh_by_purpose(cls, said: Any) -> Any:
        if isinstance(said, Mapping) and said.get("purpose") == "transactional" and "fresh_for" not in said:
            return {**said, "fresh_for": TRANSACTIONAL_FRESH_FOR}
        return said

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if len(set(self.channels)) < len(self.channels):
            raise ValueError("channels names a channel twice; name each once")
        if not self.channels_in_order:
            raise ValueError("channels names no channel beside preferred; add email, sms or push")
        if self.fresh_for <= timedelta():
            raise ValueError("fresh_for must be longer than 0m")
        if self.no_reaction is not None and self.no_reaction.after >= self.fresh_for:
            raise ValueError("no_reaction waits longer than the step is fresh; write a shorter after")
        return self

    @property
    def channels_in_order(self) -> tuple[Channel, ...]:
        """The channels for somebody without a known preference: without ``preferred``."""
        return compiled_rule(self.channels, _in_order)

    @property
    def possible_channels(self) -> tuple[Channel, ...]:
        """Every channel that the step may go out on: any, if it names ``preferred``."""
        return CHANNELS if self.asks_preference else self.channels_in_order

    @property
    def asks_preference(self) -> bool:
        return "preferred" in self.channels

    def channels_for(self, preferred: Channel | None) -> tuple[Channel, ...]:
        """The channels for somebody with this preference, in order, each once.

        >>> step = SendStep.model_validate({"id": "last", "at": "72h", "send": "cart-last", "purpose": "marketing",
        ...     "channels": ["preferred", "sms", "email"]})
        >>> step.channels_for("push"), step.channels_for("email"), step.channels_for(None)
        (('push', 'sms', 'email'), ('email', 'sms'), ('sms', 'email'))
        """
        named = (preferred if channel == "preferred" else channel for channel in self.channels)
        return tuple(dict.fromkeys(channel for channel in named if channel is not None))


class PropertyMoment(Strict):
    """An instant that the event of the start names, such as the end of an offer; ``before``: so long before it.

    ``within: send_hours``: if the customer's clock is outside the send hours then, an hour before they ended last. What
    is said before an instant is of no use after it, and would be put off until then.
    """

    property: PropertyName
    before: Duration = timedelta()
    within: Literal["send_hours"] | None = None


def _until(value: Any) -> str:
    if value == "active_hour":
        return "<active_hour>"
    named = isinstance(value, PropertyMoment) or (isinstance(value, Mapping) and "property" in value)
    return "<property>" if named else "<moment>"


class WaitUntil(Strict):
    """``until: 10:00``, ``until: {time: 10:00, weekday: [mon, tue]}``, ``until: active_hour``, on the customer's clock;
    ``until: {property: ends_at, before: 2h}``, an instant that the event of the start named (if it is past, there is
    no wait).

    ``active_hour``: the next of the hours in which this customer is usually active, of those within the send hours; for
    whom none is known the send hours.
    """

    until: Annotated[
        Annotated[Literal["active_hour"], Tag("<active_hour>")]
        | Annotated[PropertyMoment, Tag("<property>")]
        | Annotated[LocalMoment, BeforeValidator(moment_written), Tag("<moment>")],
        Discriminator(_until),
    ]


class WaitStep(Strict):
    """Counts from the step before (docs/definitions.md#at-and-wait): so long, or until the next such moment."""

    id: StepId | None = None
    wait: Annotated[
        Annotated[WaitUntil, Tag("<until>")] | Annotated[Duration, Tag("<duration>")],
        Discriminator(lambda value: "<until>" if isinstance(value, Mapping | WaitUntil) else "<duration>"),
    ]


class WaitForRule(Strict):
    """An event of the customer; ``same``: about what the start named, by this property.

    With ``same`` any time since the enrollment began counts (what happens to an order: at whatever time); else the
    event must come after this step was reached. It must come within ``at_most``.
    """

    event: str = Field(min_length=1, max_length=100)
    same: PropertyName | None = None
    where: Where | None = None
    at_most: Duration
    otherwise: Literal["end", "continue"] = "end"

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.same is not None and self.where is not None:
            raise ValueError("same and where are not asked together; write one of them")
        if not timedelta() < self.at_most <= MAX_LOOK:
            raise ValueError("at_most must be longer than 0m and at most a year; write such as 10d")
        return self


class WaitForStep(Strict):
    id: StepId | None = None
    wait_for: WaitForRule


class BranchRule(Strict):
    """One of two paths, by a condition that is asked when the step is reached."""

    if_: Condition = Field(alias="if")
    then: "tuple[Step, ...]" = ()
    else_: "tuple[Step, ...]" = Field(default=(), alias="else")

    @model_validator(mode="after")
    def _somewhere(self) -> Self:
        if not self.then and not self.else_:
            raise ValueError("a branch leads nowhere; write steps under then or else")
        return self


class BranchStep(Strict):
    id: StepId | None = None
    branch: BranchRule


class Arm(Strict):
    """One arm of a split. Its share is its weight in the sum of all weights."""

    weight: int = Field(default=1, ge=0, le=10_000)
    steps: "tuple[Step, ...]" = ()


class SplitStep(Strict):
    """Customers are divided by chance; the same customer always goes the same way."""

    id: StepId | None = None
    split: dict[Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")], Arm] = Field(min_length=2, max_length=10)

    @model_validator(mode="after")
    def _some_weight(self) -> Self:
        if not sum(arm.weight for arm in self.split.values()):
            raise ValueError("all weights are 0; give an arm some weight")
        return self


class HoldoutRule(Strict):
    percent: int = Field(ge=1, le=99)


class HoldoutStep(Strict):
    """For this percentage of customers the enrollment ends here, so that those who get messages can be compared with
    them."""

    id: StepId | None = None
    holdout: HoldoutRule


SetValue = StrictBool | int | float | Annotated[str, Field(max_length=500)] | None


class SetStep(Strict):
    """Sets traits of the customer, as an event of the trusted source ``journey``. null unsets one."""

    id: StepId | None = None
    set: dict[Annotated[str, Field(pattern=r"^[^.\x00-\x1f]{1,100}$")], SetValue] = Field(min_length=1, max_length=10)

    @model_validator(mode="after")
    def _no_address(self) -> Self:
        address = next((name for name in self.set if name in ADDRESS_TRAITS), None)
        if address is not None:
            raise ValueError(f"{address} says where somebody is reached; a journey cannot set it, take it out")
        return self


class NoteStep(Strict):
    """A line on the customer's timeline."""

    id: StepId | None = None
    note: str = Field(min_length=1, max_length=500)


class EndStep(Strict):
    """The enrollment ends here, with this reason."""

    id: StepId | None = None
    end: str = Field(min_length=1, max_length=200)


STEPS: Mapping[str, type[Strict]] = {
    "send": SendStep,
    "wait": WaitStep,
    "wait_for": WaitForStep,
    "branch": BranchStep,
    "split": SplitStep,
    "holdout": HoldoutStep,
    "set": SetStep,
    "note": NoteStep,
    "end": EndStep,
}
"""Kinds of step by the word that makes them. A new kind is added here, to ``Step``, to ``path`` and to
``describe_step``."""


def _kind(value: Any) -> str | None:
    """One model per kind, so that an error speaks of that kind only."""
    if isinstance(value, Mapping):
        return next((f"<{kind}>" for kind in STEPS if kind in value), None)
    return next((f"<{word}>" for word, kind in STEPS.items() if isinstance(value, kind)), "<send>")


Step = Annotated[
    Annotated[SendStep, Tag("<send>")]
    | Annotated[WaitStep, Tag("<wait>")]
    | Annotated[WaitForStep, Tag("<wait_for>")]
    | Annotated[BranchStep, Tag("<branch>")]
    | Annotated[SplitStep, Tag("<split>")]
    | Annotated[HoldoutStep, Tag("<holdout>")]
    | Annotated[SetStep, Tag("<set>")]
    | Annotated[NoteStep, Tag("<note>")]
    | Annotated[EndStep, Tag("<end>")],
    Discriminator(
        _kind,
        custom_error_type="unknown_step",
        custom_error_message=f"a step says what it does; write one of {', '.join(STEPS)}",
    ),
]
