"""Pages of reports as readers see them: on a phone, on a desktop and on paper, in light and in dark mode."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cli.demo_shop.play import play
from cli.lake_folder import report_of_folder
from functions.measure.report_files import read_report, report_names
from shared.domain.measure.page import page
from tests.browser.conftest import Mode, PageIn

pytestmark = pytest.mark.browser
NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
PAPER = 1046
"""A4 across without its margins, in CSS pixels."""
_WIDTH = "document.documentElement.scrollWidth"
_HIDDEN = """() => [...document.querySelectorAll('.scroll:has(.matrix)')]
  .filter(one => one.scrollWidth > one.clientWidth).map(one => one.ariaLabel)"""
_CUT = """() => [...document.querySelectorAll('h1,h2,h3,p,dt,dd,summary,.bar span')]
  .filter(one => one.getClientRects().length && one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0)
  .map(one => one.textContent)"""


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Every report of the demo's lake, compared with the period before where it can be."""
    folder: Path = tmp_path_factory.mktemp("lake")
    play(folder, NOW, customers=400, days=60)
    made = {}
    for name in report_names():
        compare = "true" if "compare" in read_report(name).head.parameters else ""
        asked = {"from": "2026-10-20", "to": "", "segment": "", "compare": compare}
        made[name] = report_of_folder(folder, name, asked)
    return made


@pytest.mark.parametrize("name", report_names())
def test_a_page_fits_screens_and_paper(page_in: PageIn, reports: dict[str, dict[str, Any]], name: str) -> None:
    """The page does not scroll sideways and no text is cut; on paper whole tables are seen."""
    modes: tuple[Mode, ...] = ("light", "dark")
    for language, mode in zip(("tr", "en"), modes, strict=True):
        for width in (360, 1280):
            shown = page_in(width, mode)
            shown.set_content(page(reports[name], "tr" if language == "tr" else "en"))
            assert shown.evaluate(_WIDTH) <= width
            assert shown.evaluate(_CUT) == []
            if width > 1000:
                assert shown.evaluate(_HIDDEN) == []  # a desktop shows all hours of a day
    paper = page_in(PAPER, "dark")
    paper.emulate_media(media="print")
    paper.set_content(page(reports[name], "en"))
    assert paper.evaluate(_WIDTH) <= PAPER
