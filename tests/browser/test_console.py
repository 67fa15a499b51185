"""The console as people see it: for everybody (WCAG 2.2 AA), on a phone, by keyboard, in light and in dark."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from shared.domain.identity.identifiers import parse_identifier
from tests.browser.console_page import VIEWS, findings, jumps, opened
from tests.browser.console_server import LOCAL, Console, served
from tests.unit.console.shop_world import ShopWorld

pytestmark = pytest.mark.browser
PAGES = {"sign-in": "/sign-in", "today": "", "stop": "/sending/stop", "changes": "/changes", "nothing": "/nothing"}
OF_THE_SHOP = {
    "find": "/customers",
    "customer": "/customers/{key}",
    "why": "/customers/{key}/why/stopped",
    "segment": "/customers/{key}/segments/at-risk",
    "events": "/customers/{key}/events",
    "segments": "/segments",
    "one-segment": "/segments/new",
    "journeys": "/journeys",
    "journey": "/journeys/cart-recovery",
    "stop-journey": "/journeys/cart-recovery/stopped",
}


_PAINTED = """() => new Promise(painted => new PerformanceObserver(
  list => { if (list.getEntriesByName("first-contentful-paint").length) painted() }
).observe({type: "paint", buffered: true}))"""


@pytest.fixture(scope="module")
def console() -> Iterator[Console]:
    with served(ShopWorld(LOCAL)) as console:
        yield console


def _pages(console: Console) -> dict[str, str]:
    """Every page by its name."""
    key = console.world.keys(parse_identifier("user:42"))
    return PAGES | {name: path.format(key=key) for name, path in OF_THE_SHOP.items()}


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: "-".join(map(str, view)))
def test_every_page_is_for_everybody(chromium: Browser, console: Console, view: tuple[int, str, str]) -> None:
    """axe-core finds nothing, nothing is refused by the policy, no page scrolls sideways, and none jumps."""
    page, said = opened(chromium, view)
    kept = os.environ.get("KERVAN_SCREENSHOTS")
    found: dict[str, Any] = {}
    for name, path in _pages(console).items():
        page.goto(console.address + "/console" + path)
        page.wait_for_load_state("networkidle")
        assert page.title() != "run"  # what the hostile values of this shop would do
        wide = page.evaluate("document.documentElement.scrollWidth")
        problems = [*jumps(page), *findings(page), *([f"{wide} pixels wide"] if wide > view[0] else [])]
        found |= {name: problems} if problems else {}
        if kept:
            page.screenshot(path=f"{kept}/{name}-{view[0]}-{view[1]}.png", full_page=True)
        if name == "sign-in":
            page.goto(console.link("admin"))
    page.close()
    assert found == {}
    assert [line for line in said if "404" not in line] == []


@pytest.mark.parametrize("first_part", [0.5, 0.6, 0.7])
def test_the_page_to_sign_in_does_not_jump_while_it_comes(
    chromium: Browser, console: Console, first_part: float
) -> None:
    """What a visitor sees first stays where it is when the rest of the page arrives."""
    page, _ = opened(chromium, (360, "dark", "tr-TR"))
    with console.in_two_parts(first_part) as rest:
        page.goto(console.address + "/console/sign-in", wait_until="commit")
        page.evaluate(_PAINTED)
        assert page.locator(".appearance button").count() < 5
        rest.set()
        page.wait_for_load_state("networkidle")
    assert page.locator(".appearance button").count() == 5
    assert jumps(page) == []
    page.close()


def test_a_page_can_be_read_at_twice_its_size(chromium: Browser, console: Console) -> None:
    """At 200 % of 1280 pixels nothing is cut off."""
    page, _ = opened(chromium, (640, "light", "en-US"))
    page.goto(console.link("admin"))
    for path in _pages(console).values():
        page.goto(console.address + "/console" + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 640
    page.close()


def test_all_sending_is_stopped_by_keyboard(chromium: Browser, console: Console) -> None:
    """From the address to the stopped state without a mouse; the focus is always seen."""
    page, _ = opened(chromium, (1280, "light", "en-US"))
    page.goto(console.link("marketer"))
    page.wait_for_load_state("networkidle")
    _tab_to(page, "Stop all sending")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sending/stop")
    _tab_to(page, "Yes, stop all sending")
    page.keyboard.press("Enter")
    page.wait_for_url("**/console")
    assert page.get_by_text("All sending is stopped").is_visible()
    _tab_to(page, "Start sending again")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sending/start")
    page.get_by_role("button").filter(has_text="Yes, start sending").click()
    page.wait_for_url("**/console")
    page.close()


def test_an_agent_sees_no_switch(chromium: Browser, console: Console) -> None:
    """And no list of changes."""
    page, _ = opened(chromium, (1280, "light", "en-US"))
    page.goto(console.link("agent"))
    assert page.get_by_text("Sending is on").is_visible()
    assert page.get_by_text("Stop all sending").count() == 0
    assert page.get_by_role("link", name="Changes").count() == 0
    page.close()


def test_colours_and_language_are_chosen_in_the_menu(chromium: Browser, console: Console) -> None:
    """They stay, whatever the device says."""
    page, _ = opened(chromium, (1280, "light", "en-US"))
    page.goto(console.link("admin"))
    page.locator("details.person summary").click()
    page.get_by_role("button", name="Dark").click()
    page.wait_for_load_state()
    assert page.locator("html").get_attribute("data-bs-theme") == "dark"
    page.locator("details.person summary").click()
    page.get_by_role("button", name="Türkçe").click()
    page.wait_for_load_state()
    assert page.get_by_role("heading", level=1).inner_text() == "Bugün"
    page.close()


def _tab_to(page: Page, text: str) -> None:
    for _ in range(40):
        page.keyboard.press("Tab")
        focused: str = page.evaluate("document.activeElement.innerText || ''")
        if focused.strip() == text:
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none"
            return
    raise AssertionError(f"the keyboard does not reach {text!r}")


def test_why_opens_beside_its_message(chromium: Browser, console: Console) -> None:
    """From a name to the reason by keyboard: search, the customer, the message that was not sent."""
    page, said = opened(chromium, (1280, "light", "en-US"))
    page.goto(console.link("agent"))
    page.keyboard.press("/")
    page.keyboard.type("ayse yil")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Ayşe Yılmaz").press("Enter")
    page.wait_for_url("**/customers/u.*")
    page.locator('.why-list a[href$="/why/stopped"]').press("Enter")
    answer = page.locator("#why-part")
    answer.get_by_text("stopped here").wait_for()
    assert answer.get_by_text("S-1", exact=True).is_visible()
    assert page.url.endswith(console.world.keys(parse_identifier("user:42")))
    page.close()
    assert said == []


def test_search_answers_while_somebody_types(chromium: Browser, console: Console) -> None:
    """Without a click, and what is typed is in no address."""
    page, said = opened(chromium, (1280, "light", "en-US"))
    page.goto(console.link("agent"))
    page.goto(console.address + "/console/customers")
    page.locator("#q").press_sequentially("ayseg", delay=20)
    page.get_by_role("link", name="Ayşegül").wait_for()
    assert page.url == console.address + "/console/customers"
    page.close()
    assert said == []
