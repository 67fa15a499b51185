"""How many passed and broke off at each step: the sums of the report of journeys, beside the steps."""

from __future__ import annotations

import re

import pytest

from functions.console.journey_passed import DAYS
from shared.operators.reports import report
from tests.unit.console.report_world import ReportWorld
from tests.unit.console.shop_world import ShopWorld

pytestmark = pytest.mark.unit


def test_the_sums_are_those_of_the_report() -> None:
    """Each step of the demo's cart recovery, one question for the page; the page asks for it after it is there."""
    shop = ReportWorld()
    browser = shop.browser("marketer")
    part = browser.get("/console/journeys/cart-recovery/passed", hx_request="true", accept_language="en").text
    asked = next(one for one in shop.engine.questions if one.get("report") == "journeys")
    console = shop.console
    given = {"from": asked["from"], "to": asked["to"]}
    found = report(console.catalog, console.clock, console.reports(), "journeys", given)
    tables = {table["name"]: [r for r in table["rows"] if r["journey"] == "cart-recovery"] for table in found["tables"]}
    steps = {row["step"] for row in tables["steps"]}
    assert steps
    for step in steps:
        passed = sum(r["enrollments"] for r in tables["steps"] if r["step"] == step and r["became"] != "skipped")
        broke = sum(r["enrollments"] for r in tables["breaks"] if r["step"] == step)
        shown = re.search(rf'id="passed-cart-recovery-{step}"[^>]*>([^<]*)<', part)
        assert shown is not None
        assert f"{passed:,} passed" in shown[1]
        assert (f"{broke:,} broke off here" in shown[1]) is bool(broke)
    entered = sum(row["entered"] for row in tables["journeys"])
    assert f"Of {entered:,} that entered in the last {DAYS} days." in part
    assert len([one for one in shop.engine.questions if one.get("report") == "journeys"]) == 2


def test_without_a_lake_there_is_nothing_and_no_error() -> None:
    answer = ShopWorld().browser("marketer").get("/console/journeys/cart-recovery/passed", hx_request="true")
    assert (answer.status, answer.text.strip()) == (200, "")


def test_who_sees_no_report_is_not_asked_for_it() -> None:
    """An agent's page does not load it."""
    world = ShopWorld()
    assert "/passed" in world.browser("marketer").get("/console/journeys/cart-recovery").text
    assert "/passed" not in world.browser("agent").get("/console/journeys/cart-recovery").text
