"""The page about the lake names every column."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.domain.lake.tables import TABLES

pytestmark = pytest.mark.unit
PAGE = Path(__file__).resolve().parents[3] / "docs" / "lake.md"


@pytest.mark.parametrize("name", sorted(TABLES))
def test_the_page_names_every_column(name: str) -> None:
    """With its kind and meaning, in the order of the code, and nothing else."""
    table = TABLES[name]
    _, _, below = PAGE.read_text("utf-8").partition(f"### {name}\n")
    section = below.partition("\n### ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    assert rows == [f"| `{column.name}` | {column.kind} | {column.meaning} |" for column in table.columns]
    assert f"Newest: `{table.newest}`. Day: `{table.day}`." in section
