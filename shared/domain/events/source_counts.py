"""What a source sent within an hour, as numbers: events, refusals by reason, warnings by field and reason.

No value and no name that a sender chose is part of it: reasons and fields are words of ours.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from shared.domain.events.refusals import RefusalCode
from shared.domain.events.warnings import FieldWarning

_PLACE = re.compile(r"\.\d+(?=\.|$)")


@dataclass(slots=True)
class SourceCounts:
    """``refused``: reason to number. ``warned``: field and reason to number. Counts of the same source add up."""

    events: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    warned: Counter[tuple[str, str]] = field(default_factory=Counter)
    last_seen: datetime | None = None

    def note(
        self, now: datetime, accepted: int, refused: Iterable[RefusalCode], warnings: Iterable[FieldWarning]
    ) -> None:
        """Count one request that was answered at ``now``."""
        self.events += accepted
        self.refused.update(refused)
        self.warned.update((field_pattern(one.field), one.code) for one in warnings)
        self.last_seen = now if self.last_seen is None else max(self.last_seen, now)

    def add(self, other: SourceCounts) -> None:
        """Count what ``other`` counted too."""
        self.events += other.events
        self.refused.update(other.refused)
        self.warned.update(other.warned)
        seen = [one for one in (self.last_seen, other.last_seen) if one is not None]
        self.last_seen = max(seen, default=None)


def field_pattern(path: str) -> str:
    """A field without its place in a list: ``properties.products.3.price`` is ``properties.products[].price``."""
    return _PLACE.sub("[]", path)


def write_counts(counts: SourceCounts) -> dict[str, int]:
    """Attributes to add up in one item; absent ones are zero."""
    found = {"events": counts.events}
    found |= {f"refused#{code}": number for code, number in counts.refused.items()}
    found |= {f"warned#{path}#{code}": number for (path, code), number in counts.warned.items()}
    return {name: number for name, number in found.items() if number}


def read_counts(item: Mapping[str, object]) -> SourceCounts:
    """The counts of a stored item; attributes of a newer release that are unknown here are passed over."""
    counts = SourceCounts()
    for name, number in item.items():
        if not isinstance(number, int):
            continue
        match name.split("#"):
            case ["events"]:
                counts.events = number
            case ["refused", code]:
                counts.refused[code] = number
            case ["warned", path, code]:
                counts.warned[path, code] = number
            case _:
                pass
    return counts
