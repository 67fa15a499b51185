"""Opens the lake: its files become views of DuckDB, each row once, without rows of who was erased."""

from __future__ import annotations

import contextlib
import logging
import shutil
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import mkdtemp

import duckdb

from functions.measure import layout
from functions.measure.erasures import NOBODY_ERASED, load_erased, notes
from functions.measure.lake_views import (
    RolledFile,
    Source,
    load_lines,
    view_of_customers,
    view_of_days,
    view_of_roll_ups,
    view_of_rows,
)  # fmt: skip
from functions.measure.layout import CUSTOMER_DAYS, Part, part_of
from functions.measure.raw_lines import split
from functions.measure.rollups import (
    KEY_OF,
    NEWEST_CUSTOMERS,
    WHOLE,
    RollUp,
    covered_by,
    newest_of_slots,
    roll_up_of,
    rolled,
    table_of,
)
from shared.domain.lake.tables import CUSTOMERS, TABLES
from shared.ports.objects import NoSuchObject, Objects

log = logging.getLogger("kervan.measure")

ATTEMPTS = 20
FETCHED_AT_ONCE = 16


class LakeKeepsChanging(Exception):
    """Files were replaced again and again while they were read: ask again."""


VIEWS = frozenset({*TABLES, CUSTOMER_DAYS})


@dataclass(frozen=True, slots=True)
class Days:
    """Rows outside of these days (of UTC, both included) may be left out. ``whole``: tables of which none is."""

    first: date | None = None
    last: date | None = None
    whole: frozenset[str] = frozenset({CUSTOMERS.name})

    def hold(self, part: Part) -> bool:
        if part.table in self.whole:
            return True
        day = date.fromisoformat(part.day)
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)

    def hold_month(self, table: str, month: str) -> bool:
        """``month``: as ``2026-11``. Texts of months are in the order of time."""
        if table in self.whole:
            return True
        after = self.first is None or self.first.isoformat()[:7] <= month
        return after and (self.last is None or month <= self.last.isoformat()[:7])


