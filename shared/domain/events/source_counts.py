"""What a source sent within an hour, as numbers: events, refusals by reason, warnings by field and reason.

No value and no name that a sender chose is part of it: reasons and fields are words of ours. All of it adds up, so that
many writers may count the same hour; the time, too: it is kept as the minutes in which something came.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from msgspec import Struct, field

from shared.domain.events.refusals import RefusalCode
from shared.domain.events.warnings import FIELDS, FieldWarning

OTHER = "other"
NO_EVENTS = frozenset({"unreadable_request", "request_too_large", "unknown_key", "over_quota", "bad_signature"})
"""Refusals of whole requests: how many events they held is not known, or not asked."""
_PLACE = re.compile(r"\.\d+(?=\.|$)")


class SourceCounts(Struct):
    """``refused``: reason to number. ``warned``: field and reason to number. Counts of the same source add up.

    ``guarded``: accepted events about orders, prices and stock from a public source. ``withdrawn``: withdrawals of
    consent, each counted once. ``failed``: accepted events that could not be processed later. ``last_seen``: the minute
    of the last request. ``minutes``: minute of the hour to the events that were sent in it, refused ones included;
    ``identifiers`` likewise to those that were new to who counted.
    """

    events: int = 0
    guarded: int = 0
    withdrawn: int = 0
    failed: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    warned: Counter[tuple[str, str]] = field(default_factory=Counter)
    last_seen: datetime | None = None
    minutes: Counter[int] = field(default_factory=Counter)
    identifiers: Counter[int] = field(default_factory=Counter)

    def note(
        self,
        now: datetime,
        accepted: int,
        refused: Iterable[RefusalCode],
        warnings: Iterable[FieldWarning],
        guarded: int = 0,
        identifiers: int = 0,
        withdrawn: int = 0,
    ) -> None:
        """Count one request that was answered at ``now``."""
        self.events += accepted
        self.guarded += guarded
        self.withdrawn += withdrawn
        told = tuple(refused)
        self.refused.update(told)
        self.minutes[now.minute] += accepted + sum(code not in NO_EVENTS for code in told)
        self.identifiers[now.minute] += identifiers
        self.warned.update((field_pattern(one.field), one.code) for one in warnings)
        self._see(now.replace(second=0, microsecond=0))

    def add(self, other: SourceCounts) -> None:
        """Count what ``other`` counted too."""
        self.events += other.events
        self.guarded += other.guarded
        self.withdrawn += other.withdrawn
        self.failed += other.failed
        self.refused.update(other.refused)
        self.warned.update(other.warned)
        self.minutes.update(other.minutes)
        self.identifiers.update(other.identifiers)
        if other.last_seen is not None:
            self._see(other.last_seen)

    def _see(self, minute: datetime) -> None:
        self.last_seen = minute if self.last_seen is None else max(self.last_seen, minute)


def field_pattern(path: str) -> str:
    """A field without its place in a list: ``properties.products.3.price`` is ``properties.products[].price``; `other`
    if it is none of FIELDS."""
    pattern = _PLACE.sub("[]", path)
    return pattern if pattern in FIELDS else OTHER


def write_counts(counts: SourceCounts) -> dict[str, int]:
    """Attributes to add up in one item; absent ones are zero."""
    found = {"events": counts.events, "guarded": counts.guarded}
    found |= {"withdrawn": counts.withdrawn, "failed": counts.failed}
    found |= {f"refused#{code}": number for code, number in counts.refused.items()}
    found |= {f"warned#{path}#{code}": number for (path, code), number in counts.warned.items()}
    found |= {f"new#{minute:02}": number for minute, number in counts.identifiers.items()}
    kept = {name: number for name, number in found.items() if number}
    seen = set(counts.minutes) | ({counts.last_seen.minute} if counts.last_seen is not None else set())
    return kept | {f"seen#{minute:02}": counts.minutes[minute] for minute in sorted(seen)}


def read_counts(item: Mapping[str, object], hour: datetime) -> SourceCounts:
    """The counts of the stored item of an hour; attributes of a newer release that are unknown here are passed over."""
    counts = SourceCounts()
    for name, number in item.items():
        if not isinstance(number, int):
            continue
        match name.split("#"):
            case ["events"]:
                counts.events = number
            case ["guarded"]:
                counts.guarded = number
            case ["withdrawn"]:
                counts.withdrawn = number
            case ["failed"]:
                counts.failed = number
            case ["refused", code]:
                counts.refused[code] = number
            case ["warned", path, code]:
                counts.warned[path, code] = number
            case ["seen", minute]:
                counts.add(SourceCounts(last_seen=hour + timedelta(minutes=int(minute))))
                counts.minutes[int(minute)] = number
            case ["new", minute]:
                counts.identifiers[int(minute)] = number
            case _:
                pass
    return counts
