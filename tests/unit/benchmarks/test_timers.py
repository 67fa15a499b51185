"""The benchmark of timers holds its targets at any size."""

from __future__ import annotations

import pytest

from benchmarks import timers

pytestmark = pytest.mark.unit


def test_arming_firing_and_an_idle_tick_cost_what_they_should() -> None:
    """Arm 1, cancel 0, fire 2 with deletion; 16 read units for a tick with nothing due, whatever is pending."""
    rows = list(timers.rows(pending=2_000, herd=2_000, measured=400))
    assert [row.what for row in rows if row.verdict == "missed"] == []
    assert sum(row.verdict == "met" for row in rows) >= 9
    found = {row.what: row.value for row in rows}
    assert found["the minute's tick with nothing due, 2,000 pending: requests"] == 16
    assert found["2,000 timers due in one minute, handed over: requests to the queue"] <= 16