@contextmanager
def open_lake(
    objects: Objects,
    *,
    days: Days = Days(),
    reads: frozenset[str] = VIEWS,
    scratch: Path | None = None,
    memory_mb: int = 1_000,
    threads: int = 2,
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the views ``events``, ``customers``, ``orders`` and ``outcomes``: what was handed on so far. A
    fifth view, ``customer_days``, has the last row of each customer and day: what customers were before.

    Objects of a bucket are copied to ``scratch``, where DuckDB also puts what does not fit in memory; all of it is
    taken away in the end.

    Parameters
    ----------
    reads
        The views to make, of those five and of the rolled parts of ``base.sql``. Files that none of them needs are not
        copied. Roll-ups answer for the rolled parts, and for ``customers`` beside any of them.

    Raises
    ------
    LakeKeepsChanging
    """
    folder = Path(mkdtemp(prefix="lake-", dir=scratch))
    try:
        with contextlib.closing(connect(folder, memory_mb=memory_mb, threads=threads)) as connection:
            erased = load_erased(connection, notes(objects, folder))
            sources = _fetched(connection, objects, days, reads, folder)
            for name, source in sources.items():
                if name == CUSTOMERS.name:
                    view_of_customers(connection, source, erased=erased)
                elif name == CUSTOMER_DAYS:
                    view_of_days(connection, name, source, erased=erased)
                elif name in rolled():
                    view_of_roll_ups(connection, name, source, erased=erased)
                else:
                    view_of_rows(connection, name, TABLES[name], source, erased=erased)
            yield connection
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def connect(folder: Path, *, memory_mb: int, threads: int) -> duckdb.DuckDBPyConnection:
    """A database in a file of ``folder``. Nothing is ever fetched from the network."""
    connection = duckdb.connect(
        str(folder / "lake.duckdb"),
        config={
            "memory_limit": f"{memory_mb}MB",
            "threads": threads,
            "temp_directory": str(folder / "spilled"),
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        },
    )
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(KEY_OF)
    connection.execute(NOBODY_ERASED)
    connection.execute("SET enable_progress_bar = false")  # it is drawn on standard output, where answers are
    return connection


def _fetched(
    connection: duckdb.DuckDBPyConnection, objects: Objects, days: Days, reads: frozenset[str], folder: Path
) -> dict[str, Source]:
    """By view the files that together hold every row of it.

    Compaction writes a part, then deletes what it was made from. So raw lines are listed first: what is gone from there
    is in a part. A listing of many pages misses no row either: what replaces a part lies behind it in the listing. A
    roll-up is listed last and counts only for parts that were listed. If something listed is gone, it is listed again;
    what was fetched before is not fetched twice.
    """
    for _ in range(ATTEMPTS):
        raw = [found.key for found in objects.listed(layout.RAW)]
        listed = (part_of(found.key) for found in objects.listed(layout.LAKE))
        parts = [part for part in listed if part is not None]
        try:
            return _Attempt(connection, objects, days, reads, folder).sources(raw, parts)
        except NoSuchObject:
            continue
    raise LakeKeepsChanging


class _Attempt:
    """Fetches what was listed; NoSuchObject if it changed meanwhile."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, objects: Objects, days: Days, reads: frozenset[str], folder: Path
    ) -> None:
        self._connection = connection
        self._objects = objects
        self._days = days
        self._reads = reads
        self._folder = folder

    def sources(self, raw: list[str], parts: list[Part]) -> dict[str, Source]:
        touched = self._tails(raw)
        there = frozenset(part.key for part in parts)
        roll_ups = self._roll_ups()
        plans = {}
        for name in self._reads:
            table = table_of(name).name
            mine = [part for part in parts if part.table == table]
            if name == CUSTOMERS.name:
                plans[name] = _plan_newest(mine, there, roll_ups.get(NEWEST_CUSTOMERS, []))
            else:
                plans[name] = _plan_days(mine, self._days, touched[table], roll_ups.get(name, []))
        wanted = sorted({part.key for _, needed in plans.values() for part in needed})
        files = dict(zip(wanted, self._files(wanted), strict=True))
        return {
            name: Source({part: files[part.key] for part in needed}, touched[table_of(name).name], used)
            for name, (used, needed) in plans.items()
        }

    def _tails(self, raw: list[str]) -> dict[str, frozenset[str]]:
        """By table the days that lines belong to which are not compacted yet."""
        tails, unreadable = split(self._files(raw), self._folder)
        if unreadable:
            log.warning("%d lines cannot be read", unreadable)
        touched = {}
        for table in {table_of(name).name: table_of(name) for name in self._reads}.values():
            load_lines(self._connection, table, tails.get(table.name))
            found = self._connection.execute(
                f"SELECT DISTINCT {layout.day_sql(table)} FROM {table.name}_tail"
            ).fetchall()
            touched[table.name] = frozenset(str(day) for (day,) in found)
        return touched

    def _roll_ups(self) -> dict[str, list[Covered]]:
        """By name; none if only the views of the lake's own tables are read."""
        if not self._reads & rolled().keys():
            return {}
        names = self._reads | ({NEWEST_CUSTOMERS} if CUSTOMERS.name in self._reads else set())
        listed = (roll_up_of(found.key) for found in self._objects.listed(layout.ROLLED))
        chosen = newest_of_slots(one for one in listed if one is not None and one.name in names and self._held(one))
        made: dict[str, list[Covered]] = {}
        for one, file in zip(chosen, self._files([one.key for one in chosen]), strict=True):
            covers = covered_by(self._connection, one, file)
            if covers:
                made.setdefault(one.name, []).append(Covered(file, covers))
        return made

    def _held(self, one: RollUp) -> bool:
        """Whether it may hold rows of the days asked for."""
        return one.slot == WHOLE or self._days.hold_month(table_of(one.name).name, one.slot)

    def _files(self, keys: Iterable[str]) -> list[Path]:
        with ThreadPoolExecutor(FETCHED_AT_ONCE) as pool:
            return list(pool.map(lambda key: self._objects.fetch(key, self._folder), keys))


@dataclass(frozen=True, slots=True)
class Covered:
    """A roll-up that was fetched, and the keys of its parts."""

    file: Path
    covers: frozenset[str]


Plan = tuple[tuple[RolledFile, ...], list[Part]]
"""The roll-ups and the parts that hold the rows of a view."""


def _plan_newest(parts: list[Part], there: frozenset[str], roll_ups: list[Covered]) -> Plan:
    """A roll-up of all days counts if all of its parts are there."""
    for one in roll_ups:
        if one.covers <= there:
            return (RolledFile(one.file),), [part for part in parts if part.key not in one.covers]
    return (), parts


def _plan_days(parts: list[Part], days: Days, touched: frozenset[str], roll_ups: list[Covered]) -> Plan:
    """A roll-up counts for days whose only part it covers, and that no line belongs to which is not compacted yet."""
    of_day: dict[str, list[Part]] = {}
    held = [part for part in parts if days.hold(part)]
    for part in held:
        of_day.setdefault(part.day, []).append(part)
    alone = {some[0].key: day for day, some in of_day.items() if len(some) == 1 and day not in touched}
    used: list[RolledFile] = []
    answered: set[str] = set()
    for one in roll_ups:
        mine = {alone[key] for key in one.covers if key in alone} - answered
        if mine:
            covered = [found for key in one.covers if (found := part_of(key)) is not None]
            others = {part.day for part in covered if days.hold(part)} - mine
            cut = any(not days.hold(part) for part in covered)
            used.append(RolledFile(one.file, tuple(sorted(others)), (min(mine), max(mine)) if cut else None))
            answered |= mine
    return tuple(used), [part for part in held if part.day not in answered]
