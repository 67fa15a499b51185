"""An enrollment: one customer goes through one journey once; as it is stored on its home (docs/architecture.md)."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct, field

from shared.domain.identity.keys import ENROLLMENT, milliseconds, moment
from shared.domain.messages.evidence import Evidence
from shared.domain.messages.request import PRIORITY, Channel

KEPT_AFTER_END = timedelta(days=90)
"""How long an enrollment that has ended stays readable; longer where re-entry needs it."""


class Trigger(Struct, frozen=True):
    """What began the enrollment: its name, its item's key, its time.

    ``values``: the properties of the event that the journey asks again (``JourneyDefinition.asked``), as ids are kept.
    """

    name: str
    pk: str
    sk: str
    at: datetime
    values: Mapping[str, str] = field(default_factory=dict)


class ChosenChannels(Struct, frozen=True):
    """The channels of a step that asks what the customer prefers, written before it is handed over.

    A crash between the hand-over and its record must not find another preference, and send on another channel again.
    """

    channels: tuple[Channel, ...]
    at: datetime
    clock: datetime


class HandedOver(Struct, frozen=True):
    """A step was handed over to notify for these channels, in this order, planned with this clock."""

    channels: tuple[Channel, ...]
    at: datetime
    clock: datetime


class SkippedStep(Struct, frozen=True):
    """A step was skipped before it was handed over: ``stale``, ``piled_up``, ``unless``; ``found`` made that true."""

    reason: str
    at: datetime
    clock: datetime
    found: Evidence = ()


class ChosenBranch(Struct, frozen=True):
    """Which way an enrollment went at a step, written before anything that follows from it is carried out.

    ``at``: the moment in which the step was behind it; what comes next counts from there. ``choice``: the arm of a
    branch or a split; ``in`` or ``out`` of a holdout; ``came`` or ``over`` of what was waited for; ``until`` of a
    moment; ``do``, then ``done`` of what is written into the customer's log. ``by``: ``split`` or ``holdout`` if chance
    decided, so that reports can tell arms from other ways, whatever names the arms have.
    """

    choice: str
    at: datetime
    clock: datetime
    by: str = ""


Progress = ChosenChannels | HandedOver | SkippedStep | ChosenBranch


class End(Struct, frozen=True):
    """Why and when an enrollment ended. ``evidence`` names the order, its channel and the link, where there is one;
    ``found`` is what made the exit rule true."""

    reason: str
    at: datetime
    evidence: Mapping[str, str] = field(default_factory=dict)
    found: Evidence = ()


class Enrollment(Struct, frozen=True):
    """``started_at`` is the time of what began it; of two live enrollments in one tree the one that started earlier
    acts.

    ``clock`` is None as long as it moves; then it is frozen. ``release`` is pinned. ``version`` rises with every write.
    ``group`` and ``priority`` are those of the pinned definition: who acts among several is asked without reading it.
    """

    journey: str
    id: str
    home: str
    release: int
    trigger: Trigger
    started_at: datetime
    clock: datetime | None = None
    steps: Mapping[str, Progress] = field(default_factory=dict)
    end: End | None = None
    version: int = 0
    one: str = ""
    """The value of ``one_per``; empty if the journey has none."""
    group: str = ""
    priority: int = PRIORITY
    begun_at: datetime | None = None
    """By our clock, when it was written; a stop of the journey is compared with it."""

    @property
    def live(self) -> bool:
        return self.end is None

    @property
    def began(self) -> datetime:
        """When it began by our clock; of what was written before that was kept, the moment that began it."""
        return self.begun_at or min(self.started_at, self.trigger.at)

    @property
    def ref(self) -> str:
        """What a timer and the item's key call it: ``<journey>#<id>``."""
        return f"{self.journey}#{self.id}"

    @property
    def order(self) -> tuple[datetime, str, str]:
        """Who is the earlier of two enrollments; the same for everybody who asks."""
        return (self.started_at, self.id, self.home)

    def with_step(self, step: str, progress: Progress) -> Enrollment:
        return Enrollment(  # what ``replace`` would do, in a third of its time
            self.journey,
            self.id,
            self.home,
            self.release,
            self.trigger,
            self.started_at,
            self.clock,
            {**self.steps, step: progress},
            self.end,
            self.version,
            self.one,
            self.group,
            self.priority,
            self.begun_at,
        )


