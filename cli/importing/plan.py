"""What an import is made of: which reader and which mapping for which kind of file and row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from pathlib import Path
from typing import Any, Literal

from cli.failure import WrongUse
from cli.importing.batches import Make
from cli.importing.consents import consent
from cli.importing.customers import customer
from cli.importing.delimited import csv_rows, read_table
from cli.importing.events import event_of_body, event_of_columns
from cli.importing.message import message
from cli.importing.moments import written
from cli.importing.ndjson import ndjson_rows
from cli.importing.rows import Row, Unreadable
from cli.importing.source import Source

Kind = Literal["events", "customers", "consents"]
Format = Literal["ndjson", "csv"]
_ENDINGS: dict[str, Format] = {".ndjson": "ndjson", ".jsonl": "ndjson", ".json": "ndjson", ".csv": "csv", ".tsv": "csv"}


@dataclass(frozen=True, slots=True)
class Plan:
    """One import. ``at`` is the time of rows that say none, if they may."""

    kind: Kind
    path: Path
    format: Format
    encoding: str
    zone: tzinfo
    at: datetime | None
    live: bool = False
    """Whether rows may begin journeys; else they are marked as history."""

    def rows(self, source: Source, start: Callable[[], None]) -> Iterator[Row | Unreadable]:
        """The rows; ``start`` is called when the header is read, to go to the place where an earlier run stopped."""
        if self.format == "ndjson":
            start()
            return ndjson_rows(source)
        table = read_table(source, self.encoding, amounts=self.kind == "events")
        start()
        return csv_rows(source, table, self.encoding)

    def make(self) -> Make:
        """Content of a row into an event's bytes."""
        bodies = {
            "events": event_of_body if self.format == "ndjson" else event_of_columns,
            "customers": customer,
            "consents": consent,
        }
        return partial(_made, bodies[self.kind], self.zone, self.at, live=self.live)

    def about(self, source: Source, endpoint: str) -> dict[str, Any]:
        """What must be the same for an interrupted import to go on."""
        return {
            "kind": self.kind,
            "content": source.identity,
            "endpoint": endpoint,
            "format": self.format,
            "encoding": self.encoding,
            "time zone": str(self.zone),
            "time (--at)": self.at and written(self.at),
            "--live": self.live,
        }


def format_of(path: Path, named: Format | None) -> Format:
    """As named, else by the file's ending, ``.gz`` aside.

    Raises
    ------
    WrongUse
        If neither says it.
    """
    endings = [ending.lower() for ending in path.suffixes]
    if endings[-1:] == [".gz"]:
        endings.pop()
    found = named or _ENDINGS.get(endings[-1] if endings else "")
    if found is None:
        raise WrongUse(
            f"{path} ends neither in .ndjson nor .csv (nor .gz after it): say --format ndjson or --format csv"
        )
    return found


def time_of_rows(kind: Kind, source: Source, given: datetime | None, now: datetime) -> datetime | None:
    """When a row happened that does not say it.

    As given; else, for customers, the file's own time of change: it stays the same, so that the second import of a file
    changes nothing. Events and statements of consent without a time are not taken: a guess would start journeys.

    Raises
    ------
    WrongUse
        If that lies in the future.
    """
    at = given
    if at is None and kind == "customers":
        at = datetime.fromtimestamp(int(source.modified), UTC)
    if at is not None and at > now + timedelta(hours=24):
        raise WrongUse("rows cannot be dated in the future: give --at, such as --at 2026-11-21T10:00:00Z")
    return at


def _made(
    body: Callable[[dict[str, Any], tzinfo], dict[str, Any]],
    zone: tzinfo,
    at: datetime | None,
    row: dict[str, Any],
    *,
    live: bool,
) -> bytes:
    return message(body(row, zone), at, live=live)
