"""All segments of one customer at one instant, and when to look again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from shared.domain.keys import milliseconds, moment
from shared.domain.messages.address import Keys
from shared.domain.profile import Profile
from shared.domain.segments.evaluation import evaluate_segment
from shared.domain.segments.language import SegmentDefinition
from shared.domain.segments.subject import Subject
from shared.domain.shop import Shop


@dataclass(frozen=True, slots=True)
class Memberships:
    """``segments``: name to the millisecond since when.

    ``next_flip``: the first whole millisecond at which one can have changed: timers know nothing finer, and one that
    fired before the change would be armed for the same millisecond again.
    """

    segments: Mapping[str, int]
    entered: tuple[str, ...]
    left: tuple[str, ...]
    next_flip: datetime | None


def memberships(
    definitions: Iterable[SegmentDefinition],
    profile: Profile,
    shop: Shop,
    now: datetime,
    before: Mapping[str, int],
    *,
    address_keys: Keys | None = None,
    dead: Mapping[str, datetime] | None = None,
) -> Memberships:
    """Which segments hold at ``now``. Who was in already keeps the time since when.

    ``address_keys`` and ``dead`` (push tokens given up): as ``Subject`` has them.
    """
    by_name = {definition.segment: definition for definition in definitions}
    subject = Subject(profile, shop, by_name, address_keys, dead=dead or {})
    inside: dict[str, int] = {}
    flips: list[datetime] = []
    for name, definition in by_name.items():
        truth = evaluate_segment(definition, subject, now)
        if truth.value:
            inside[name] = before.get(name, milliseconds(now))
        if truth.valid_until is not None:
            flips.append(truth.valid_until)
    return Memberships(
        inside,
        tuple(sorted(inside.keys() - before.keys())),
        tuple(sorted(before.keys() - inside.keys())),
        _whole(min(flips)) if flips else None,
    )


def _whole(instant: datetime) -> datetime:
    floor = moment(milliseconds(instant))
    return floor if floor == instant else moment(milliseconds(instant) + 1)
