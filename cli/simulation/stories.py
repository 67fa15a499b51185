"""What happens in a dry run: events with their statements of consent, in the order in which they reach us."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cli.failure import WrongUse
from cli.importing.plan import Format, Plan, format_of
from cli.importing.rows import Row
from cli.importing.source import Source as File
from shared.adapters.phones import phone_reader
from shared.domain.consent.consent import CHANNELS, MARKETING, Consent
from shared.domain.consent.consent_events import ConsentRecord, consent_record
from shared.domain.events.event import Event, Source
from shared.domain.events.event_time import read_time
from shared.domain.events.read_message import read_message
from shared.domain.events.refusals import Refused
from shared.domain.identity.keys import IdentifierKeys
from shared.stores.consent_items import consent_items
from shared.stores.event_items import event_item

FILE = Source("dry-run", "web", trusted=True)
"""A file of events is believed as an import is."""
YEARS = range(2000, 3000)
"""Others are mistyped, and lead beyond the years that can be counted with."""

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


def file_story(path: Path, region: str, keys: IdentifierKeys) -> Story:
    """The events of a file as `kervan import events` reads it: NDJSON or CSV, in any order.

    Raises
    ------
    WrongUse
        If it cannot be read at all; single lines that cannot are in ``refused``.
    """
    story = Story()
    plan = Plan("events", path, _format(path), "utf-8-sig", UTC, None, live=True)
    make, phone = plan.make(), phone_reader(region)
    with File(path) as source:
        for row in plan.rows(source, lambda: None):
            if not isinstance(row, Row):
                story.refused.append(f"line {row.line}: {row.reason}")
                continue
            try:
                body = json.loads(make(row.content)[0])
                event = read_message(body, FILE, _time(body), phone=phone)
                said = consent_record(event, FILE, keys, phone)
            except Refused as wrong:
                story.refused.append(f"line {row.line}: {wrong}")
                continue
            consents = () if said is None else tuple(consent_items(said, trusted=True))
            story.tell(event, keys, consents=consents)
    return story.sort()


def agreement(names: Iterable[str], at: datetime) -> Items:
    """Consent to marketing on every channel of everybody whose partition key is named, for runs that ask what would be
    sent if everybody agreed. It is no event, so no journey begins with it."""
    items: list[dict[str, Any]] = []
    for name in sorted(set(names)):
        for channel in CHANNELS:
            said = Consent(channel, MARKETING, True, at, at, True, FILE.name, f"dry-run-{channel}")
            items += consent_items(ConsentRecord((name,), said), trusted=True)
    return tuple(items)


def _format(path: Path) -> Format:
    try:
        return format_of(path, None)
    except WrongUse as unknown:
        raise WrongUse(
            f"{path} ends neither in .ndjson nor .csv (nor .gz after it): give it the ending of what it holds"
        ) from unknown


def _time(body: dict[str, Any]) -> datetime:
    """When it happened, which is when it reaches us."""
    at = read_time(body["timestamp"])
    if at is None:
        raise Refused("the timestamp is not a time; write it as 2026-11-21T10:00:00.000Z")
    if at.year not in YEARS:
        raise Refused(f"the timestamp is not within the years {YEARS.start} to {YEARS.stop - 1}")
    return at
