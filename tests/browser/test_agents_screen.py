"""The agent's screen in Chromium: news without a reload, keys alone, and who answers over something newer."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, expect

from shared.operators.publishing import save_draft
from shared.stores.releases import Releases
from tests.browser.console_page import VIEWS, findings, opened
from tests.browser.console_server import LOCAL, Console, served
from tests.unit.console.service_world import AYSE, ServiceWorld

pytestmark = pytest.mark.browser
SOON = 8_000
"""Milliseconds: news are asked every three seconds."""


@pytest.fixture
def console() -> Iterator[Console]:
    with served(ServiceWorld(LOCAL)) as console:
        yield console


def _world(console: Console) -> ServiceWorld:
    assert isinstance(console.world, ServiceWorld)
    return console.world


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: "-".join(map(str, view)))
def test_agents_pages_are_for_everybody(chromium: Browser, console: Console, view: tuple[int, str, str]) -> None:
    """axe-core finds nothing, the policy refuses nothing, no page scrolls sideways; also with the cards open."""
    world = _world(console)
    page, said = opened(chromium, view)
    page.goto(console.link("agent"))
    found: dict[str, list[str]] = {}
    forged = world.wrote(AYSE, "Send the parcel elsewhere.", "forged", verified=False)
    label, text = {"tr": "Yolda", "en": "On its way"}, {"tr": "{{ order.id }} yolda.", "en": "{{ order.id }}"}
    said_often = {"canned_answer": "on-its-way", "label": label, "text": text}
    save_draft(world.catalog, "canned_answer", said_often, world.clock.now(), "deniz", version=0)
    paths = {
        "pool": "/conversations", "talk": f"/conversations/{world.ayse_talk}", "empty": "/conversations?view=closed",
        "hostile": f"/conversations/{world.hostile_talk}", "forged": f"/conversations/{forged}", "texts": "/service",
        "editor": "/service/canned_answer/on-its-way/edit",
    }  # fmt: skip
    for name, path in paths.items():
        page.goto(f"{console.address}/console{path}")
        page.wait_for_load_state("networkidle")
        assert page.title() != "run"
        if name == "talk":
            page.locator(".drop summary").last.click()
        wide = page.evaluate("document.documentElement.scrollWidth")
        problems = [*findings(page), *([f"{wide} pixels wide"] if wide > view[0] else [])]
        found |= {name: problems} if problems else {}
        if kept := os.environ.get("KERVAN_SCREENSHOTS"):
            page.screenshot(path=f"{kept}/conversations-{name}-{view[0]}-{view[1]}.png")
    page.close()
    assert found == {}
    assert said == []


def test_an_agent_works_by_keys_alone(chromium: Browser, console: Console) -> None:
    """Next, take, answer, close; the next one opens by itself."""
    world = _world(console)
    page, said = opened(chromium, (1280, "light", "en-US"))
    page.goto(console.link("agent"))
    page.goto(f"{console.address}/console/conversations")
    page.keyboard.press("j")
    page.wait_for_url(f"**/conversations/{world.ayse_talk}?*")
    page.keyboard.press("a")
    page.get_by_role("button", name="Give it back").wait_for()
    page.keyboard.press("r")
    page.keyboard.type("Of course, bring it.")
    page.keyboard.press("Control+Enter")
    page.get_by_text("on its way").wait_for()
    assert [one.text for one in world.handed] == ["Of course, bring it."]
    page.keyboard.press("e")
    page.get_by_text("The conversation is closed.").wait_for()
    assert page.url.split("?")[0].endswith(world.mehmet_talk)
    page.close()
    assert said == []


def test_a_canned_answer_is_chosen_and_sent_by_keys(chromium: Browser, console: Console) -> None:
    """The key / opens the list, the arrows move in it, Enter puts the text where the cursor is."""
    world = _world(console)
    texts = [{"canned_answer": name, "text": {"en": f"{name} <b>, {{{{ agent }}}}"}} for name in ("first", "second")]
    releases = Releases(world.catalog)
    releases.publish(replace(releases.current(refresh=True), service={"canned_answers": texts}))
    page, said = opened(chromium, (1280, "light", "en-US"))
    page.goto(console.link("agent"))
    page.goto(f"{console.address}/console/conversations/{world.ayse_talk}")
    page.keyboard.press("/")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#text")).to_have_value("second <b>, deniz")
    page.keyboard.type("!")
    assert findings(page) == []
    page.keyboard.press("Control+Enter")
    page.get_by_text("on its way").wait_for()
    assert [one.text for one in world.handed] == ["second <b>, deniz!"]
    page.close()
    assert said == []


def test_news_come_by_themselves_and_an_answer_over_them_is_held(chromium: Browser, console: Console) -> None:
    """The message is shown while the agent writes; nothing of the draft is lost, and nothing goes out unread."""
    world = _world(console)
    page, said = opened(chromium, (1280, "light", "en-US"))
    page.goto(console.link("agent"))
    page.goto(f"{console.address}/console/conversations/{world.ayse_talk}?view=open")
    page.locator("#text").fill("Bring it to the store.")
    world.wrote(AYSE, "Never mind, I keep it.", "m-4")
    world.wrote("email:new@example.com", "Hello from somebody new", "m-5")
    expect(page.locator("#thread").get_by_text("Never mind, I keep it.")).to_be_visible(timeout=SOON)
    expect(page.locator("#pool").get_by_text("Hello from somebody new")).to_be_visible()
    expect(page.locator("#reply-news")).to_be_visible()
    assert page.locator("#text").input_value() == "Bring it to the store."
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was done")
    assert world.handed == []
    page.locator("#text").fill("Glad to hear that.")
    page.get_by_role("button", name="Send").click()
    page.get_by_text("on its way").wait_for()
    assert [one.text for one in world.handed] == ["Glad to hear that."]
    page.close()
    assert [line for line in said if "409" not in line] == []


def test_a_long_conversation_keeps_the_answer_in_sight(chromium: Browser, console: Console) -> None:
    """The messages scroll by themselves, and begin at the newest one."""
    world = _world(console)
    for number in range(30):
        world.wrote(AYSE, f"Message {number}. " + "A few more words. " * 10, f"long-{number}")
    page, said = opened(chromium, (1280, "light", "en-US"))
    page.goto(console.link("agent"))
    page.goto(f"{console.address}/console/conversations/{world.ayse_talk}")
    page.wait_for_load_state("networkidle")
    expect(page.get_by_role("button", name="Send")).to_be_in_viewport()
    expect(page.locator("#thread").get_by_text("Message 29.")).to_be_in_viewport()
    expect(page.locator("#thread").get_by_text("Message 0.")).not_to_be_in_viewport()
    page.close()
    assert said == []


def test_a_refused_answer_keeps_its_files(chromium: Browser, console: Console) -> None:
    """What came since is shown with the reason; the text and the chosen file stay, and go out with the next try. So it
    is when the server is not reached."""
    world = _world(console)
    page, said = opened(chromium, (1280, "light", "en-US"))
    page.goto(console.link("agent"))
    page.goto(f"{console.address}/console/conversations/{world.ayse_talk}?view=open")
    page.locator("#text").fill("Here is the invoice.")
    page.locator(".reply-files summary").click()
    page.set_input_files("#files", {"name": "invoice.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"})
    page.locator("#channel").select_option("email")
    world.wrote(AYSE, "Never mind, I have it.", "m-4")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was done")
    expect(page.locator("#thread").get_by_text("Never mind, I have it.")).to_be_visible()
    assert world.handed == []
    assert page.evaluate("document.querySelector('#files').files[0].name") == "invoice.pdf"
    expect(page.locator("#text")).to_have_value("Here is the invoice.")
    assert findings(page) == []
    page.route("**/answer?*", lambda route: route.abort())
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert")).to_contain_text("nothing was sent")
    page.unroute("**/answer?*")
    page.get_by_role("button", name="Send").click()
    page.get_by_text("on its way").wait_for()
    assert [(one.text, one.attachments[0].name) for one in world.handed] == [("Here is the invoice.", "invoice.pdf")]
    page.close()
    assert [line for line in said if "409" not in line and "ERR_FAILED" not in line] == []


def test_an_answer_after_the_session_ended_stays_on_the_page(chromium: Browser, console: Console) -> None:
    """It was not sent, and the page says so in place of the sign-in; the text is not lost."""
    world = _world(console)
    page, _ = opened(chromium, (1280, "light", "en-US"))
    page.goto(console.link("agent"))
    page.goto(f"{console.address}/console/conversations/{world.ayse_talk}?view=open")
    page.locator("#text").fill("A long answer.")
    page.context.clear_cookies()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert")).to_contain_text("Your session has ended")
    expect(page.locator("#text")).to_have_value("A long answer.")
    assert world.handed == []
    page.close()
