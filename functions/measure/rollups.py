"""Roll-ups: what reports need of many files of the lake, in one file (docs/lake.md#roll-ups).

A roll-up names the parts that it was made of, and counts only as long as each of them is there: parts never change, so
what it says of a day is what the day's part says.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb
import orjson

from functions.measure.base import Part as BasePart
from functions.measure.base import reads, rolled_parts
from functions.measure.layout import CUSTOMER_DAYS, ROLLED, columns_of, text_sql
from shared.domain.lake.tables import CUSTOMERS, TABLES, Table

NEWEST_CUSTOMERS = "newest_customers"
"""The roll-up with the newest row of each customer."""
WHOLE = "whole"
"""The slot of a roll-up over all days; the others have a slot for each month."""
KEY_OF = "CREATE OR REPLACE MACRO key_of(name) AS hash(name)"
"""A number in place of a text. Numbers of another version of DuckDB may differ, so its version is in the digest."""

_KEY = re.compile(ROLLED + r"([a-z_]+)/([0-9a-z-]+)/([0-9]{15})-[0-9a-f]+-([0-9a-f]{32})\.parquet")


@dataclass(frozen=True, slots=True)
class RollUp:
    """A file; ``digest`` says of which parts it was made, and how."""

    key: str
    name: str
    slot: str
    made_ms: int
    digest: str


def roll_up_of(key: str) -> RollUp | None:
    """None for what is no roll-up."""
    found = _KEY.fullmatch(key)
    return None if found is None else RollUp(key, found[1], found[2], int(found[3]), found[4])


def roll_up_key(name: str, slot: str, made_ms: int, unique: str, digest: str) -> str:
    return f"{ROLLED}{name}/{slot}/{made_ms:015d}-{unique}-{digest}.parquet"


def digest_of(name: str, covered: Iterable[str]) -> str:
    """Of the keys of the covered parts, and of how the rows are made."""
    return hashlib.sha256("\n".join([name, _form(name), *sorted(covered)]).encode()).hexdigest()[:32]


@cache
def rolled() -> dict[str, BasePart]:
    """By name what is rolled up by month."""
    return {part.name: part for part in rolled_parts()}


def source_of(part: BasePart) -> str:
    """The view that the rows are made of."""
    (source,) = reads(part.statement)
    return source


def table_of(name: str) -> Table:
    """The table of the lake behind a view or a roll-up."""
    if name in rolled():
        name = source_of(rolled()[name])
    return CUSTOMERS if name in {CUSTOMER_DAYS, NEWEST_CUSTOMERS} else TABLES[name]


def statement_over(part: BasePart, view: str) -> str:
    """The rows of a roll-up made of those of ``view``."""
    return re.sub(rf"\bFROM {source_of(part)}\b", f"FROM {view}", part.statement)


def covered_by(connection: duckdb.DuckDBPyConnection, found: RollUp, file: Path) -> frozenset[str]:
    """The parts that a roll-up was made of; none if it was made in another way than one would be made now."""
    answer = connection.execute(f"SELECT value FROM parquet_kv_metadata({text_sql(str(file))}) WHERE key = 'covers'")
    ((said,),) = answer.fetchall()
    covered = frozenset(str(key) for key in orjson.loads(said))
    return covered if digest_of(found.name, covered) == found.digest else frozenset()


def write_roll_up(
    connection: duckdb.DuckDBPyConnection, rows: str, covered: Sequence[str], file: Path, *, rows_in_group: int
) -> None:
    """``rows``: a statement. Its rows become the file, which says what it covers."""
    said = text_sql(orjson.dumps(sorted(covered)).decode())
    connection.execute(
        f"COPY ({rows}) TO {text_sql(str(file))} (FORMAT parquet, COMPRESSION zstd, "
        f"ROW_GROUP_SIZE {rows_in_group}, KV_METADATA {{covers: {said}}})"
    )


def newest_of_slots(found: Iterable[RollUp]) -> list[RollUp]:
    """One of each name and slot: a crash may leave two."""
    newest: dict[tuple[str, str], RollUp] = {}
    for one in found:
        have = newest.get((one.name, one.slot))
        if have is None or (have.made_ms, have.key) < (one.made_ms, one.key):
            newest[one.name, one.slot] = one
    return list(newest.values())


def _form(name: str) -> str:
    made = rolled()[name].statement if name in rolled() else columns_of(CUSTOMERS)
    return f"{duckdb.__version__}\n{made}"
