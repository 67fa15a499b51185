"""The story of a dry run from a file of events."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cli.failure import WrongUse
from cli.importing.plan import Format, Plan, format_of
from cli.importing.rows import Row
from cli.importing.source import Source as File
from shared.adapters.phones import phone_reader
from shared.domain.consent.consent_events import consent_record
from shared.domain.events.event_time import read_time
from shared.domain.events.read_message import read_message
from shared.domain.events.refusals import Refused
from shared.domain.identity.keys import IdentifierKeys
from shared.stores.consent_items import consent_items
from simulation.stories import FILE, Story

YEARS = range(2000, 3000)
"""Others are mistyped, and lead beyond the years that can be counted with."""


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
