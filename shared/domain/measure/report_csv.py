"""A table of a report as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

BYTE_ORDER_MARK = "\ufeff"
"""Spreadsheets read the text as UTF-8 because of it."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_text(table: Mapping[str, Any]) -> str:
    """The rows under the names of their columns; of a comparison also ``before.<name>``.

    A text that a spreadsheet would take as a formula gets an apostrophe: names can come from anybody.
    """
    names = [column["name"] for column in table["columns"]]
    numbers = [name for name in names if name not in table["key"]]
    compared = any("before" in row for row in table["rows"])
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\r\n")
    writer.writerow([*names, *(f"before.{name}" for name in numbers if compared)])
    for row in table["rows"]:
        before = row.get("before") or {}
        values = [row[name] for name in names] + [before.get(name) for name in numbers if compared]
        writer.writerow([_cell(value) for value in values])
    return BYTE_ORDER_MARK + made.getvalue()


def _cell(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
