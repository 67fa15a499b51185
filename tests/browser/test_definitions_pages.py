"""Definitions changed by somebody who never read the docs: a segment from words to published, and taken back."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from benchmarks.deployment import ready_definitions
from shared.operators.publishing import save_draft
from shared.stores.releases import Releases
from tests.browser.console_page import VIEWS, findings, jumps, opened
from tests.browser.console_server import LOCAL, Console, served
from tests.unit.console.shop_world import ShopWorld

pytestmark = pytest.mark.browser
PAGES = {
    "segment-editor": "/segments/engaged/edit",
    "journey-editor": "/journeys/cart-recovery/edit",
    "dry-run": "/journeys/cart-recovery/dry-run",
    "campaigns": "/campaigns",
    "new-campaign": "/new-campaign",
    "templates": "/templates",
    "template": "/templates/cart-offer",
    "publish": "/publish",
    "releases": "/releases",
    "release": "/releases/1",
}


@pytest.fixture(scope="module")
def console() -> Iterator[Console]:
    """The ready definitions are published, and a draft waits."""
    world = ShopWorld(LOCAL)
    Releases(world.catalog).publish(ready_definitions())
    rule = {"segment": "new", "label": {"en": "New"}, "who": {"orders": {"first": {"within": "60d"}}}}
    save_draft(world.catalog, "segment", rule, world.clock.now(), "deniz@shop.example", version=0)
    with served(world) as console:
        yield console


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: "-".join(map(str, view)))
def test_definitions_are_for_everybody(chromium: Browser, console: Console, view: tuple[int, str, str]) -> None:
    """axe-core finds nothing, nothing is refused by the policy, no page scrolls sideways, and none jumps."""
    page, said = opened(chromium, view)
    kept = os.environ.get("KERVAN_SCREENSHOTS")
    found: dict[str, Any] = {}
    page.goto(console.link("admin"))
    for name, path in PAGES.items():
        page.goto(console.address + "/console" + path)
        page.wait_for_load_state("networkidle")
        wide = page.evaluate("document.documentElement.scrollWidth")
        sideways = [f"{wide} pixels wide"] if wide > view[0] else []
        problems: list[Any] = [*jumps(page), *findings(page), *sideways]
        found |= {name: problems} if problems else {}
        if kept:
            page.screenshot(path=f"{kept}/{name}-{view[0]}-{view[1]}.png", full_page=True)
    page.close()
    assert (found, said) == ({}, [])


def test_a_segment_goes_from_words_to_published_and_back(chromium: Browser, console: Console) -> None:
    """Conditions are chosen, the number follows without a click, the difference is read, it is published; then the
    release before it is brought back."""
    page, said = opened(chromium, (1280, "light", "en-US"))
    page.goto(console.link("marketer"))
    page.get_by_role("link", name="Segments").click()
    page.get_by_role("link", name="New segment").click()
    page.get_by_label("English name").fill("Bought twice in 90 days")
    page.get_by_label("How many: Number", exact=True).fill("2")
    page.get_by_label("Within the last: Number").fill("90")
    page.get_by_label("Within the last: Unit").focus()
    preview = page.locator("#preview")
    preview.get_by_text("at least 2 orders within the last 90 days").wait_for()
    page.wait_for_function("document.querySelector('#yaml').value.includes('at_least: 2')")
    page.get_by_label("Condition to add").select_option(label="Detail of the customer")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_label("Detail", exact=True).fill("city")
    page.get_by_label("Value").fill("Ankara")
    page.get_by_role("button", name="Save draft").click()
    page.wait_for_url("**/publish")
    _publish_alone(page, "Bought twice in 90 days")
    assert page.get_by_text("Everything follows it within 15 seconds").is_visible()
    current = Releases(console.world.catalog).current(refresh=True)
    assert current.segment("bought-twice-in-90-days") is not None
    page.goto(console.address + f"/console/releases/{current.number - 1}")
    page.get_by_role("button", name="back").click()
    page.wait_for_url("**?new=1")
    again = Releases(console.world.catalog).current(refresh=True)
    assert (again.number, again.segment("bought-twice-in-90-days")) == (current.number + 1, None)
    page.close()
    assert said == []


def _publish_alone(page: Page, name: str) -> None:
    page.locator("section.draft").filter(has_text=name).get_by_role("link", name="Publish only this").click()
    page.get_by_role("button", name="Publish this change").click()
    page.wait_for_url("**?new=1")


def test_a_wait_is_changed_and_read_before_it_is_published(chromium: Browser, console: Console) -> None:
    """The second step of the cart after 48 hours: the sentence follows, and the draft is thrown away again."""
    page, said = opened(chromium, (360, "dark", "en-US"))
    page.goto(console.link("marketer"))
    page.goto(console.address + "/console/journeys/cart-recovery")
    page.get_by_role("link", name="Edit").click()
    page.get_by_text("The checks pass").wait_for()
    page.get_by_label("After the beginning: Number").nth(1).fill("48")
    page.get_by_label("After the beginning: Unit").nth(1).focus()
    page.locator("#preview ins").get_by_text("48").wait_for()
    page.get_by_role("button", name="Save waits as a draft").click()
    page.wait_for_url("**/publish")
    card = page.locator("section.draft").filter(has_text="Cart recovery")
    assert card.locator("ins").first.is_visible()
    card.get_by_role("button", name="Throw away").click()
    page.wait_for_load_state()
    assert page.get_by_text("Cart recovery").count() == 0
    page.close()
    assert said == []


def test_yaml_is_taken_over_into_the_fields(chromium: Browser, console: Console) -> None:
    """The other way round: what is written in the language stands in the fields."""
    page, said = opened(chromium, (1280, "light", "en-US"))
    page.goto(console.link("marketer"))
    page.goto(console.address + "/console/new-segment")
    page.get_by_text("customers of").wait_for()
    page.locator("#yaml").fill("segment: quiet\nwho: {not: {orders: {last: {within: 45d}}}}")
    page.get_by_role("button", name="Take over into the fields").click()
    page.wait_for_load_state("networkidle")
    assert page.get_by_label("Within the last: Number").input_value() == "45"
    assert page.get_by_label("This must not hold").nth(1).is_checked()
    page.close()
    assert said == []


def test_a_campaign_is_tried_and_scheduled_and_cancelled(chromium: Browser, console: Console) -> None:
    """The sentence and the number of people follow; it is asked once more; then it is stopped."""
    page, said = opened(chromium, (1280, "light", "en-US"))
    page.goto(console.link("marketer"))
    page.get_by_role("link", name="Campaigns").click()
    page.get_by_role("link", name="New campaign").click()
    page.get_by_label("English name").fill("New season")
    page.get_by_label("Segment", exact=True).select_option("new")
    page.get_by_label("Template").select_option("newsletter")
    page.locator("#preview").get_by_text("gets newsletter once").wait_for()
    page.locator("#test").fill("user:42")
    page.get_by_role("button", name="Send a test").click()
    page.get_by_text("The test is on its way").wait_for()
    page.get_by_role("button", name="Review").click()
    page.get_by_role("heading", name="Schedule it?").wait_for()
    assert findings(page) == []
    page.get_by_role("button", name="Yes, schedule it").click()
    page.wait_for_url("**/campaigns/new-season?new=1")
    assert findings(page) == []
    page.get_by_role("link", name="Cancel").click()
    page.get_by_role("button", name="Yes, cancel it").click()
    page.wait_for_url("**/campaigns/new-season")
    assert page.get_by_text("cancelled").first.is_visible()
    page.close()
    assert said == []
