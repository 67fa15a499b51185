"""A report as HTML and CSV: complete, escaped, in two languages."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest

from shared.domain.measure.page import page
from shared.domain.measure.report_csv import csv_text
from shared.domain.measure.value_text import Language, change_text, value_text
from tests.support.cases import UNIT

pytestmark = UNIT
HOSTILE = '"><script>alert(1)</script>&<img src=x onerror=y>'
VOID = {"meta", "rect", "line", "path", "polyline", "img"}


def column(name: str, kind: str) -> dict[str, Any]:
    return {
        "name": name,
        "kind": kind,
        "title": {"tr": f"{name}-tr", "en": f"{name}-en"},
        "between": [],
        "means": f"what {name} is",
    }


def table(name: str, kind: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "name": name, "title": {"tr": "Tablo", "en": "Table"}, "key": ["who", "day"],
        "columns": [column("who", "text"), column("day", "date"), column("count", "count"), column("share", "share")],
        "chart": {"kind": kind, "x": "day", "by": "who", "y": ["count", "share"]}, "empty": None, "rows": rows,
    }  # fmt: skip


def report(rows: list[dict[str, Any]], before: Any = None) -> dict[str, Any]:
    return {
        "title": {"tr": "Rapor", "en": "Report"}, "description": {"tr": "Açıklama", "en": "Description"},
        "from": "2026-11-01", "to": "2026-11-02", "days": 2, "before": before, "time_zone": "Europe/Istanbul",
        "currency": "TRY", "segment": HOSTILE,
        "tables": [table(kind, kind, rows) for kind in ("bars", "lines", "matrix")],
    }  # fmt: skip


ROWS: list[dict[str, Any]] = [
    {"who": HOSTILE, "day": "2026-11-01", "count": 5, "share": 0.5, "before": {"count": 4, "share": None}},
    {"who": "Şule", "day": "2026-11-02", "count": None, "share": -0.25, "before": None},
]


class Checked(HTMLParser):
    """Elements are closed in the order in which they were opened."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        assert not any(name.startswith("on") or name in {"src", "href"} for name, _ in attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("language", ["tr", "en"])
@pytest.mark.parametrize("rows", [[], ROWS, ROWS[1:]])
def test_a_page_is_whole_and_runs_nothing(language: Language, rows: list[dict[str, Any]]) -> None:
    """No script, nothing to fetch, every element closed, whatever names say."""
    said = page(report(rows, {"from": "2026-10-30", "to": "2026-10-31"}), language)
    checked = Checked()
    checked.feed(said)
    assert checked.open == []
    assert not {"script", "img", "link", "iframe"} & set(checked.seen)
    assert "http" not in said
    assert HOSTILE in checked.text  # the segment, as text
    assert f'<html lang="{language}">' in said
    assert ("Önceki dönem" in said) == (language == "tr")


def test_pictures_hold_their_numbers() -> None:
    """Bars and cells have their number as text, lines differ in dashes."""
    said = page(report(ROWS), "en")
    assert "<rect" in said
    assert '<polyline class="line1" stroke-dasharray="6 4"' in said
    assert '<td class="shade20">' in said
    assert "was 4" in said


@pytest.mark.parametrize(
    ("value", "kind", "turkish", "english"),
    [
        (1234567, "count", "1.234.567", "1,234,567"),
        (999.5, "money", "999,50 TRY", "999.50 TRY"),
        (1234.5, "money", "1.234 TRY", "1,234 TRY"),
        (-0.004, "money", "0,00 TRY", "0.00 TRY"),
        (0.0734, "share", "%7,3", "7.3%"),
        (-0.1, "share", "-%10,0", "-10.0%"),
        (-0.0001, "share", "%0,0", "0.0%"),
        (-0.021, "points", "-2,1 puan", "-2.1 points"),
        (12.25, "days", "12,2 gün", "12.2 days"),
        (1, "weekday", "Pzt", "Mon"),
        (None, "count", "–", "–"),
        ("email + sms", "text", "e-posta + SMS", "e-mail + SMS"),
        ("cart-recovery", "text", "cart-recovery", "cart-recovery"),
    ],
)
def test_values_are_written_for_the_reader(value: Any, kind: str, turkish: str, english: str) -> None:
    """With the marks and words of the language."""
    assert value_text(value, kind, "tr", "TRY" if kind == "money" else "") == turkish
    assert value_text(value, kind, "en", "TRY" if kind == "money" else "") == english


def test_a_change_is_told_by_an_arrow_and_a_number() -> None:
    """Nothing where nothing was before."""
    pairs = ((12, 10), (5, 10), (10, 10), (1, 0), (None, 1), (1, None), ("open", "better"), (-1, 4), (4, -1))
    assert [change_text(now, before, "count", "en") for now, before in pairs] == [
        "▲ 20.0%", "▼ 50.0%", "= 0.0%", "", "", "", "", "", "",
    ]  # fmt: skip
    assert [change_text(now, 0.1, "share", "en") for now in (0.12, 0.05, 0.1)] == [
        "▲ 2.0 points", "▼ 5.0 points", "= 0.0 points",
    ]  # fmt: skip


def test_csv_runs_nothing_in_a_spreadsheet() -> None:
    """Names that begin as formulas get an apostrophe; numbers below zero stay numbers."""
    rows = [
        {"who": "=HYPERLINK(1)", "day": "2026-11-01", "count": 5, "share": -0.25, "before": {"count": 1, "share": 2}}
    ]
    lines = csv_text(table("t", "bars", rows)).split("\r\n")
    assert lines == ["\ufeffwho,day,count,share,before.count,before.share", "'=HYPERLINK(1),2026-11-01,5,-0.25,1,2", ""]


@pytest.mark.parametrize(("rows", "folded"), [(40, 1), (41, 2)])
def test_many_rows_are_folded_behind_their_picture(rows: int, folded: int) -> None:
    """Whoever wants the numbers opens them; a short table is seen at once."""
    found = report([{"who": f"w{n}", "day": "2026-11-01", "count": n, "share": 0.1} for n in range(rows)])
    found["tables"] = found["tables"][:1]
    assert page(found, "en").count("<details>") == folded
