"""Engagement facts made readable: without what bounced; what came too fast after the delivery is a machine's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, cast

from shared.domain.events.machine_reactions import TOO_FAST, too_fast
from shared.domain.facts.touches import BOUNCED, CLICKED, MACHINE, MAX_TOUCHES, OPENED, EngagementFacts, Touch
from shared.domain.identity.keys import moment
from shared.domain.messages.request import Channel
from shared.domain.profile.engagement import Engagement, Reaction, Received, What


def engagement_view(facts: EngagementFacts) -> Engagement:
    """Everything that is remembered, newest first."""
    arrived = _arrived(facts)
    bounced = {message for kind, touches in facts.touches.items() if kind[2] == BOUNCED for _, message in touches}
    received = [
        Received(cast("Channel", channel), purpose, message, moment(when))
        for (channel, purpose), there in facts.received.items()
        for message, (when, _, _) in there.entries.items()
        if message not in bounced
    ]
    reactions = [
        found
        for kind, touches in facts.touches.items()
        if kind[2] != BOUNCED
        for touch in touches
        if (found := _reaction(kind, touch, facts, arrived)) is not None
    ]
    forgotten: dict[str, int] = {}
    for (channel, _), there in facts.received.items():
        if there.floor is not None:
            forgotten[channel] = max(forgotten.get(channel, 0), there.floor[0])
    for (channel, _, what), touches in facts.touches.items():
        if len(touches) == MAX_TOUCHES:
            name = f"{channel} {what.removeprefix(MACHINE)}"
            forgotten[name] = max(forgotten.get(name, 0), touches[-1][0])
    return Engagement(
        tuple(sorted(received, key=lambda one: (one.at, one.channel, one.id), reverse=True)),
        tuple(sorted(set(reactions), key=_order, reverse=True)),
        {name: moment(when) for name, when in sorted(forgotten.items())},
    )


def _arrived(facts: EngagementFacts) -> Mapping[str, tuple[int, str]]:
    """Per message when it arrived, and its purpose."""
    arrived: dict[str, tuple[int, str]] = {}
    for (_, purpose), there in facts.received.items():
        for message, (when, _, _) in there.entries.items():
            arrived[message] = max(arrived.get(message, (when, purpose)), (when, purpose))
    return arrived


def _reaction(
    kind: tuple[str, str, str], touch: Touch, facts: EngagementFacts, arrived: Mapping[str, tuple[int, str]]
) -> Reaction | None:
    """None if nobody can tell any more whether it came too fast."""
    channel, purpose, what = kind
    when, message = touch
    machine = what.startswith(MACHINE)
    what = what.removeprefix(MACHINE)
    known = arrived.get(message)
    if not machine and what in (OPENED, CLICKED):
        if known is not None:
            machine = too_fast(timedelta(milliseconds=when - known[0]))
        elif _may_be_forgotten(facts, channel, when):
            return None
    named = "" if message.startswith("@") else message
    said = purpose or (known[1] if known else "")
    return Reaction(cast("Channel", channel), said, cast("What", what), machine, named, moment(when))


def _may_be_forgotten(facts: EngagementFacts, channel: str, when: int) -> bool:
    """The message may be one of those that were dropped, and the touch may have come right after it."""
    floors = [there.floor[0] for (where, _), there in facts.received.items() if where == channel and there.floor]
    return bool(floors) and when <= max(floors) + TOO_FAST // timedelta(milliseconds=1)


def _order(reaction: Reaction) -> tuple[Any, ...]:
    return (reaction.at, reaction.channel, reaction.purpose, reaction.what, reaction.machine, reaction.message)
