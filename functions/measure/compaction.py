"""Compaction: raw lines become Parquet by day, parts of a day become one, and rows of who was erased go.

What is new is written before what it was made of is deleted. So a crash leaves rows twice at worst, which readers show
once, and the next run does the rest. Two runs at once do no harm either: each deletes only what it has read whole.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import shutil
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp

from duckdb import DuckDBPyConnection as Connection

from functions.measure import layout
from functions.measure.carry_out_erasures import ErasurePass
from functions.measure.erasures import KnownErasures, is_erased, not_erased
from functions.measure.lake_reader import connect
from functions.measure.lake_views import load_lines, newest_first
from functions.measure.layout import Part, columns_of, names, part_of, text_sql
from functions.measure.raw_lines import split
from functions.measure.roll_up import RollingUp
from shared.domain.lake.tables import TABLES, Table
from shared.ports.objects import NoSuchObject, Objects

log = logging.getLogger("kervan.measure")

BATCH_BYTES = 64_000_000
"""Of raw files in one go, as they are stored: gzipped lines are ten times as large unpacked."""
BATCH_FILES = 2_000
AT_ONCE = 16
MANY_PARTS = 6
"""Parts of a day that are not left alone until the night."""
ROWS_IN_GROUP = 100_000


@dataclass(slots=True)
class Compacted:
    """What a run did. ``left``: it ended because its time was over."""

    raw_files: int = 0
    unreadable: int = 0
    parts_written: int = 0
    days_merged: int = 0
    erasures: int = 0
    rolled_up: int = 0
    left: bool = False


class Compaction:
    """One run over a lake.

    Parameters
    ----------
    now_ms
        By the clock of the machines, in milliseconds.
    time_left
        False when no further step fits; a step takes seconds.
    """

    def __init__(
        self,
        objects: Objects,
        *,
        now_ms: int,
        time_left: Callable[[], bool] = lambda: True,
        scratch: Path | None = None,
        memory_mb: int = 1_000,
    ) -> None:
        self._objects = objects
        self._now_ms = now_ms
        self._time_left = time_left
        self._scratch = scratch
        self._memory_mb = memory_mb
        self._erasures = KnownErasures(objects, scratch)
        self._done = Compacted()

    def run(self, *, night: bool) -> Compacted:
        """``night``: merge each day that has several parts, take out who was erased, and make roll-ups."""
        with (
            self._folder() as folder,
            contextlib.closing(connect(folder, memory_mb=self._memory_mb, threads=2)) as connection,
        ):
            self._fold_raw(connection)
            if not self._done.left:
                self._merge_days(connection, MANY_PARTS if not night else 2)
            if night and not self._done.left:
                self._take_out(connection, ErasurePass(self._objects, folder, self._now_ms))
            if night and not self._done.left:
                self._done.rolled_up = self._rolling_up().make(connection, self._time_left)
        return self._done

    def _take_out(self, connection: Connection, erasing: ErasurePass) -> None:
        """Rows of who was erased, day by day."""
        for parts in erasing.days(self._days() if erasing.pending else []):
            if not self._time_left():
                self._done.left = True
                break
            if self._concerned(connection, parts):
                self._merge(connection, parts)
            erasing.note_progress(parts)
        if erasing.pending and not self._done.left:
            self._rolling_up().drop_old()
        self._done.erasures = erasing.finish(whole=not self._done.left)

    def _rolling_up(self) -> RollingUp:
        today = datetime.fromtimestamp(self._now_ms / 1_000, UTC).date().isoformat()
        return RollingUp(self._objects, self._days(), today, self._now_ms, self._erasures, self._scratch)

    def _fold_raw(self, connection: Connection) -> None:
        for batch in _batches([(found.key, found.size) for found in self._objects.listed(layout.RAW)]):
            if not self._time_left():
                self._done.left = True
                return
            with self._folder() as folder:
                self._fold(connection, batch, folder)

    def _fold(self, connection: Connection, batch: Sequence[str], folder: Path) -> None:
        """Parts of the rows of these raw files; then the files are deleted. One that is gone was folded by another."""
        found = [(key, file) for key in batch if (file := self._fetched(key, folder)) is not None]
        unreadable = folder / "unreadable"
        self._erasures.look(connection)
        tails, count = split([file for _, file in found], folder, unreadable=unreadable)
        if count:
            log.warning("%d lines cannot be read", count)
            digest = hashlib.sha256(unreadable.read_bytes()).hexdigest()[:16]
            self._objects.put(f"{layout.UNREADABLE}{self._now_ms}-{digest}", unreadable)
            self._done.unreadable += count
        for name, lines in tails.items():
            self._put_parts(connection, TABLES[name], lines, folder / name)
        self._objects.delete(key for key, _ in found)
        self._done.raw_files += len(found)

    def _put_parts(self, connection: Connection, table: Table, lines: Path, folder: Path) -> None:
        load_lines(connection, table, lines)
        rows = f"SELECT *, {layout.day_sql(table)} AS day FROM {table.name}_tail"
        connection.execute(
            f"COPY ({rows} ORDER BY day, {names(table.key)}) TO {text_sql(str(folder))} "
            f"(FORMAT parquet, COMPRESSION zstd, PARTITION_BY (day))"
        )
        files = sorted(folder.rglob("*.parquet"))
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(lambda file: self._put(table, file.parent.name.removeprefix("day="), file, 0), files))

    def _put(self, table: Table, day: str, file: Path, after_ms: int) -> str:
        name = layout.part_name(max(self._now_ms, after_ms + 1), uuid.uuid4().hex)
        key = layout.part_key(table.name, day, name)
        self._objects.put(key, file)
        self._done.parts_written += 1
        return key

    def _days(self) -> list[list[Part]]:
        """The parts of each table and day."""
        days: dict[tuple[str, str], list[Part]] = {}
        for found in self._objects.listed(layout.LAKE):
            part = part_of(found.key)
            if part is not None and part.table in TABLES:
                days.setdefault((part.table, part.day), []).append(part)
        return [days[place] for place in sorted(days)]

    def _merge_days(self, connection: Connection, least: int) -> None:
        for parts in self._days():
            if len(parts) < least:
                continue
            if not self._time_left():
                self._done.left = True
                return
            self._merge(connection, parts)

    def _merge(self, connection: Connection, parts: Sequence[Part]) -> None:
        """One part in place of these; none if no row is left. If one of them is gone, another run was here."""
        table, day = TABLES[parts[0].table], parts[0].day
        with self._folder() as folder:
            files = [self._fetched(part.key, folder) for part in parts]
            if any(file is None for file in files):
                return
            self._erasures.look(connection)
            listed = ", ".join(text_sql(str(file)) for file in files)
            connection.execute(f"CREATE OR REPLACE TABLE shape ({columns_of(table)})")
            columns = names(column.name for column in table.columns)
            connection.execute(
                f"CREATE OR REPLACE TEMP VIEW rows AS SELECT {columns} FROM (SELECT * FROM shape "
                f"UNION ALL BY NAME SELECT * FROM read_parquet([{listed}], union_by_name = true, "
                f"hive_partitioning = false)){not_erased(table)} QUALIFY {newest_first(table)} = 1"
            )
            merged = folder / "merged.parquet"
            connection.execute(
                f"COPY (SELECT * FROM rows ORDER BY {names(table.key)}) "
                f"TO {text_sql(str(merged))} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROWS_IN_GROUP})"
            )
            ((rows,),) = connection.execute(f"SELECT count(*) FROM read_parquet({text_sql(str(merged))})").fetchall()
            if rows:
                self._put(table, day, merged, max(part.made_ms for part in parts))
            self._objects.delete(part.key for part in parts)
        self._done.days_merged += 1

    def _concerned(self, connection: Connection, parts: Sequence[Part]) -> bool:
        """Whether a day holds a row that no reader may see."""
        table = TABLES[parts[0].table]
        with self._folder() as folder:
            files = [file for part in parts if (file := self._fetched(part.key, folder)) is not None]
            if not files:
                return False
            self._erasures.look(connection)
            listed = ", ".join(text_sql(str(file)) for file in files)
            found = connection.execute(
                f"SELECT 1 FROM read_parquet([{listed}], union_by_name = true, hive_partitioning = false) AS row "
                f"JOIN erased ON {is_erased(table)} LIMIT 1"
            )
            return found.fetchone() is not None

    def _fetched(self, key: str, folder: Path) -> Path | None:
        try:
            return self._objects.fetch(key, folder)
        except NoSuchObject:
            return None

    @contextlib.contextmanager
    def _folder(self) -> Iterator[Path]:
        folder = Path(mkdtemp(prefix="compaction-", dir=self._scratch))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _batches(raw: Sequence[tuple[str, int]]) -> Iterator[list[str]]:
    batch: list[str] = []
    size = 0
    for key, stored in raw:
        if batch and (size + stored > BATCH_BYTES or len(batch) == BATCH_FILES):
            yield batch
            batch, size = [], 0
        batch.append(key)
        size += stored
    if batch:
        yield batch
