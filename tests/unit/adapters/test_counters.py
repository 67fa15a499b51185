"""Counters as log lines."""

from __future__ import annotations

import json

import pytest

from shared.adapters.counters import count, gauge

pytestmark = pytest.mark.unit


def test_a_counter_is_one_line_that_cloudwatch_reads(capsys: pytest.CaptureFixture[str]) -> None:
    """The line names the namespace, the dimension and each amount that is not zero."""
    count({"sent": 2, "stray": 0}, channel="email")
    line = json.loads(capsys.readouterr().out)
    assert (line["sent"], line["channel"]) == ([2.0], "email")
    told = line["_aws"]["CloudWatchMetrics"][0]
    assert (told["Namespace"], told["Dimensions"], [metric["Name"] for metric in told["Metrics"]]) == (
        "Kervan",
        [["channel"]],
        ["sent"],
    )


def test_nothing_to_count_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """A quiet minute costs no log line."""
    count({"sent": 0}, channel="email")
    assert capsys.readouterr().out == ""


def test_a_gauge_tells_of_nothing_too(capsys: pytest.CaptureFixture[str]) -> None:
    """An empty segment has a size."""
    gauge({"SegmentSize": 0}, segment="new")
    line = json.loads(capsys.readouterr().out)
    assert (line["SegmentSize"], line["segment"]) == ([0.0], "new")
