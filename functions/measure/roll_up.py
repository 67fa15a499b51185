"""Makes roll-ups at night, of days that have one part each and are over (rollups.py).

A new roll-up is written before the one that it replaces is deleted, and a reader ignores one whose parts are gone. So a
crash leaves a slower report at worst, and the next night makes what is missing.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from duckdb import DuckDBPyConnection as Connection

from functions.measure.erasures import KnownErasures, not_erased
from functions.measure.lake_views import newest_first
from functions.measure.layout import ROLLED, Part, columns_of, names, text_sql
from functions.measure.rollups import (
    NEWEST_CUSTOMERS,
    WHOLE,
    RollUp,
    covered_by,
    digest_of,
    newest_of_slots,
    roll_up_key,
    roll_up_of,
    rolled,
    statement_over,
    table_of,
    write_roll_up,
)  # fmt: skip
from shared.domain.lake.tables import CUSTOMERS, Table
from shared.ports.objects import NoSuchObject, Objects

ROWS_IN_GROUP = 100_000
ORDERS = {"report_events": "message IS NULL, home"}
"""What happened to messages stands together, so that who asks for it alone reads no group of other rows."""
Slot = tuple[str, str]
"""The name of a roll-up and its slot."""


@dataclass(frozen=True, slots=True)
class RollingUp:
    """The work of one night over the parts of a listing.

    Parameters
    ----------
    days
        The parts of each table and day.
    today
        By UTC, as ``2026-11-30``: this day and later ones are left out, because rows of theirs still come.
    """

    objects: Objects
    days: Sequence[Sequence[Part]]
    today: str
    now_ms: int
    erasures: KnownErasures
    scratch: Path | None = None

    def drop_old(self) -> None:
        """Delete what was made of other parts. Rows of who was erased are in none of the files that are left."""
        wanted = self._wanted()
        self.objects.delete([one.key for one in self._listed() if not _fits(one, wanted)])

    def make(self, connection: Connection, time_left: Callable[[], bool]) -> int:
        """Make what is missing and delete what it replaces; how many files were made. Without time the rest is left."""
        wanted, listed, made = self._wanted(), self._listed(), 0
        for slot, covered in wanted.items():
            mine = [one for one in listed if (one.name, one.slot) == slot]
            kept = newest_of_slots(one for one in mine if _fits(one, wanted))
            if not kept:
                if not time_left():
                    return made
                if not self._make(connection, slot, covered, mine):
                    continue
                made += 1
            self.objects.delete([one.key for one in mine if one not in kept])
        self.objects.delete([one.key for one in listed if (one.name, one.slot) not in wanted])
        return made

    def _listed(self) -> list[RollUp]:
        listed = (roll_up_of(found.key) for found in self.objects.listed(ROLLED))
        return [one for one in listed if one is not None]

    def _wanted(self) -> dict[Slot, list[Part]]:
        """By slot the parts that its roll-up is made of."""
        alone = [parts[0] for parts in self.days if len(parts) == 1 and parts[0].day < self.today]
        wanted: dict[Slot, list[Part]] = {}
        for part in alone:
            for name in rolled():
                if table_of(name).name == part.table:
                    wanted.setdefault((name, part.day[:7]), []).append(part)
            if part.table == CUSTOMERS.name:
                wanted.setdefault((NEWEST_CUSTOMERS, WHOLE), []).append(part)
        return wanted

    def _make(self, connection: Connection, slot: Slot, covered: list[Part], old: list[RollUp]) -> bool:
        """False if a part is gone: another run is at work, and makes it."""
        name, place = slot
        keys = sorted(part.key for part in covered)
        with TemporaryDirectory(prefix="rolled-", dir=self.scratch) as made:
            folder, target = Path(made), Path(made) / "rolled.parquet"
            try:
                rows = self._rows(connection, name, keys, old, folder)
            except NoSuchObject:
                return False
            self.erasures.look(connection)
            write_roll_up(connection, rows, keys, target, rows_in_group=ROWS_IN_GROUP)
            key = roll_up_key(name, place, self.now_ms, uuid.uuid4().hex, digest_of(name, keys))
            self.objects.put(key, target)
        return True

    def _rows(self, connection: Connection, name: str, keys: list[str], old: list[RollUp], folder: Path) -> str:
        """The statement that makes the rows, over views of the parts' rows."""
        table = table_of(name)
        if name == NEWEST_CUSTOMERS:
            before = next(self._still_right(connection, keys, old, folder), None)
            file, covers = before or (None, frozenset())
            files = [self.objects.fetch(key, folder) for key in keys if key not in covers] + ([file] if file else [])
            _view(connection, "covered", table, files)
            return f"SELECT * FROM covered{not_erased(table)} QUALIFY {newest_first(table)} = 1 ORDER BY root"
        part = rolled()[name]
        _view(connection, "every_row", table, [self.objects.fetch(key, folder) for key in keys])
        connection.execute(f"CREATE OR REPLACE TEMP VIEW covered AS SELECT * FROM every_row{not_erased(table)}")
        return f"SELECT * FROM ({statement_over(part, 'covered')}) ORDER BY {ORDERS.get(name, 'home')}"

    def _still_right(
        self, connection: Connection, keys: list[str], old: list[RollUp], folder: Path
    ) -> Iterator[tuple[Path, frozenset[str]]]:
        """Roll-ups of a part of these keys: what is newer is laid over them, so a night costs what is new."""
        for one in old:
            file = self.objects.fetch(one.key, folder)
            covers = covered_by(connection, one, file)
            if covers and covers <= frozenset(keys):
                yield file, covers


def _fits(one: RollUp, wanted: dict[Slot, list[Part]]) -> bool:
    """Whether it is made of what it would be made of now."""
    covered = wanted.get((one.name, one.slot))
    return covered is not None and one.digest == digest_of(one.name, (part.key for part in covered))


def _view(connection: Connection, name: str, table: Table, files: Sequence[Path]) -> None:
    """The rows of files; columns that an older file lacks are empty."""
    listed = ", ".join(text_sql(str(file)) for file in files)
    columns = names(column.name for column in table.columns)
    connection.execute(f"CREATE OR REPLACE TABLE shape ({columns_of(table)})")
    connection.execute(
        f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT {columns} FROM (SELECT * FROM shape UNION ALL BY NAME "
        f"SELECT * FROM read_parquet([{listed}], union_by_name = true, hive_partitioning = false))"
    )
