"""What the digest and predictions are made of equals a count in plain Python."""

from __future__ import annotations

import math
from random import Random
from typing import Any

import duckdb
from hypothesis import given
from hypothesis import strategies as st

from functions.measure.report import Question, answer
from functions.measure.report_files import read_report
from shared.domain.measure.advice import figures
from shared.domain.measure.period import Period
from tests.support.cases import UNIT, cases
from tests.support.lake_history import history
from tests.support.lake_state import State
from tests.support.lake_tables import lake_of
from tests.support.report_oracle import NOW
from tests.support.report_oracle_digest import DigestCounted
from tests.unit.measure.test_against_counts import ZONES, period_of

pytestmark = UNIT
seeds = st.integers(min_value=0, max_value=2**32)


def asked(seed: int, name: str) -> tuple[duckdb.DuckDBPyConnection, DigestCounted, Period]:
    """The lake of a random history after a report, and who counts it."""
    random = Random(seed)
    rows = history(random, people=random.choice((1, 3, 8)), size=random.choice((0, 40, 80)))
    period, segment = period_of(random, random.choice(ZONES)), random.choice(("", "", "loyal"))
    lake = lake_of(rows)
    answer(lake, read_report(name), Question(period, "TRY", NOW, segment))
    return lake, DigestCounted(State(rows, period.zone, "TRY", segment), period), period


def rows_of(lake: duckdb.DuckDBPyConnection, table: str) -> list[dict[str, Any]]:
    found = lake.execute(f"SELECT * FROM {table}")
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


@cases(4, 300)
@given(seeds)
def test_figures_of_two_periods_equal_a_count(seed: int) -> None:
    """Each sum and each product, per figure; every figure has rules of what to try."""
    lake, counted, _ = asked(seed, "digest")
    found = {(row["area"], row["subject"], row["figure"]): row for row in rows_of(lake, "figures")}
    right = counted.figures()
    assert set(found) == set(right)
    for name, sums in right.items():
        assert {one: int(found[name][one]) for one in sums if one in found[name]} == {
            one: value for one, value in sums.items() if one in found[name]
        }, name
    assert {figure for _, _, figure in found} <= figures()


@cases(4, 300)
@given(seeds)
def test_what_is_known_of_customers_equals_a_count(seed: int) -> None:
    """On the last day, and 90 and 180 days before it."""
    lake, counted, _ = asked(seed, "predictions")
    found = {row["person"]: row for row in rows_of(lake, "told")}
    right = counted.told()
    assert set(found) == set(right)
    for person, known in right.items():
        for name, value in known.items():
            have = found[person][name]
            same = have == value or (isinstance(value, float) and math.isclose(have, value, abs_tol=1e-6))
            assert same, (person, name, have, value)
