"""Who was erased from the lake: an object per erasure, which readers obey at once and compaction carries out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from functions.measure import layout
from functions.measure.layout import ERASED
from shared.domain.lake.tables import Table
from shared.ports.objects import NoSuchObject, Objects

if TYPE_CHECKING:
    import duckdb

NOBODY_ERASED = "CREATE OR REPLACE TABLE erased (home VARCHAR, until BIGINT, before BIGINT)"
"""The table ``erased`` without rows."""


@dataclass(frozen=True, slots=True)
class Erased:
    """The note of one erasure.

    ``homes``: by identifier the instant until which what was written of it is erased. ``shared``: by identifier that is
    another person's too, the instant before which what is filed of it is erased. ``noted_ms``: when readers began to
    obey, by the clock of the machines.
    """

    name: str
    noted_ms: int
    homes: Mapping[str, int]
    shared: Mapping[str, int]

    @property
    def version(self) -> str:
        """Another one whenever the note was written again."""
        return f"{self.name}-{self.noted_ms}"


def notes(objects: Objects, folder: Path) -> Iterator[Erased]:
    for found in list(objects.listed(ERASED)):
        try:
            said = orjson.loads(objects.fetch(found.key, folder).read_bytes())
        except NoSuchObject:
            continue
        name = found.key.removeprefix(ERASED).removesuffix(".json")
        yield Erased(name, said["noted"], said["homes"], said["shared"])


def load_erased(connection: duckdb.DuckDBPyConnection, told: Iterable[Erased]) -> bool:
    """Make the table ``erased`` that ``is_erased`` asks; whether anything is in it."""
    connection.execute(NOBODY_ERASED)
    rows: list[tuple[str, int | None, int | None]] = []
    for note in told:
        rows += [(home, until, None) for home, until in note.homes.items()]
        rows += [(home, None, before) for home, before in note.shared.items()]
    if rows:
        connection.executemany("INSERT INTO erased VALUES (?, ?, ?)", rows)
    return bool(rows)


def is_erased(table: Table) -> str:
    """Whether an ``erased`` is about a ``row``, as SQL asks it."""
    home, written = layout.home_column(table), layout.WRITTEN_AT[table.name]
    return f'erased.home = row."{home}" AND (row."{written}" <= erased.until OR row."{table.day}" < erased.before)'


def is_erased_key(table: Table) -> str:
    """The same of a ``row`` of a roll-up, whose ``home`` is a number."""
    written = layout.WRITTEN_AT[table.name]
    return f'key_of(erased.home) = row.home AND (row."{written}" <= erased.until OR row."{table.day}" < erased.before)'


def not_erased(table: Table) -> str:
    return f" AS row WHERE NOT EXISTS (FROM erased WHERE {is_erased(table)})"
