"""A wrong link is undone in Chromium, and brought back, as an agent would who has read nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.console_page import opened
from tests.browser.console_server import LOCAL, Console, served
from tests.unit.admin.test_questions import fold
from tests.unit.console.shop_world import ShopWorld

pytestmark = pytest.mark.browser


@pytest.fixture
def console() -> Iterator[Console]:
    with served(ShopWorld(LOCAL)) as console:
        yield console


def test_a_wrong_link_is_undone_and_brought_back(chromium: Browser, console: Console) -> None:
    """By the card's number to its customer, to the link, with a reason; then the card is nobody's."""
    page, said = opened(chromium, (1280, "light", "en-US"))
    page.goto(console.link("agent"))
    page.keyboard.press("/")
    page.keyboard.type("L-7")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Ayşe Yılmaz").click()
    identity = page.locator("section", has=page.get_by_role("heading", name="Identity"))
    linked = identity.locator("li", has_text="loyalty:L-7")
    linked.get_by_role("link", name="Undo this link").click()
    expect(page.get_by_text("loyalty:L-7 is taken from user:42")).to_be_visible()
    page.get_by_label("Why?").fill("a borrowed card")
    page.get_by_role("button", name="Yes, undo it").click()
    page.wait_for_url("**/customers/u.*")
    fold(console.world)
    page.reload()
    assert "loyalty:L-7" not in page.locator(".who").inner_text()
    undone = page.locator("section", has=page.get_by_role("heading", name="Identity")).locator(
        "li", has_text="loyalty:L-7"
    )
    expect(undone).to_contain_text("a borrowed card")
    linked.get_by_role("link", name="Bring it back").click()
    page.get_by_label("Why?").fill("hers after all")
    page.get_by_role("button", name="Yes, bring it back").click()
    page.wait_for_url("**/customers/u.*")
    fold(console.world)
    page.reload()
    expect(page.locator(".who")).to_contain_text("loyalty:L-7")
    page.close()
    assert said == []
