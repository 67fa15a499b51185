"""Random rows of the lake, and by brute force which of them count."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from shared.adapters.folder_objects import FolderObjects
from shared.domain.lake.tables import TABLES, Row, Table

DAY_MS = 86_400_000
START = 20_000 * DAY_MS
HOMES = ["u.one", "u.two", "a.three"]
NamedRow = tuple[str, Row]


@st.composite
def rows(draw: st.DrawFn) -> NamedRow:
    """A row of any table; keys are few, so that many rows are of one key. What a row says follows from its key and its
    newest, as it does where rows are made."""
    table = TABLES[draw(st.sampled_from(sorted(TABLES)))]
    home, number = draw(st.sampled_from(HOMES)), draw(st.integers(0, 3))
    newest = draw(st.integers(0, 4))
    day = START + number * DAY_MS + number
    match table.name:
        case "events":
            row: dict[str, Any] = {
                "home": home, "event": f"e{number}", "at": day, "received_at": START + newest, "name": "Sipariş",
                "total": f"{newest}.50", "products": [{"product_id": "p", "quantity": newest}],
            }  # fmt: skip
        case "customers":
            row = {
                "root": home, "version": newest, "at": START + newest * DAY_MS, "state": "live", "members": [home, "x"],
                "segments": {"loyal": newest},
            }  # fmt: skip
        case "orders":
            row = {
                "home": home, "order_id": f"o{number}", "version": newest, "ordered_at": day,
                "decided_at": START + newest, "total": "10.00", "refunded": f"{newest}.00",
            }  # fmt: skip
        case _:
            row = {
                "kind": "message", "id": f"{home}{number}", "version": newest, "day_at": day,
                "changed_at": START + newest, "home": home, "coupon": True, "state": "sent",
                "steps": [{"step": "s", "became": "chosen", "which": "email", "at": newest}],
            }  # fmt: skip
    return table.name, row


def current(told: Iterable[NamedRow], table: Table) -> dict[tuple[Any, ...], Row]:
    """The rows that count, by key."""
    found: dict[tuple[Any, ...], Row] = {}
    for name, row in told:
        if name != table.name:
            continue
        key = tuple(row[column] for column in table.key)
        if key not in found or row[table.newest] > found[key][table.newest]:
            found[key] = row
    return found


def put_raw(root: Path, name: str, told: Sequence[NamedRow], *, packed: bool) -> None:
    """A file of lines, as Firehose writes it."""
    file = root / "raw" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps({"table": table, **row}) + "\n" for table, row in told).encode()
    file.write_bytes(gzip.compress(text) if packed else text)


def shown(connection: Any, table: Table) -> dict[tuple[Any, ...], dict[str, Any]]:
    """What a view holds, by key; a key that is there twice is an error."""
    answer = connection.execute(f"SELECT * FROM {table.name}")
    columns = [column[0] for column in answer.description]
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for values in answer.fetchall():
        row = dict(zip(columns, values, strict=True))
        key = tuple(row[column] for column in table.key)
        assert key not in found, f"twice: {key}"
        found[key] = {name: value for name, value in row.items() if value is not None}
    return found


def as_json(row: Row, table: Table) -> dict[str, Any]:
    """A row of a view as it was handed on."""
    kinds = {column.name: column.kind for column in table.columns}
    return {name: _as_json(kinds[name], value) for name, value in row.items()}


def _as_json(kind: str, value: Any) -> Any:
    if kind == "money":
        return str(value)
    if kind in {"products", "steps"}:
        return [{name: _plain(inner) for name, inner in one.items() if inner is not None} for one in value]
    return value


def _plain(value: Any) -> Any:
    return value if isinstance(value, (str, int)) else str(value)


def check_lake(root: Path, told: Sequence[NamedRow], connection: Any) -> None:
    """The views are what brute force says."""
    for table in TABLES.values():
        found = {key: as_json(row, table) for key, row in shown(connection, table).items()}
        assert found == current(told, table)


def objects_in(root: Path) -> FolderObjects:
    return FolderObjects(root)
