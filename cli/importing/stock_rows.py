"""Rows of a stock file: CSV, TSV or NDJSON with ``sku``, ``location``, ``quantity`` and perhaps ``kind``."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cli.failure import WrongUse

NAMES = {
    "sku": "sku", "stok kodu": "sku", "stock code": "sku", "location": "location", "lokasyon": "location",
    "depo": "location", "mağaza": "location", "store": "location", "quantity": "quantity", "adet": "quantity",
    "miktar": "quantity", "stok": "quantity", "on_hand": "quantity", "kind": "kind",
}  # fmt: skip
"""Headings, in small letters, and what they mean."""
KINDS = frozenset({"sale", "return", "receipt", "count"})
MOST_BYTES = 200_000_000


@dataclass(slots=True)
class StockRows:
    """Lines for the API with their numbers in the file, what cannot be read, and a digest of the file."""

    digest: str
    lines: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)


def read_stock_rows(file: Path, kind: str) -> StockRows:
    """Read a whole file; a row that cannot be read costs only itself.

    Raises
    ------
    WrongUse
        If the file is not there, is no UTF-8 text, or names no column that is needed.
    """
    try:
        if file.stat().st_size > MOST_BYTES:
            raise WrongUse(f"{file} is larger than {MOST_BYTES // 1_000_000} MB; split it")
        raw = file.read_bytes()
        text = raw.decode("utf-8-sig")
    except FileNotFoundError as absent:
        raise WrongUse(f"there is no file {file}") from absent
    except (UnicodeDecodeError, OSError) as broken:
        raise WrongUse(f"{file} cannot be read as UTF-8 text") from broken
    rows = StockRows(hashlib.blake2b(raw, digest_size=12).hexdigest())
    numbered = _json_rows(text, rows) if text.lstrip().startswith("{") else _table_rows(file, text)
    for number, row in numbered:
        problem = _problem(row)
        if problem:
            rows.refused.append({"line": number, "reason": problem})
        else:
            quantity = int(str(row["quantity"]).strip())
            said = {"sku": str(row["sku"]).strip(), "location": str(row["location"]).strip(), "quantity": quantity}
            rows.lines.append((number, {"kind": str(row.get("kind") or kind).strip(), **said}))
    if not rows.lines and not rows.refused:
        raise WrongUse(f"{file} holds no row")
    return rows


def _table_rows(file: Path, text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    first = text.splitlines()[0] if text.strip() else ""
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    header = [NAMES.get(cell.strip().lower(), "") for cell in next(reader, [])]
    missing = {"sku", "location", "quantity"} - set(header)
    if missing:
        raise WrongUse(f"{file} has no column {', '.join(sorted(missing))}; the first line names the columns")
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield reader.line_num, {name: cell for name, cell in zip(header, cells, strict=False) if name}


def _json_rows(text: str, rows: StockRows) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, written in enumerate(text.splitlines(), 1):
        if not written.strip():
            continue
        try:
            row = json.loads(written)
        except (ValueError, RecursionError):
            row = None
        if isinstance(row, dict):
            yield number, row
        else:
            rows.refused.append({"line": number, "reason": "no JSON object"})


def _problem(row: dict[str, Any]) -> str:
    """What is wrong with a row, or nothing. The API looks at what is left."""
    for name in ("sku", "location"):
        value = str(row.get(name) or "").strip()
        if not 1 <= len(value) <= (100 if name == "sku" else 64) or not value.isprintable():
            return f"{name} is missing or too long"
    quantity = str(row.get("quantity", "")).strip()
    if isinstance(row.get("quantity"), bool) or not quantity.isascii() or not quantity.isdigit() or len(quantity) > 9:
        return "quantity is not a whole number of pieces"
    kind = str(row.get("kind") or "count").strip()
    if kind not in KINDS:
        return "kind is not count, receipt, sale or return"
    if int(quantity) == 0 and kind != "count":
        return "quantity is 0"
    return ""
