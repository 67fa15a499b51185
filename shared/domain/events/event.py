"""What happened: one past-tense fact, as every function reads it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from msgspec import Struct, field

from shared.domain.identity.identifiers import Identifier, IdentifierType
from shared.domain.identity.keys import event_id, event_sort_key


class EventType(StrEnum):
    IDENTIFY = "identify"
    TRACK = "track"
    PAGE = "page"
    SCREEN = "screen"
    GROUP = "group"
    ALIAS = "alias"


PUBLIC_MAY_CLAIM = frozenset({IdentifierType.DEVICE, IdentifierType.ANONYMOUS})


class Source(Struct, frozen=True):
    """A channel that reports events: who holds the key, and what its word is worth.

    A public key is readable by everybody who opens the web shop, so it may say little (docs/architecture.md).
    """

    name: str
    channel: str
    trusted: bool
    may_claim: frozenset[IdentifierType] = PUBLIC_MAY_CLAIM
    may_grant_consent: bool = False

    def claims(self, kind: IdentifierType) -> bool:
        return self.trusted or kind in self.may_claim

    @property
    def grants(self) -> bool:
        return self.trusted or self.may_grant_consent


class Event(Struct, frozen=True):
    """An accepted event.

    ``identifiers`` is sorted, highest rank first, at most one per type except ``external``; the first one's partition
    holds the event. ``claimable`` is the part of the others that this source may claim for the first (decided at the
    door, where the source's settings are known). ``time`` is the corrected client time in UTC, whole milliseconds.
    ``traits`` are those of identify and of ``context.traits``; ``context`` keeps only what the tracking code lists.
    ``timed`` is False when the client gave no time at all (then the sort key has a constant slot).
    """

    type: EventType
    name: str
    message_id: str
    time: datetime
    received_at: datetime
    source: str
    channel: str
    trusted: bool
    identifiers: tuple[Identifier, ...]
    claimable: tuple[Identifier, ...] = ()
    alias_of: Identifier | None = None
    traits: Mapping[str, Any] = field(default_factory=dict)
    properties: Mapping[str, Any] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=dict)
    timed: bool = True

    @property
    def owner(self) -> Identifier:
        """The highest-ranked identifier: the event lies in its partition."""
        return self.identifiers[0]

    @property
    def history(self) -> bool:
        """Whether an import marked it as history: it begins no journey."""
        return self.context.get("history") is True

    @property
    def id(self) -> str:
        """The short id that facts keep."""
        return event_id(self.message_id, trusted=self.trusted)

    @property
    def sort_key(self) -> str:
        return event_sort_key(self.time if self.timed else None, self.message_id, trusted=self.trusted)
