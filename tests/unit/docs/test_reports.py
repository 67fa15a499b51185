"""The page of reports names every report and each of its tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from functions.measure.report_files import read_report, report_names

pytestmark = pytest.mark.unit
PAGE = (Path(__file__).parents[3] / "docs" / "reports.md").read_text("utf-8")


@pytest.mark.parametrize("name", report_names())
def test_the_page_names_every_report(name: str) -> None:
    """In its own row, with its tables in their order."""
    tables = ", ".join(f"`{table.name}`" for table in read_report(name).head.tables)
    (row,) = (line for line in PAGE.splitlines() if line.startswith(f"| `{name}` |"))
    assert row.endswith(f"| {tables} |")
