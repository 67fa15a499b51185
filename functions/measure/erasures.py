"""Who was erased from the lake: an object per erasure, which readers obey at once and compaction carries out."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import orjson

from functions.measure import layout
from functions.measure.layout import ERASED, PASSES
from shared.domain.lake.tables import Table
from shared.ports.objects import NoSuchObject, Objects

if TYPE_CHECKING:
    import duckdb

FETCHED_AT_ONCE = 16
DONE = f"{PASSES}done/"
"""A mark for each note that was carried out."""
NOBODY_ERASED = "CREATE OR REPLACE TABLE erased (home VARCHAR, until BIGINT, before BIGINT)"
"""The table ``erased`` without rows."""
_COLUMNS = "unnest(CAST(? AS VARCHAR[])), unnest(CAST(? AS BIGINT[])), unnest(CAST(? AS BIGINT[]))"


@dataclass(frozen=True, slots=True)
class Erased:
    """A note of an erasure; it never changes, and a second look at a person writes another one.

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
        """What marks that the note was carried out."""
        return f"{self.name}-{self.noted_ms}"


def notes(objects: Objects, folder: Path, known: Container[str] = ()) -> list[Erased]:
    """Those that are there, but the ``known``, by name."""
    listed = [found.key for found in objects.listed(ERASED) if _name(found.key) not in known]

    def read(key: str) -> Erased | None:
        try:
            said = orjson.loads(objects.fetch(key, folder).read_bytes())
        except NoSuchObject:
            return None
        return Erased(_name(key), said["noted"], said["homes"], said["shared"])

    with ThreadPoolExecutor(FETCHED_AT_ONCE) as pool:
        return [note for note in pool.map(read, listed) if note is not None]


def _name(key: str) -> str:
    return key.removeprefix(ERASED).removesuffix(".json")


def waiting(objects: Objects, folder: Path) -> list[Erased]:
    """Notes that no night has carried out yet: rows of theirs may still be in the files."""
    done = {found.key.removeprefix(DONE).removesuffix(".json") for found in objects.listed(DONE)}
    return [note for note in notes(objects, folder) if note.version not in done]


def rows_of(told: Iterable[Erased]) -> list[tuple[str, int | None, int | None]]:
    """As the table ``erased`` has them: one row for each identifier, of all notes that name it."""
    until: dict[str, int] = {}
    before: dict[str, int] = {}
    for note in told:
        for latest, said in ((until, note.homes), (before, note.shared)):
            for home, at in said.items():
                latest[home] = max(at, latest.get(home, at))
    return [(home, until.get(home), before.get(home)) for home in dict.fromkeys((*until, *before))]


class KnownErasures:
    """Who was erased, as a run knows it. A note is written before its person's rows go, and who comes back begins with
    low versions only then. So a run that looks after it fetched rows never compares his with the erased ones."""

    def __init__(self, objects: Objects, scratch: Path | None) -> None:
        self._objects = objects
        self._scratch = scratch
        self._notes: dict[str, Erased] = {}

    def look(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Make the table ``erased`` of all notes that are there now. One request, and one for each new note."""
        with TemporaryDirectory(prefix="notes-", dir=self._scratch) as folder:
            new = notes(self._objects, Path(folder), self._notes)
        self._notes |= {note.name: note for note in new}
        if new:
            load_erased(connection, self._notes.values())


def load_erased(connection: duckdb.DuckDBPyConnection, told: Iterable[Erased]) -> bool:
    """Make the table ``erased`` that ``is_erased`` asks; whether anything is in it."""
    connection.execute(NOBODY_ERASED)
    rows = rows_of(told)
    if rows:
        columns = [list(column) for column in zip(*rows, strict=True)]  # one statement: row by row takes 2 ms each
        connection.execute(f"INSERT INTO erased SELECT {_COLUMNS}", columns)
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