def enrollment_id(journey: str, trigger: Trigger, home: str = "", one: str = "") -> str:
    """The same event never begins a journey twice: the id is a digest of the journey and the event's key; of the
    identifier and the value instead, if the journey runs once per value (``one_per``)."""
    parts = (journey, home, "one", one) if one else (journey, trigger.pk, trigger.sk)
    raw = "\x1f".join(parts).encode("utf-8", "surrogatepass")
    return base64.b32encode(hashlib.blake2b(raw, digest_size=10).digest()).decode().lower()


def sort_key(ref: str) -> str:
    return f"{ENROLLMENT}{ref}"


def to_item(enrollment: Enrollment, reenter_after: timedelta = timedelta()) -> dict[str, Any]:
    """The stored item. An ended enrollment expires when neither re-entry nor a reader needs it any more."""
    trigger = enrollment.trigger
    item: dict[str, Any] = {
        "pk": enrollment.home,
        "sk": sort_key(enrollment.ref),
        "version": enrollment.version,
        "journey": enrollment.journey,
        "id": enrollment.id,
        "release": enrollment.release,
        "trigger": [
            trigger.name,
            trigger.pk,
            trigger.sk,
            milliseconds(trigger.at),
            *([dict(trigger.values)] if trigger.values else []),
        ],
        "started": milliseconds(enrollment.started_at),
        "steps": {name: _progress_to_item(progress) for name, progress in enrollment.steps.items()},
        "state": "live" if enrollment.end is None else "ended",
    }
    if enrollment.one:
        item["one"] = enrollment.one
    if enrollment.group:
        item["group"] = enrollment.group
    if enrollment.priority != PRIORITY:
        item["priority"] = enrollment.priority
    if enrollment.begun_at is not None:
        item["begun"] = milliseconds(enrollment.begun_at)
    if enrollment.clock is not None:
        item["clock"] = milliseconds(enrollment.clock)
    if enrollment.end is not None:
        end = enrollment.end
        item["end"] = {
            "reason": end.reason,
            "at": milliseconds(end.at),
            "evidence": dict(end.evidence),
            **_found_to_item(end.found),
        }
        kept = max(KEPT_AFTER_END, reenter_after + timedelta(days=7))
        item["expires"] = milliseconds(end.at + kept) // 1000
    return item


def from_item(item: Mapping[str, Any]) -> Enrollment:
    """The inverse of ``to_item``."""
    name, pk, sk, at, *values = item["trigger"]
    end = item.get("end")
    return Enrollment(
        journey=item["journey"],
        id=item["id"],
        home=item["pk"],
        release=int(item["release"]),
        trigger=Trigger(name, pk, sk, moment(int(at)), dict(values[0]) if values else {}),
        started_at=moment(int(item["started"])),
        clock=moment(int(item["clock"])) if "clock" in item else None,
        steps={name: _progress_from_item(step) for name, step in item["steps"].items()},
        end=None
        if end is None
        else End(end["reason"], moment(int(end["at"])), dict(end["evidence"]), _found_from_item(end)),
        version=int(item["version"]),
        one=item.get("one", ""),
        group=item.get("group", ""),
        priority=int(item.get("priority", PRIORITY)),
        begun_at=moment(int(item["begun"])) if "begun" in item else None,
    )


def _progress_to_item(progress: Progress) -> dict[str, Any]:
    common = {"at": milliseconds(progress.at), "clock": milliseconds(progress.clock)}
    if isinstance(progress, ChosenChannels):
        return {"chosen": list(progress.channels), **common}
    if isinstance(progress, HandedOver):
        return {"handed": list(progress.channels), **common}
    if isinstance(progress, ChosenBranch):
        return {"decided": progress.choice, **common, **({"by": progress.by} if progress.by else {})}
    return {"passed": progress.reason, **common, **_found_to_item(progress.found)}


def _progress_from_item(item: Mapping[str, Any]) -> Progress:
    at, clock = moment(int(item["at"])), moment(int(item["clock"]))
    if "chosen" in item:
        return ChosenChannels(tuple(item["chosen"]), at, clock)
    if "handed" in item:
        return HandedOver(tuple(item["handed"]), at, clock)
    if "decided" in item:
        return ChosenBranch(item["decided"], at, clock, item.get("by", ""))
    return SkippedStep(item["passed"], at, clock, _found_from_item(item))


def _found_to_item(found: Evidence) -> dict[str, Any]:
    return {"found": [dict(one) for one in found]} if found else {}


def _found_from_item(item: Mapping[str, Any]) -> Evidence:
    return tuple(dict(one) for one in item.get("found", ()))
