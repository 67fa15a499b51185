"""Every figure of every report equals a count in plain Python, whatever happened and however rows arrived."""

from __future__ import annotations

import math
from datetime import timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.measure.report import Question, answer
from functions.measure.report_files import read_report, report_names
from shared.domain.measure.period import Period
from tests.support.cases import UNIT, cases
from tests.support.lake_history import DAYS, FIRST, Rows, history
from tests.support.lake_state import DAY, State
from tests.support.lake_tables import lake_of
from tests.support.report_oracle import NOW, PRICES, Found
from tests.support.report_oracle_messages import AllCounted

pytestmark = UNIT
ZONES = (ZoneInfo("Europe/Istanbul"), ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"))
UNCOUNTED = {"lift", "changes", "about", "test", "calibration", "expected"}
"""Tables whose figures are compared in the tests of what is computed of them."""
seeds = st.integers(min_value=0, max_value=2**32)


def period_of(random: Random, zone: ZoneInfo) -> Period:
    first = State({}, zone, "TRY").local(FIRST).date() + timedelta(days=random.randrange(DAYS - 10))
    return Period(first, first + timedelta(days=random.randrange(40)), zone)


def by_key(rows: Found, key: list[str]) -> dict[tuple[Any, ...], dict[str, Any]]:
    """Rows by their key, which no two of them share."""
    made = {tuple(row[name] for name in key): row for row in rows}
    assert len(made) == len(rows)
    return made


def equal(one: Any, other: Any) -> bool:
    """Whole numbers and texts exactly; the rest as far as six decimals can say it."""
    if isinstance(one, str) or one is None or other is None:
        return bool(one == other)
    return math.isclose(one, other, abs_tol=1e-6)


def compare(rows: Rows, period: Period, segment: str, name: str) -> None:
    """One report against its counts, in the columns that the counts have."""
    said = answer(lake_of(rows), read_report(name), Question(period, "TRY", NOW, segment, prices=PRICES))
    counted = AllCounted(State(rows, period.zone, "TRY", segment), period)
    for table in said["tables"]:
        shown = {column["name"] for column in table["columns"]}
        if table["name"] in UNCOUNTED:
            continue
        expected: Found = getattr(counted, f"{name.replace('-', '_')}_{table['name']}")()
        found, right = by_key(table["rows"], table["key"]), by_key(expected, table["key"])
        assert set(found) == set(right), (name, table["name"])
        for key, row in right.items():
            wrong = {
                column: (found[key][column], value)
                for column, value in row.items()
                if column in shown and not equal(found[key][column], value)
            }
            assert wrong == {}, (name, table["name"], key)


@pytest.mark.parametrize("name", report_names())
@cases(2, 300)
@given(seeds)
def test_figures_equal_a_count_one_by_one(name: str, seed: int) -> None:
    """For random histories, periods, time zones and segments."""
    random = Random(seed)
    rows = history(random, people=random.choice((1, 2, 3, 8)), size=random.choice((0, 30, 60, 90)))
    period = period_of(random, random.choice(ZONES))
    compare(rows, period, random.choice(("", "", "loyal", "nobody-is-in-it")), name)


@pytest.mark.parametrize("name", report_names())
@cases(1, 100)
@given(seeds)
def test_rows_twice_late_and_in_any_order_give_the_same(name: str, seed: int) -> None:
    """The lake has each row at least once, in any order; a report has it once."""
    random = Random(seed)
    rows = history(random, people=6, size=40)
    period = period_of(random, ZONES[0])
    again: Rows = {}
    for table, some in rows.items():
        again[table] = [*some, *random.sample(some, len(some) // 2)]
        random.shuffle(again[table])
    asked = Question(period, "TRY", 0)
    assert answer(lake_of(unique(again)), read_report(name), asked) == answer(
        lake_of(unique(rows)), read_report(name), asked
    )


def unique(rows: Rows) -> Rows:
    """Without two different rows of one key and version, which no writer makes."""
    made: Rows = {}
    for table, some in rows.items():
        key = {"customers": ("root", "version"), "orders": ("home", "order_id", "version")}.get(table)
        key = key or (("home", "event") if table == "events" else ("kind", "id", "version"))
        found: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
        for row in sorted(some, key=str):
            have = found.setdefault(tuple(row[part] for part in key), [row])
            if row == have[0] and row is not have[0]:
                have.append(row)
        kept = {id(row) for have in found.values() for row in have}
        made[table] = [row for row in some if id(row) in kept]
    return made


def test_a_day_is_one_of_the_shop() -> None:
    """An order at 23:59 local time is of that day, though it is another day in UTC."""
    period = Period(*(State({}, ZONES[0], "TRY").local(FIRST).date(),) * 2, ZONES[0])
    order = {
        "home": "a", "order_id": "o", "root": "a", "version": 1, "decided_at": 1, "state": "completed",
        "channel": "web", "total": "10.00", "refunded": "4.00",
    }  # fmt: skip
    for at, orders in ((FIRST - 1, 0), (FIRST, 1), (FIRST + DAY - 1, 1), (FIRST + DAY, 0)):
        rows = {"orders": [order | {"ordered_at": at}]}
        totals = answer(lake_of(rows), read_report("overview"), Question(period, "TRY", 0))["tables"][0]["rows"][0]
        assert (totals["orders"], totals["revenue"]) == (orders, 6 * orders)
