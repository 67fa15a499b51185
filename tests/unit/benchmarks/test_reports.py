"""The benchmark of reports on a small lake: the same code in little."""

from __future__ import annotations

import pytest

from benchmarks.lake_of_a_year import Size
from benchmarks.reports import rows

pytestmark = pytest.mark.unit


def test_a_report_of_a_small_year_is_measured() -> None:
    """Seconds, memory and dollars of a report, each in a process of its own; the lake is taken away."""
    size = Size(events=3_000, messages=400, customers=100, decisions=300, orders=200)
    found = list(rows(size, [("overview", "", "2026-11-30")]))
    by = {row.what: row for row in found}
    assert by["overview over 30 days: seconds"].value > 0
    assert by["overview over 30 days: memory"].value > 30
    assert "dollars per 1,000 reports" in by["overview over 30 days: seconds"].note
    assert "3,000 events" in by["the lake: stored"].note
    assert by["its roll-ups: stored"].value > 0
    assert by["its roll-ups: all of them made anew"].value > 0
