"""How many passed each step of a journey and how many broke off there, of the last thirty days: one report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from functions.console.page import page
from functions.console.shop import shop_of
from functions.console.visit import Visit
from shared.http.answers import Answer, Problem
from shared.operators.reports import report
from shared.stores.releases import Releases

DAYS = 30
REPORT = "journeys"
SKIPPED = "skipped"


def show(visit: Visit, name: str) -> Answer:
    """Parts beside the steps of the page; nothing where there is no lake, or where it did not answer in time."""
    environment = visit.environment
    shop = shop_of(Releases(environment.catalog).current())
    last = environment.clock.now().astimezone(ZoneInfo(shop.zone)).date() - timedelta(days=1)
    asked = {"from": (last - timedelta(days=DAYS - 1)).isoformat(), "to": last.isoformat()}
    try:
        found = report(environment.catalog, environment.clock, environment.reports(), REPORT, asked)
    except Problem as refused:
        if refused.status not in (404, 422, 503):
            raise
        return page(visit, "journey_passed.html", name=name, steps=None, asked=asked, entered=0)
    tables = {table["name"]: [row for row in table["rows"] if row["journey"] == name] for table in found["tables"]}
    entered = sum(int(row["entered"]) for row in tables["journeys"])
    return page(visit, "journey_passed.html", name=name, steps=_steps(tables), asked=asked, entered=entered, days=DAYS)


def _steps(tables: Mapping[str, Any]) -> list[tuple[str, int, int, int]]:
    """By step: passed, passed without being said, and broke off behind it before the end."""
    passed, skipped, broke = Counter[str](), Counter[str](), Counter[str]()
    for row in tables["steps"]:
        (skipped if row["became"] == SKIPPED else passed)[str(row["step"])] += int(row["enrollments"])
    for row in tables["breaks"]:
        broke[str(row["step"] or "")] += int(row["enrollments"])
    return [(step, passed[step], skipped[step], broke[step]) for step in sorted({*passed, *skipped, *broke})]
