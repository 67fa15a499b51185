"""What happens in a dry run: events with their statements of consent, in the order in which they reach us."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from shared.domain.consent.consent import CHANNELS, MARKETING, Consent
from shared.domain.consent.consent_events import ConsentRecord
from shared.domain.events.event import Event, Source
from shared.domain.identity.keys import IdentifierKeys
from shared.stores.consent_items import consent_items
from shared.stores.event_items import event_item

FILE = Source("dry-run", "web", trusted=True)
"""A file of events is believed as an import is."""

Items = tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Happening:
    """What reaches us at once, as items for the table; ``at`` is when it happened. ``is_event``: not only a consent."""

    at: datetime
    items: Items
    is_event: bool = True


@dataclass
class Story:
    """``names`` are plain identifiers by partition key; ``refused`` says which lines tell no event, and why."""

    happenings: list[Happening] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)

    @property
    def events(self) -> int:
        return sum(one.is_event for one in self.happenings)

    def tell(self, event: Event, keys: IdentifierKeys, *, home: str | None = None, consents: Items = ()) -> None:
        """The event as if it had reached us when it happened: what was imported yesterday was not late then."""
        for who in event.identifiers:
            self.names.setdefault(keys(who), str(who))
        item = event_item(replace(event, received_at=event.time), keys, home=home)
        self.happenings.append(Happening(event.time, (item, *consents)))

    def sort(self) -> Story:
        self.happenings.sort(key=lambda one: one.at)
        return self


def agreement(names: Iterable[str], at: datetime) -> Items:
    """Consent to marketing on every channel of everybody whose partition key is named, for runs that ask what would be
    sent if everybody agreed. It is no event, so no journey begins with it."""
    items: list[dict[str, Any]] = []
    for name in sorted(set(names)):
        for channel in CHANNELS:
            said = Consent(channel, MARKETING, True, at, at, True, FILE.name, f"dry-run-{channel}")
            items += consent_items(ConsentRecord((name,), said), trusted=True)
    return tuple(items)
