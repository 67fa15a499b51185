"""Reports of the console in Chromium: for everybody, in every view, and small enough."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Response

from tests.browser.console_page import VIEWS, findings, new_context, opened
from tests.browser.console_server import LOCAL, Console, served
from tests.unit.console.report_world import ReportWorld

pytestmark = pytest.mark.browser
PATHS = {
    "reports": "",
    "overview": "/overview?compare=true",
    "send-time": "/send-time",
    "predictions": "/predictions",
    "sql": "/overview/sql",
}
FIRST_BYTES, LATER_BYTES = 200_000, 30_000


@pytest.fixture(scope="module")
def console() -> Iterator[Console]:
    with served(ReportWorld(LOCAL)) as console:
        yield console


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: "-".join(map(str, view)))
def test_reports_are_for_everybody(chromium: Browser, console: Console, view: tuple[int, str, str]) -> None:
    """axe-core finds nothing, the policy refuses nothing, no page scrolls sideways."""
    page, said = opened(chromium, view)
    page.goto(console.link("marketer"))
    found: dict[str, list[str]] = {}
    for name, path in PATHS.items():
        page.goto(f"{console.address}/console/reports{path}")
        page.wait_for_load_state("networkidle")
        if name not in ("reports", "sql"):
            page.locator(".report-part").first.wait_for()
        wide = page.evaluate("document.documentElement.scrollWidth")
        problems = [*findings(page), *([f"{wide} pixels wide"] if wide > view[0] else [])]
        found |= {name: problems} if problems else {}
        if kept := os.environ.get("KERVAN_SCREENSHOTS"):
            page.screenshot(path=f"{kept}/reports-{name}-{view[0]}-{view[1]}.png", full_page=True)
    page.close()
    assert found == {}
    assert said == []


def test_a_report_is_small_and_is_downloaded(chromium: Browser, console: Console) -> None:
    """Under 200 KB with everything on the first visit, under 30 KB afterwards."""
    page, said = opened(chromium, (1280, "light", "en-US"))
    page.goto(console.link("marketer"))
    page.goto(f"{console.address}/console/reports")
    for path in ("", "/overview?compare=true", "/messages"):
        assert _transferred(page, f"{console.address}/console/reports{path}") < LATER_BYTES
    fresh = new_context(chromium, (1280, "light", "en-US")).new_page()  # with nothing in its cache
    assert _transferred(fresh, console.link("marketer"), f"{console.address}/console/reports/messages") < FIRST_BYTES
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").first.click()
    assert download.value.suggested_filename.endswith(".csv")
    page.close()
    fresh.context.close()
    assert said == []


def _transferred(page: Page, *addresses: str) -> int:
    """Bytes of all bodies, as they came over the wire."""
    responses: list[Response] = []

    def keep(response: Response) -> None:
        responses.append(response)

    page.on("response", keep)
    for address in addresses:
        page.goto(address)
        page.wait_for_load_state("networkidle")
    page.remove_listener("response", keep)
    sizes = [one.request.sizes()["responseBodySize"] for one in responses if one.status == 200]
    return sum(size for size in sizes if size > 0)  # what the cache gave has none
