"""Reports: the list, one with its days, its pictures and numbers, its SQL, and its files.

Pictures are SVG that is written here, so a report needs no script
(docs/decisions/2026-11-29-pictures-of-reports-in-the-console.md).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from markupsafe import Markup

from functions.console.file_answer import file_answer
from functions.console.page import page
from functions.console.shop import ShopView, shop_of
from functions.console.visit import Visit
from shared.domain.measure.page import page as report_page
from shared.domain.measure.page import table_part
from shared.domain.measure.report_csv import csv_text
from shared.http.answers import Answer, Problem, malformed, not_found
from shared.operators.reports import report, report_sql, reports
from shared.stores.releases import Releases

ASKED = ("from", "to", "segment", "compare")
RANGES = (7, 30, 90, 365)
"""Days that end yesterday."""
GROUPS = (
    ("results", ("overview", "digest", "messages", "journeys", "channels", "holdout", "ab")),
    ("customers", ("segments", "rfm", "cohorts", "cycle", "predictions", "preferred-channel")),
    ("paths", ("start-finish", "break-points", "send-time", "sources")),
    ("service", ("service",)),
)
"""In which order reports are listed; one that is in no group comes last."""
NAME = re.compile(r"[a-z-]{1,40}")
MOST_ROWS = 12
"""Of a table that has a picture; more are folded behind it."""
TOO_MUCH = 413


@dataclass(frozen=True, slots=True)
class Quick:
    """A link to days that people often want."""

    days: int
    query: str
    current: bool


def show(visit: Visit) -> Answer:
    """Every report with what it says."""
    listed = _listed(visit)
    if listed is None:
        return page(visit, "reports.html", shop=_shop(visit), groups=None)
    known = {one["name"]: one for one in listed}
    groups = [(name, [known.pop(one) for one in names if one in known]) for name, names in GROUPS]
    groups[-1][1].extend(known.values())
    return page(visit, "reports.html", shop=_shop(visit), groups=groups)


def one(visit: Visit, name: str) -> Answer:
    """The days and whom it is about; the report itself is computed by a request of its own."""
    head, shop = _head(visit, name), _shop(visit)
    asked = _asked(visit)
    yesterday = visit.environment.clock.now().astimezone(ZoneInfo(shop.zone)).date() - timedelta(days=1)
    if not asked["to"]:
        asked["to"] = yesterday.isoformat()
    if not asked["from"]:
        asked["from"] = (_day(asked["to"]) - timedelta(days=RANGES[1] - 1)).isoformat()
    release = Releases(visit.environment.catalog).current()
    return page(
        visit,
        "report.html",
        shop=shop,
        report=head,
        asked=asked,
        query=_query(asked),
        quick=[_quick(days, yesterday, asked) for days in RANGES],
        segments=release.segments,
    )


def answer(visit: Visit, name: str) -> Answer:
    """Pictures and numbers; a refusal of the engine says what to ask instead."""
    asked = _asked(visit)
    try:
        found = _report(visit, name, asked)
    except Problem as refused:
        if refused.status not in (400, TOO_MUCH):
            raise
        return page(visit, "report_refused.html", much=refused.status == TOO_MUCH)
    drawn = [Markup(table_part(table, found, visit.language, MOST_ROWS)) for table in found["tables"]]  # noqa: S704 - escaped there
    return page(visit, "report_answer.html", report=found, parts_html=drawn, query=_query(asked))


def sql(visit: Visit, name: str) -> Answer:
    """The statements, in the order in which they run."""
    _name(name)
    found = report_sql(visit.environment.reports(), name)
    return page(visit, "report_sql.html", shop=_shop(visit), report=found)


def file(visit: Visit, name: str) -> Answer:
    """A table as CSV, or the whole report as one HTML file."""
    wanted, table = visit.request.query.get("as", ""), visit.request.query.get("table", "")
    found = _report(visit, name, _asked(visit))
    days = f"{found['from']}-{found['to']}"
    if wanted == "html":
        return file_answer(visit, report_page(found, visit.language), f"{name}-{days}.html", "text/html")
    rows = next((one for one in found["tables"] if one["name"] == table), None)
    if wanted != "csv" or rows is None:
        raise malformed("there is no such file of this report")
    return file_answer(visit, csv_text(rows), f"{name}-{table}-{days}.csv", "text/csv")


def _report(visit: Visit, name: str, asked: Mapping[str, str]) -> Mapping[str, Any]:
    environment = visit.environment
    compare = "compare" in _head(visit, name)["parameters"]
    given = {**asked, "compare": asked["compare"] if compare else ""}
    found: Mapping[str, Any] = report(environment.catalog, environment.clock, environment.reports(), name, given)
    return found


def _listed(visit: Visit) -> list[dict[str, Any]] | None:
    """None where there is no lake."""
    answers = visit.environment.reports()
    if answers is None:
        return None
    return [{**one, "picture": _picture(one)} for one in reports(answers)["items"]]


def _picture(head: Mapping[str, Any]) -> str:
    """How the first table that is drawn is drawn."""
    return next((str(table["chart"]["kind"]) for table in head["tables"] if table["chart"]), "")


def _head(visit: Visit, name: str) -> dict[str, Any]:
    _name(name)
    for head in _listed(visit) or ():
        if head["name"] == name:
            return head
    raise not_found("there is no such report")


def _name(name: str) -> None:
    if not NAME.fullmatch(name):
        raise not_found("there is no such report")


def _asked(visit: Visit) -> dict[str, str]:
    """What the address says, each part ``""`` if it is left out. Raises Problem (400) for what is no day."""
    asked = {name: visit.request.query.get(name, "") for name in ASKED}
    for name in ("from", "to"):
        if asked[name]:
            _day(asked[name])
    return asked


def _day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError as broken:
        raise malformed("a day is written as 2026-11-29") from broken


def _query(asked: Mapping[str, str]) -> str:
    return urlencode({name: text for name, text in asked.items() if text})


def _quick(days: int, yesterday: date, asked: Mapping[str, str]) -> Quick:
    span = {"from": (yesterday - timedelta(days=days - 1)).isoformat(), "to": yesterday.isoformat()}
    return Quick(days, _query({**asked, **span}), all(asked[name] == day for name, day in span.items()))


def _shop(visit: Visit) -> ShopView:
    return shop_of(Releases(visit.environment.catalog).current())
