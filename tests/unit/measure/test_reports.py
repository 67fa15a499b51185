"""What a report's file must say, how periods are compared, and what verdicts need."""

from __future__ import annotations

import re
from datetime import date
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from functions.measure.finish import channel_lift, compared_arms, compared_holdout
from functions.measure.report import Question, answer
from functions.measure.report_files import FOLDER, listed, read_report, report_names
from shared.domain.measure.intervals import Stratum, matched, rate_of
from shared.domain.measure.period import Period
from tests.support.cases import UNIT
from tests.support.lake_history import history
from tests.support.lake_state import State
from tests.support.lake_tables import lake_of
from tests.support.report_oracle_groups import GroupsCounted

pytestmark = UNIT
ISTANBUL = ZoneInfo("Europe/Istanbul")
PERIOD = Period(date(2026, 3, 20), date(2026, 4, 10), ISTANBUL)
EXPECTED = {
    "overview", "messages", "journeys", "channels", "start-finish", "break-points", "cycle", "cohorts", "rfm",
    "segments", "preferred-channel", "send-time", "sources", "holdout", "ab", "digest", "predictions", "service",
}  # fmt: skip


def test_every_report_is_there_and_names_what_it_has() -> None:
    """Keys and charts name columns; both languages are written; the list shows all."""
    assert set(report_names()) == EXPECTED == {item["name"] for item in listed()}
    for name in report_names():
        head = read_report(name).head
        for table in head.tables:
            named = {*table.key, *((table.chart.x, *table.chart.y) if table.chart else ())}
            named |= {table.chart.by} if table.chart and table.chart.by else set()
            assert named <= set(table.columns), (name, table.name)
            assert {end for column in table.columns.values() for end in column.between} <= set(table.columns)
            assert "before" not in table.columns  # rows have the period before under it
            for column in table.columns.values():
                assert all((column.tr, column.en, column.means)), (name, table.name)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_every_report_answers_an_empty_lake(name: str) -> None:
    """A shop of the first day sees no error."""
    said = answer(lake_of({}), read_report(name), Question(PERIOD, "TRY", 0, "", compare=True))
    assert (said["from"], said["to"], said["before"]["to"]) == ("2026-03-20", "2026-04-10", "2026-03-19")
    assert said["time_zone"] == "Europe/Istanbul"


def test_no_statement_is_put_together_from_text() -> None:
    """Files hold no place for a value: what is asked comes from the table of bound parameters."""
    for name in report_names():
        body = (FOLDER / f"{name}.sql").read_text("utf-8").partition("*/")[2]
        assert not re.search(
            r"[{}$%?]", body.replace("'%Y-%m'", "").replace("'Order %'", "").replace("%Y-%m-%d", "")
        ), name


@pytest.mark.parametrize("segment", ["'; DROP TABLE asked; --", "loyal' OR '1' = '1", "\\", "çok iyi"])
def test_a_segment_is_a_value_whatever_it_says(segment: str) -> None:
    """Nobody is in it, so nothing counts."""
    rows = history(Random(1))
    said = answer(lake_of(rows), read_report("overview"), Question(PERIOD, "TRY", 0, segment))
    assert said["tables"][0]["rows"][0]["orders"] == 0


def test_the_period_before_stands_beside() -> None:
    """Each number equals that of a report about the earlier days; days stand beside days by their place."""
    lake = lake_of(history(Random(5), size=80))
    for name in ("overview", "messages"):
        both = answer(lake, read_report(name), Question(PERIOD, "TRY", 0, compare=True))["tables"]
        now = answer(lake, read_report(name), Question(PERIOD, "TRY", 0))["tables"]
        then = answer(lake, read_report(name), Question(PERIOD.before(), "TRY", 0))["tables"]
        for table, here, earlier in zip(both, now, then, strict=True):
            shown = [{key: value for key, value in row.items() if key != "before"} for row in table["rows"]]
            assert shown[: len(here["rows"])] == here["rows"]
            befores = [row["before"] for row in table["rows"] if row["before"]]
            numbers = [{k: v for k, v in row.items() if k not in table["key"]} for row in earlier["rows"]]
            assert sorted(map(str, befores)) == sorted(map(str, numbers))
    days = next(table for table in both if table["name"] == "days")
    assert len(days["rows"][0]["day"]) == 10


def arm(name: str, customers: int, converted: int, revenue: float = 0.0) -> dict[str, Any]:
    squares = revenue * revenue / max(1, converted)
    return {
        "journey": "cart", "step": "s", "arm": name, "customers": customers, "converted": converted,
        "revenue": revenue, "squares": squares,
    }  # fmt: skip


def test_no_winner_is_named_too_early() -> None:
    """A difference that one look would call true is left open; a large one of many customers is not."""
    rows = compared_arms([arm("a", 200, 20), arm("b", 200, 36)])
    assert [row["verdict"] for row in rows] == ["reference", "open"]
    assert rows[1]["low"] > 0  # one look would have named it
    assert rows[1]["needed"] > 0
    rows = compared_arms([arm("a", 5000, 500), arm("b", 5000, 750)])
    assert [row["verdict"] for row in rows] == ["reference", "better"]
    assert rows[1]["needed"] == 0
    rows = compared_arms([arm("a", 5000, 500), arm("control", 5000, 750)])
    assert [(row["arm"], row["verdict"]) for row in rows] == [("control", "reference"), ("a", "worse")]
    assert compared_arms([arm("a", 5000, 500)]) == []


def test_a_holdout_needs_both_groups() -> None:
    """Of a journey in which nobody was held out, nothing is said."""
    assert compared_holdout([arm("in", 90, 9)]) == []
    (row,) = compared_holdout([arm("in", 5000, 750, 75_000.0), arm("out", 5000, 500, 40_000.0)])
    assert (row["verdict"], row["held_out"], row["customers"]) == ("better", 5000, 5000)
    assert row["revenue_difference"] == pytest.approx(7.0)
    assert row["revenue_low"] < 7 < row["revenue_high"]


def test_the_lift_of_a_pair_equals_matching_by_hand() -> None:
    """Counts of strata come from plain Python, their weighting from the tested module."""
    rows = history(Random(11), people=150, size=600)
    live = [row for row in rows["customers"] if row["state"] == "live"]
    rows["customers"] = [row | {"members": [row["root"]]} for row in live[:30]]  # few segments: large strata
    period = Period(date(2026, 3, 1), date(2026, 4, 30), ISTANBUL)
    strata = GroupsCounted(State(rows, ISTANBUL, "TRY"), period).lift_strata()
    said = answer(lake_of(rows), read_report("channels"), Question(period, "TRY", 0))["tables"][-1]["rows"]
    assert said
    for row in said:
        first, second = row["pair"].split(" + ")
        names = {name[2] for name in strata if name[:2] == (first, second)}
        pairs = [tuple(strata.get((first, second, name, both)) for both in (True, False)) for name in names]
        whole = [(one, other) for one, other in pairs if one and other and min(one[0], other[0]) > 1]
        found = matched([Stratum(rate_of(*both[1::-1]), rate_of(*alone[1::-1])) for both, alone in whole])
        assert found is not None
        assert (row["rate_both"], row["rate_alone"]) == pytest.approx(found[:2], abs=1e-5)
        assert (row["low"], row["high"]) == pytest.approx((found[2].low, found[2].high), abs=1e-5)
        assert row["both"] == sum(both[0] for both, _ in whole)
        everybody = sum(counts[0] for name, counts in strata.items() if name[:2] == (first, second) and name[3])
        assert row["both"] + row["left_out"] == everybody
    assert channel_lift([]) == []
