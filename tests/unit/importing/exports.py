"""Reads files of other tools into the events that an import sends."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cli.importing.batches import batches
from cli.importing.plan import Format, Kind, Plan, export_of
from cli.importing.source import Source
from shared.domain.events.event import Source as Channel
from shared.domain.events.read_message import read_message
from tests.unit.importing.files import AT

STORE = Channel("store", "store", trusted=True)

MARK = "\ufeff"


def imported(
    path: Path, kind: Kind, fmt: Format = "csv", *, named: str | None = None, mapping: Path | None = None,
    encoding: str = "utf-8", consents_at: datetime | None = None, withdraw: bool = False,
) -> tuple[list[dict[str, Any]], dict[int, str], Plan]:  # fmt: skip
    """The events of a file, the rejected rows by line, and the plan with its warnings."""
    export = export_of(path, kind, fmt, encoding, named, mapping)
    plan = Plan(kind, path, fmt, encoding, UTC, AT, False, export, consents_at, withdraw)
    with Source(path) as source:
        found = list(batches(plan.rows(source, lambda: None), plan.make(), lambda: source.position))
    events = [json.loads(event) for batch in found for event in batch.events]
    for event in events:
        read_message(event, STORE, AT)  # the API takes it
    return events, {row.line: row.reason for batch in found for row in batch.rejected}, plan


def table(*rows: Sequence[str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def traits(event: dict[str, Any]) -> dict[str, Any]:
    return dict(event["traits"])


def statements(events: list[dict[str, Any]]) -> list[tuple[str, str, str, str]]:
    """What the events say of consent: event, channel, address, time."""
    said = [event for event in events if event.get("event", "").startswith("Consent")]
    return [
        (one["event"], one["properties"]["channel"], one["properties"].get("address", ""), one["timestamp"][:10])
        for one in said
    ]
