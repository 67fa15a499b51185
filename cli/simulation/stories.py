"""What happens in a dry run: events of a file, or the stored history of a deployment's customers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cli.importing.plan import Plan, format_of
from cli.importing.rows import Row
from cli.importing.source import Source as File
from shared.adapters.phones import phone_reader
from shared.customer_tree import load_tree
from shared.domain.events import Event, Source
from shared.domain.keys import IdentifierKeys
from shared.domain.tracking.consent_events import consent_record
from shared.domain.tracking.reading import read_message
from shared.domain.tracking.refusal import Refused
from shared.stores.consent_items import consent_items
from shared.stores.customers import SHARDS, CustomerStore
from shared.stores.event_items import event_item

FILE = Source("dry-run", "web", trusted=True)
"""A file of events is believed as an import is."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One event, with its items for the table; ``at`` is when it reaches us: when it happened."""

    at: datetime
    items: tuple[dict[str, Any], ...]


@dataclass
class Story:
    """``names`` are plain identifiers by partition key; ``refused`` says which lines tell no event, and why."""

    happenings: list[Happening] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)

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
    plan = Plan("events", path, format_of(path, None), "utf-8-sig", UTC, None)
    make, phone = plan.make(), phone_reader(region)
    with File(path) as source:
        for row in plan.rows(source, lambda: None):
            if not isinstance(row, Row):
                story.refused.append(f"line {row.line}: {row.reason}")
                continue
            try:
                body = json.loads(make(row.content))
                at = datetime.fromisoformat(body["timestamp"]) if "timestamp" in body else None
                if at is None:
                    raise Refused("it says no timestamp")
                event = read_message(body, FILE, at.astimezone(UTC), phone=phone)
            except (Refused, ValueError) as wrong:
                story.refused.append(f"line {row.line}: {wrong}")
                continue
            _add(story, event, keys, region)
    return story.sort()


def stored_story(store: CustomerStore, region: str, keys: IdentifierKeys, limit: int) -> Story:
    """Everything that up to ``limit`` live customers ever did, read from the log.

    They come by the digests of their identifiers, so they are as good as drawn by lot. Their reads are billed.
    """
    story = Story()
    for root in _roots(store, limit):
        for member in load_tree(store, root).members:
            for event in store.events(member.key):
                if event.identifiers:
                    _add(story, event, keys, region)
    return story.sort()


def _roots(store: CustomerStore, limit: int) -> Iterator[str]:
    found = 0
    for shard in range(SHARDS):
        cursor = None
        share = -(-(limit - found) // (SHARDS - shard))
        while share > 0:
            page = store.live_page(shard, limit=share, cursor=cursor)
            for item in page.items:
                yield item["pk"]
            found += len(page.items)
            share -= len(page.items)
            cursor = page.cursor
            if cursor is None:
                break


def _add(story: Story, event: Event, keys: IdentifierKeys, region: str) -> None:
    """The event as if it had reached us when it happened: what was imported yesterday was not late then."""
    event = replace(event, received_at=event.time)
    source = Source(event.source, event.channel, trusted=event.trusted, may_grant_consent=event.trusted)
    items: list[dict[str, Any]] = [event_item(event, keys)]
    try:
        said = consent_record(event, source, keys, phone_reader(region))
    except Refused:
        said = None
    if said is not None:
        items += consent_items(said, trusted=event.trusted)
    for who in event.identifiers:
        story.names.setdefault(keys(who), str(who))
    story.happenings.append(Happening(event.time, tuple(items)))


def consents_for(names: Iterable[str], at: datetime, keys: IdentifierKeys, region: str) -> list[Happening]:
    """Consent of everybody on every channel, for runs that ask what would be sent if everybody agreed."""
    story = Story()
    phone = phone_reader(region)
    for name in sorted(set(names)):
        kind, _, value = name.partition(":")
        if kind not in ("user", "anonymous"):
            continue
        who = {"userId": value} if kind == "user" else {"anonymousId": value}
        for channel in ("email", "sms", "push"):
            body = {
                "type": "track", "event": "Consent Granted", "timestamp": at.isoformat(), **who,
                "messageId": f"dry-run-{channel}", "properties": {"channel": channel, "purpose": "marketing"},
            }  # fmt: skip
            _add(story, read_message(body, FILE, at, phone=phone), keys, region)
    return story.happenings
