"""What an import is made of: which reader and which mapping for which kind of file and row."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from pathlib import Path
from typing import Any, Literal

from cli.failure import WrongUse
from cli.importing.batches import Make
from cli.importing.columns import read_header
from cli.importing.consents import consent
from cli.importing.customers import customer
from cli.importing.delimited import csv_rows, read_table
from cli.importing.events import event_of_body, event_of_columns
from cli.importing.exports.export import Export
from cli.importing.exports.mapping_file import read_mapping
from cli.importing.exports.order import bodies_of_order
from cli.importing.exports.person import ExportOptions, bodies_of, read_person
from cli.importing.exports.pinpoint import ENDPOINTS, read_endpoint
from cli.importing.exports.recognise import EXPORTS, PLAIN, checked, export_named, recognise, recognise_object
from cli.importing.exports.rows import by_order, cells_of, columns_of, scattered_orders
from cli.importing.message import message
from cli.importing.moments import written
from cli.importing.ndjson import ndjson_rows
from cli.importing.rows import Row, Unreadable
from cli.importing.source import Source
from shared.domain.identity.identifiers import prefixed_user

Kind = Literal["events", "customers", "orders", "consents"]
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
    export: Export | None = None
    """The other tool whose file it is; None for Kervan's own form."""
    consents_at: datetime | None = None
    """The time of a yes that names none."""
    withdraw: bool = False
    """Whether a no is a withdrawal."""
    user_prefix: str = ""
    """Stands before the customer numbers, as with the connector of the same shop."""
    warnings: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Of cells that could not be used, by column and reason; filled while events are made."""

    def rows(self, source: Source, start: Callable[[], None]) -> Iterator[Row | Unreadable]:
        """The rows; ``start`` is called when the header is read, to go to the place where an earlier run stopped."""
        if self.format == "ndjson":
            start()
            return ndjson_rows(source)
        if self.export is None or self.export.kind != "orders":
            return self._table(source, start)
        with Source(self.path) as again:  # the whole file, also when an earlier run is continued
            scattered = scattered_orders(self._table(again, lambda: None), self.export)
        return by_order(self._table(source, start), self.export, scattered)

    def _table(self, source: Source, start: Callable[[], None]) -> Iterator[Row | Unreadable]:
        nested = self.export is None or self.export is ENDPOINTS
        table = read_table(
            source, self.encoding, partial(read_header, amounts=self.kind == "events") if nested else columns_of
        )
        start()
        return csv_rows(source, table, self.encoding)

    def make(self) -> Make:
        """Content of a row into the bytes of its events."""
        if self.export is not None:
            options = ExportOptions(self.export, self.zone, self.consents_at, self._warn, self.withdraw)
            return partial(_made_of_export, options, self.at, self.user_prefix, live=self.live)
        bodies: dict[Kind, Callable[[dict[str, Any], tzinfo], dict[str, Any]]] = {
            "events": event_of_body if self.format == "ndjson" else event_of_columns,
            "customers": customer,
            "consents": consent,
        }
        return partial(_made, bodies[self.kind], self.zone, self.at, self.user_prefix, live=self.live)

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
            "--from": self.export.name if self.export else PLAIN,
            "--map": _digest(self.export) if self.export and self.export.name.startswith("map:") else None,
            "--consents-at": self.consents_at and written(self.consents_at),
            "--withdraw": self.withdraw,
            **({"--user-prefix": self.user_prefix} if self.user_prefix else {}),
        }

    def _warn(self, column: str, reason: str) -> None:
        self.warnings[column, reason] += 1


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


def export_of(
    path: Path, kind: Kind, fmt: Format, encoding: str, named: str | None, mapping: Path | None
) -> Export | None:
    """The tool that a file comes from: as named or mapped, else by its header; None for Kervan's own form.

    Raises
    ------
    WrongUse
        If it belongs to another command, is not known where it must be, or the mapping cannot be read.
    Failure
        If the header cannot be read.
    """
    if mapping is not None:
        if named is not None:
            raise WrongUse("say --from or --map, not both")
        found: Export | None = read_mapping(mapping)
    elif named is not None:
        found = export_named(named)
    elif kind == "consents":
        return None
    else:
        with Source(path) as source:
            found = _recognised(source, kind, fmt, encoding)
    if found is None and kind == "orders":
        known = ", ".join(one.name for one in EXPORTS if one.kind == "orders")
        raise WrongUse(
            f"{path} is no orders export that is known ({known}): "
            "say --from NAME, or describe its columns with --map FILE (docs/import.md)"
        )
    return None if found is None else checked(found, path, kind)


def _recognised(source: Source, kind: Kind, fmt: Format, encoding: str) -> Export | None:
    if fmt == "csv":
        table = read_table(source, encoding, columns_of)
        return recognise(source.path, kind, [column.name for column in table.columns])
    first = next(ndjson_rows(source), None)
    return recognise_object(source.path, kind, first.content) if isinstance(first, Row) else None


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
    prefix: str,
    row: dict[str, Any],
    *,
    live: bool,
) -> list[bytes]:
    return [message(_prefixed(body(row, zone), prefix), at, live=live)]


def _prefixed(body: dict[str, Any], prefix: str) -> dict[str, Any]:
    """A customer number is a text, or digits as JSON has them; anything else is refused as it is."""
    number = body.get("userId")
    return body | {"userId": prefixed_user(prefix, str(number))} if prefix and type(number) in {str, int} else body


def _made_of_export(
    options: ExportOptions, at: datetime | None, prefix: str, content: dict[str, Any], *, live: bool
) -> list[bytes]:
    if options.export is ENDPOINTS:
        person, device = read_endpoint(content, options)
        bodies = bodies_of(person, options, device)
    elif options.export.kind == "orders":
        bodies = bodies_of_order([cells_of(row) for row in content["rows"]], options)
    else:
        bodies = bodies_of(read_person(cells_of(content), options), options)
    return [message(_prefixed(body, prefix), at, live=live) for body in bodies]


def _digest(export: Export) -> str:
    said = json.dumps([export.columns, export.rest, export.month_first], sort_keys=True)
    return hashlib.blake2b(said.encode(), digest_size=16).hexdigest()
