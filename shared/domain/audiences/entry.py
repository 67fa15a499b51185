"""One address in one audience: whether it belongs there, and whether the platform has it; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from shared.domain.consent.consent import Consent, consent_state

ADS = "ads"
"""The purpose of consent that counts."""
Held = Literal["no", "yes", "maybe"]
"""Whether the platform has the address; ``maybe`` while a change is on its way, or nobody heard its answer."""


@dataclass(frozen=True, slots=True)
class Entry:
    """``key``: of the address. ``digest``: as the platform takes it. ``want``: whether it belongs there now; ``since``:
    from when on that is so. ``version``: 0 if it is not stored."""

    audience: str
    key: str
    digest: str
    want: bool
    held: Held
    since: datetime
    version: int = 0

    @property
    def due(self) -> bool:
        """Whether the platform must be told."""
        return self.held != ("yes" if self.want else "no")

    @property
    def gone(self) -> bool:
        """Whether nothing of it has to be kept."""
        return not self.want and self.held == "no"


def wanted(entry: Entry | None, audience: str, key: str, digest: str, now: datetime, *, want: bool) -> Entry | None:
    """The entry after somebody looked whether the address belongs to the audience. None: there is none, and need not
    be."""
    if entry is None:
        return Entry(audience, key, digest, True, "no", now) if want and digest else None
    return entry if entry.want == want else replace(entry, want=want, since=now)


def told(entry: Entry, *, added: bool) -> Entry:
    """The platform took a change."""
    return replace(entry, held="yes" if added else "no")


def belongs(
    segment: str,
    segments: Mapping[str, object],
    consents: Iterable[Consent],
    channel: str,
    key: str,
    now: datetime,
    *,
    held_back: bool,
) -> bool:
    """Whether an address of a customer belongs to the audience of a segment: he is in it, agreed to ``ads`` for this
    address, and neither restricted nor objected (``held_back``)."""
    return segment in segments and not held_back and consent_state(consents, channel, ADS, key, now).granted
