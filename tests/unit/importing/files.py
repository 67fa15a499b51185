"""Files for the tests of the import, and how they are read."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any

from cli.importing.batches import Batch, Rejected, batches
from cli.importing.plan import Format, Kind, Plan
from cli.importing.source import Source

AT = datetime(2026, 11, 21, 10, tzinfo=UTC)


def plan_of(
    path: Path, kind: Kind = "events", fmt: Format = "ndjson", *, at: datetime | None = None, zone: tzinfo = UTC,
    encoding: str = "utf-8", live: bool = True,
) -> Plan:  # fmt: skip
    return Plan(kind, path, fmt, encoding, zone, at, live)


def read(plan: Plan) -> list[Batch]:
    """All batches of a file."""
    with Source(plan.path) as source:
        return list(batches(plan.rows(source, lambda: None), plan.make(), lambda: source.position))


def taken(plan: Plan) -> list[dict[str, Any]]:
    """The events that go out."""
    return [json.loads(event) for batch in read(plan) for event in batch.events]


def refused(plan: Plan) -> dict[int, str]:
    """Line to reason."""
    return {row.line: row.reason for row in rejected(plan)}


def rejected(plan: Plan) -> list[Rejected]:
    return [row for batch in read(plan) for row in batch.rejected]


def put(path: Path, content: bytes | str, *, packed: bool = False) -> Path:
    data = content.encode() if isinstance(content, str) else content
    path.write_bytes(gzip.compress(data) if packed else data)
    return path
