"""Stock and pick-ups in Chromium: for everybody, and handed out on a phone."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.console_page import VIEWS, findings, opened
from tests.browser.console_server import LOCAL, Console, served
from tests.unit.console.till_world import TillWorld

pytestmark = pytest.mark.browser
PATHS = {
    "stock": "/stock",
    "sku": "/stock/sku?id=jacket",
    "movements": "/stock/movements?id=jacket&location=depot",
    "stores": "/pickups",
    "till": "/pickups?location=kadikoy",
    "empty": "/pickups?location=nisantasi",
}


@pytest.fixture
def console() -> Iterator[Console]:
    with served(TillWorld(LOCAL)) as console:
        yield console


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: "-".join(map(str, view)))
def test_stock_is_for_everybody(chromium: Browser, console: Console, view: tuple[int, str, str]) -> None:
    """axe-core finds nothing, the policy refuses nothing, no page scrolls sideways."""
    page, said = opened(chromium, view)
    page.goto(console.link("store"))
    found: dict[str, list[str]] = {}
    for name, path in PATHS.items():
        page.goto(f"{console.address}/console{path}")
        page.wait_for_load_state("networkidle")
        assert page.title() != "run"
        wide = page.evaluate("document.documentElement.scrollWidth")
        problems = [*findings(page), *([f"{wide} pixels wide"] if wide > view[0] else [])]
        found |= {name: problems} if problems else {}
        if kept := os.environ.get("KERVAN_SCREENSHOTS"):
            page.screenshot(path=f"{kept}/stock-{name}-{view[0]}-{view[1]}.png", full_page=True)
    page.close()
    assert found == {}
    assert said == []


def test_an_order_is_handed_out_on_a_phone(chromium: Browser, console: Console) -> None:
    """The code, two taps, and the field waits for the next customer."""
    world = console.world
    assert isinstance(world, TillWorld)
    page, said = opened(chromium, (360, "light", "en-US"))
    page.goto(console.link("store"))
    page.get_by_role("link", name="Pick-ups").click()
    page.get_by_role("link", name="Kadıköy").click()
    page.locator("#code:focus").wait_for()  # nobody has to tap it
    page.keyboard.type(world.code("P-1").lower())
    page.get_by_role("button", name="Find").click()
    page.get_by_text("Order S-P-1").wait_for()
    page.get_by_role("button", name="Hand it out").click()
    page.get_by_text("Handed out: S-P-1").wait_for()
    page.locator("#code:focus").wait_for()
    assert world.state("P-1") == "picked_up"
    assert world.code("P-1") not in page.url
    page.close()
    assert said == []
