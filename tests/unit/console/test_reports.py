"""Reports in the console: found, drawn, read as SQL and downloaded, by who may see them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from functions.measure.report_files import read_report, report_names
from functions.measure.report_files import sql_json as written
from shared.domain.measure.page import table_part
from shared.ports import Throttled
from tests.unit.console.report_world import ReportWorld
from tests.unit.console.shop_world import HOSTILE, ShopWorld

pytestmark = pytest.mark.unit
REPORTS = "/console/reports"
INLINE = re.compile(r"<script(?! src=)|<style|\sstyle=|\son[a-z]+=")


@pytest.fixture(scope="module")
def shop() -> ReportWorld:
    return ReportWorld()


def test_every_report_is_listed_once(shop: ReportWorld) -> None:
    """Also one that nobody put into a group, in both languages."""
    for language in ("tr", "en"):
        page = shop.browser("marketer").get(REPORTS, accept_language=language).text
        assert sorted(re.findall(r'href="/console/reports/([a-z-]+)"', page)) == list(report_names())
        assert read_report("rfm").head.title.model_dump()[language] in page


def test_the_page_is_there_before_the_numbers(shop: ReportWorld) -> None:
    """Thirty days that end yesterday, as the command asks them; the numbers are a request of their own."""
    shop.engine.questions.clear()
    page = shop.browser("marketer").get(f"{REPORTS}/overview").text
    assert [one for one in shop.engine.questions if "report" in one] == []
    assert 'name="from" value="2026-10-30"' in page
    assert 'name="to" value="2026-11-28"' in page
    assert 'hx-get="/console/reports/overview/answer?from=2026-10-30&amp;to=2026-11-28"' in page
    assert page.count('aria-current="true"') == 1


@pytest.mark.parametrize("name", report_names())
def test_every_report_is_drawn_without_a_style_of_its_own(shop: ReportWorld, name: str) -> None:
    """The policy of the console would refuse it. Every table is there with its title."""
    compare = "&compare=true" if "compare" in read_report(name).head.parameters else ""
    browser = shop.browser("marketer")
    part = browser.get(f"{REPORTS}/{name}/answer?from=2026-11-01&to=2026-11-28{compare}", hx_request="true")
    assert part.status == 200
    for table in read_report(name).head.tables:
        assert f"<h2>{table.title.en}</h2>" in part.text
    assert not INLINE.search(part.text)
    assert "<html" not in part.text


def test_what_is_asked_is_what_is_answered(shop: ReportWorld) -> None:
    """Days, segment and comparison come to the engine as the address says; comparing is left out where it cannot be."""
    shop.engine.questions.clear()
    browser = shop.browser("marketer")
    asked = "from=2026-11-01&to=2026-11-10&segment=new&compare=true"
    assert "period before 2026-10-22 to 2026-10-31" in browser.get(f"{REPORTS}/overview/answer?{asked}").text
    browser.get(f"{REPORTS}/cohorts/answer?{asked}")
    told = [one for one in shop.engine.questions if "report" in one]
    assert [(one["from"], one["to"], one["segment"], one["compare"]) for one in told] == [
        ("2026-11-01", "2026-11-10", "new", "true"),
        ("2026-11-01", "2026-11-10", "new", ""),
    ]
    assert {one["time_zone"] for one in told} == {"Europe/Istanbul"}


def test_days_that_cannot_be_are_refused_with_what_to_do(shop: ReportWorld) -> None:
    """By the engine in words, by the page as a broken address."""
    browser = shop.browser("marketer")
    assert "These days cannot be used" in browser.get(f"{REPORTS}/overview/answer?from=2026-11-28&to=2026-11-01").text
    assert browser.get(f"{REPORTS}/overview?from=yesterday").status == 400
    assert browser.get(f"{REPORTS}/overview/answer?to=<script>").status == 400
    for path in ("nothing", "nothing/answer", "nothing/sql", "../etc", "nothing/file?as=html"):
        assert browser.get(f"{REPORTS}/{path}").status == 404


def test_a_table_is_downloaded_as_csv_and_the_report_as_html(shop: ReportWorld) -> None:
    """As files that no page of ours runs; the days stand in their names."""
    browser = shop.browser("marketer")
    days = "from=2026-11-01&to=2026-11-10"
    table = browser.get(f"{REPORTS}/overview/file?as=csv&table=days&{days}")
    assert table.headers["content-disposition"] == 'attachment; filename="overview-days-2026-11-01-2026-11-10.csv"'
    assert table.headers["cache-control"] == "private, no-store"
    rows = list(csv.DictReader(io.StringIO(table.text.removeprefix("\ufeff"))))
    assert [rows[0]["day"], rows[-1]["day"], len(rows)] == ["2026-11-01", "2026-11-10", 10]
    whole = browser.get(f"{REPORTS}/overview/file?as=html&{days}", accept_language="tr")
    assert whole.headers["content-disposition"].startswith("attachment")
    assert "<h1>Genel bakış</h1>" in whole.text
    for wanted in ("as=csv", "as=csv&table=x", "as=pdf", ""):
        assert browser.get(f"{REPORTS}/overview/file?{wanted}").status == 400


@pytest.mark.parametrize("name", report_names())
def test_the_sql_that_is_read_is_the_sql_that_runs(shop: ReportWorld, name: str) -> None:
    """Each statement whole, as text."""
    page = shop.browser("marketer").get(f"{REPORTS}/{name}/sql").text
    shown = [
        re.sub("&lt;", "<", re.sub("&gt;", ">", re.sub("&#39;", "'", re.sub("&#34;", '"', text)))).replace("&amp;", "&")
        for text in re.findall(r"<pre[^>]*><code>(.*?)</code></pre>", page, re.DOTALL)
    ]
    told = written(name)
    assert shown == [*(one["sql"] for one in told["tables"] + told["shared"]), told["base"]]
    assert {one["name"]: one["sql"] for one in told["tables"]} == read_report(name).statements


def test_reports_are_for_marketers_and_administrators(shop: ReportWorld) -> None:
    """Others see no link to them."""
    for role in ("agent", "privacy"):
        browser = shop.browser(role)
        assert "/console/reports" not in browser.get("/console").text
        for path in ("", "/overview", "/overview/answer", "/overview/sql", "/overview/file?as=html"):
            assert browser.get(REPORTS + path).status == 403


def test_without_a_lake_the_page_says_how_to_get_one() -> None:
    """And a report that is asked for is not there."""
    world = ShopWorld()
    world.console = replace(world.console, reports=lambda: None)
    browser = world.browser("marketer")
    assert "-c lake=on" in browser.get(REPORTS).text
    assert browser.get(f"{REPORTS}/overview").status == 404


def test_an_engine_that_is_late_or_has_too_much_is_said(shop: ReportWorld) -> None:
    """Nobody answers: 503, to be tried again. Too many rows: fewer days."""

    class Late:
        def ask(self, question: Mapping[str, Any]) -> Mapping[str, Any]:
            if "list" in question:
                return shop.engine.ask(question)
            if question["segment"]:
                raise Throttled("no report now")
            return {"status": 413, "message": "too many rows"}

    world = ReportWorld()
    world.console = replace(world.console, reports=Late)
    browser = world.browser("marketer")
    assert browser.get(f"{REPORTS}/overview/answer?segment=x", hx_request="true").status == 503
    assert "Choose fewer days" in browser.get(f"{REPORTS}/overview/answer").text


def test_what_stands_in_a_report_is_text() -> None:
    """Names of journeys, products and sources come from anybody."""
    columns = [
        {"name": "name", "kind": "text", "title": {"tr": "Ad", "en": "Name"}, "means": HOSTILE[0], "between": []},
        {"name": "n", "kind": "count", "title": {"tr": "n", "en": HOSTILE[1]}, "means": "n", "between": []},
    ]
    rows = [{"name": text, "n": 5} for text in HOSTILE]
    for kind in ("bars", "lines", "matrix"):
        drawn = {"kind": kind, "x": "name", "y": ["n"], "by": "name" if kind == "matrix" else ""}
        table = {"name": "t", "title": {"tr": "t", "en": HOSTILE[0]}, "key": ["name"], "columns": columns}
        made = table_part({**table, "chart": drawn, "rows": rows, "empty": None}, {"currency": HOSTILE[1]}, "en")
        assert not re.search(r"<(script|img|svg onload)", made)
        assert "&lt;script&gt;" in made
