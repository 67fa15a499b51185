"""The language of journeys (definitions.md): what a marketer writes, checked word by word."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from shared.domain.durations import Duration, duration_text
from shared.domain.journeys.conditions import Condition
from shared.domain.messages.request import Channel, Purpose
from shared.domain.shop import Strict

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
StepId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
ChannelChoice = Literal["preferred", "email", "sms", "push"]
ALL_CHANNELS: tuple[Channel, ...] = ("email", "sms", "push")
FRESH_FOR = timedelta(hours=24)
"""How long a step stays worth sending if the definition does not say."""


class WhenStart(Strict):
    """Starts when something about the customer changes, on whichever channel."""

    when: Literal["cart_changed"]
    if_: Condition | None = Field(default=None, alias="if")


class EventStart(Strict):
    """Starts with an event of this name."""

    event: str = Field(min_length=1, max_length=100)
    if_: Condition | None = Field(default=None, alias="if")


def _start_word(value: Any) -> str | None:
    if isinstance(value, Mapping):
        return "<when>" if "when" in value else "<event>" if "event" in value else None
    return "<when>" if isinstance(value, WhenStart) else "<event>" if isinstance(value, EventStart) else None


Start = Annotated[
    Annotated[WhenStart, Tag("<when>")] | Annotated[EventStart, Tag("<event>")],
    Discriminator(
        _start_word,
        custom_error_type="unknown_start",
        custom_error_message="a start says when: cart_changed, or event: the name of an event",
    ),
]


class Clock(Strict):
    """What ``at`` counts from, and when that stops moving (settled meaning 5)."""

    from_: Literal["start", "last_cart_change"] = Field(default="start", alias="from")
    freezes_at: Literal["first_send"] = "first_send"


class Reenter(Strict):
    """How long after a run that sent something the next may begin; a run that sent nothing blocks nothing."""

    after: Duration


class GoalWithin(Strict):
    within: Duration


class Goal(Strict):
    """What the journey wants: an order within this time after its start. Measured, not acted on."""

    ordered: GoalWithin


class NoReaction(Strict):
    """Without an open, click, tap or visit in this time after the sending, the next channel is tried."""

    after: Duration
    then: Literal["next_channel"] = "next_channel"


class GiveDefinition(Strict):
    """What the step gives away: one fixed code so far."""

    coupon: str = Field(min_length=1, max_length=60)
    percent: int | None = Field(default=None, ge=1, le=100)
    valid: Duration | None = None
    once_per: Duration | None = None


class SendStep(Strict):
    """Sends one template, on the first of ``channels`` that reaches the customer.

    ``at`` counts from the clock. It is due then, and worth sending for ``fresh_for``; later it is skipped.
    """

    id: StepId
    at: Duration
    fresh_for: Duration = FRESH_FOR
    send: Name
    purpose: Purpose
    channels: tuple[ChannelChoice, ...] = Field(min_length=1)
    no_reaction: NoReaction | None = None
    give: GiveDefinition | None = None
    unless: Condition | None = None

    @model_validator(mode="after")
    def _consistent(self) -> SendStep:
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
        """For whom no preference is known: ``preferred`` stands aside for the next in the list (settled meaning 11)."""
        return tuple(channel for channel in self.channels if channel != "preferred")

    @property
    def possible_channels(self) -> tuple[Channel, ...]:
        """Every channel that the step may go out on: any, if it names ``preferred``."""
        return ALL_CHANNELS if self.asks_preference else self.channels_in_order

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


STEPS: Mapping[str, type[Strict]] = {"send": SendStep}
"""Kinds of step by the word that makes them. A new kind is added here, to ``Step``, to ``advance`` and to ``say``."""


def _step(value: Any) -> Any:
    """One model per kind, so that an error speaks of that kind only."""
    if isinstance(value, Mapping):
        kind = next((kind for kind in STEPS if kind in value), None)
        if kind is None:
            raise ValueError(f"a step says what it does: one of {', '.join(STEPS)}")
        return STEPS[kind].model_validate(value)
    return value


Step = Annotated[SendStep, BeforeValidator(_step)]


class JourneyDefinition(Strict):
    """One journey, ``definitions/journeys/<name>.yaml``."""

    journey: Name
    label: dict[str, str] = Field(default_factory=dict)
    start: Start
    clock: Clock = Clock()
    reenter: Reenter | None = None
    stop_when: Condition | None = None
    goal: Goal | None = None
    steps: tuple[Step, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _consistent(self) -> JourneyDefinition:
        ids = [step.id for step in self.steps]
        twice = next((name for name in ids if ids.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"two steps are called {twice}; give each its own id")
        for before, after in zip(self.steps, self.steps[1:], strict=False):
            if after.at < before.at:
                raise ValueError(
                    f"step {after.id} (at: {duration_text(after.at)}) comes before {before.id} "
                    f"(at: {duration_text(before.at)}); order the steps by at"
                )
        if self.clock.from_ == "last_cart_change" and not isinstance(self.start, WhenStart):
            raise ValueError("clock: {from: last_cart_change} needs start: {when: cart_changed}")
        return self

    def step(self, name: str) -> SendStep | None:
        return next((step for step in self.steps if step.id == name), None)
