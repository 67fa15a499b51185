"""One dry run from beginning to end: the past is folded, then every event and every due moment in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.definitions.release import Release
from shared.domain.messages.message import Record
from shared.domain.messages.request import Channel
from shared.domain.messages.sms_length import sms_length
from shared.domain.templates.content import SmsContent
from shared.ports.sender import Outgoing
from simulation.stories import Happening, Items, Story
from simulation.world import World

FOLDED_AT_ONCE = 500
AFTERWARDS = timedelta(days=35)
"""How far time goes on after the last event, if nobody says: a month's waits come to their end."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One message that was decided: sent, or not and why. ``customer``: the identifier that began the enrollment."""

    at: datetime
    customer: str
    journey: str
    step: str
    channel: str
    state: str
    reason: str
    title: str
    sms_parts: int = 0


@dataclass(frozen=True, slots=True)
class DryRun:
    """``begun``: how many enrollments each journey began; ``ends``: how many ended, by journey and reason."""

    since: datetime
    until: datetime
    customers: int
    events: int
    messages: tuple[Planned, ...]
    begun: Mapping[str, int]
    ends: Mapping[tuple[str, str], int]
    not_begun: Mapping[tuple[str, str], int]


def dry_run(
    release: Release,
    story: Story,
    world: World,
    *,
    since: datetime,
    until: datetime,
    agreed: Items = (),
    tell: Callable[[float], None] = lambda _share: None,
) -> DryRun:
    """Plays the story. What lies before ``since`` is only folded: it begins nothing.

    ``agreed`` are consents beside the story, which stand before anything is folded. ``tell`` hears what share of the
    story is done.
    """
    past = [one for one in story.happenings if one.at < since]
    coming = [one for one in story.happenings if since <= one.at <= until]
    world.put(agreed)
    _fold_past(world, past, since)
    for place, one in enumerate(coming):
        world.advance(one.at)
        world.put(one.items)
        world.settle()
        if place % 50 == 0:
            tell(place / max(1, len(coming)))
    world.advance(until)
    wanted = {journey.journey for journey in release.journeys}
    enrollments = [one for one in world.enrollments() if one.journey in wanted]
    ends = Counter((one.journey, one.end.reason if one.end else "still running") for one in enrollments)
    return DryRun(
        since=since,
        until=until,
        customers=world.people(),
        events=sum(one.is_event for one in coming),
        messages=tuple(_planned(world, story.names, wanted)),
        begun=dict(sorted(Counter(one.journey for one in enrollments).items())),
        ends=dict(sorted(ends.items())),
        not_begun=dict(sorted(world.not_begun.items())),
    )


def _fold_past(world: World, past: Sequence[Happening], since: datetime) -> None:
    """The customers as they were at ``since``. No timer of before fires: its time was before."""
    world.clock.time = since
    world.acting = False
    for start in range(0, len(past), FOLDED_AT_ONCE):
        for one in past[start : start + FOLDED_AT_ONCE]:
            world.put(one.items)
        world.settle()
    world.acting = True


def _planned(world: World, names: Mapping[str, str], wanted: set[str]) -> Iterator[Planned]:
    for record in world.records():
        if record.journey not in wanted:
            continue
        outgoing = world.sent[_channel(record)].outgoing.get(record.message_id)
        reason = getattr(record.outcome, "reason", "") or ""
        yield Planned(
            at=record.decided_at,
            customer=names.get(record.home, record.home),
            journey=record.journey,
            step=record.step,
            channel=record.channel,
            state=record.state.value,
            reason=str(reason),
            title=record.text,
            sms_parts=_parts(outgoing),
        )


def _channel(record: Record) -> Channel:
    channel: Channel = "email" if record.channel == "email" else "sms" if record.channel == "sms" else "push"
    return channel


def _parts(outgoing: Outgoing | None) -> int:
    if outgoing is None or not isinstance(outgoing.content, SmsContent):
        return 0
    return sms_length(outgoing.content.text).parts
