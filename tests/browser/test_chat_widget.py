"""The chat of the shop's page in Chromium, against the function that answers it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from functions.support import api
from shared.http.answers import Problem
from shared.http.request import read_request
from tests.browser.console_page import findings
from tests.unit.ingest.world import WEB_KEY
from tests.unit.support.world import Support

pytestmark = pytest.mark.browser
WIDGET = Path(__file__).parents[2] / "clients" / "web" / "kervan-chat.js"
LARGEST = 15_000
POLICY = "default-src 'none'; script-src 'self'; connect-src https://api.example"
PAGE = """<!doctype html><html lang="{language}"><meta name="viewport" content="width=device-width"><title>Shop</title>
<body><main><h1>Shop</h1></main><script src="/kervan-chat.js" data-endpoint="https://api.example/" data-key="{key}"
 data-name="Kervan Moda"></script></body></html>"""


def served(support: Support, down: Callable[[], bool] = lambda: False) -> Callable[[Route], None]:
    """What the API would answer to the page, cross-origin."""
    allowed = {"access-control-allow-origin": "*", "access-control-allow-headers": "authorization, content-type"}

    def serve(route: Route) -> None:
        request = route.request
        path, _, query = request.url.removeprefix("https://api.example").partition("?")
        if down():
            route.abort()
            return
        event = {
            "rawPath": path,
            "headers": request.headers,
            "queryStringParameters": dict(parse_qsl(query)),
            "requestContext": {"http": {"method": request.method, "sourceIp": "192.0.2.1"}},
            "body": request.post_data,
        }
        try:
            answer = api.route(read_request(event), lambda: support.environment)
        except Problem as problem:
            answer = problem.answer()
        route.fulfill(status=answer["statusCode"], headers={**answer["headers"], **allowed}, body=answer["body"])

    return serve


def opened(chromium: Browser, serve: Callable[[Route], None], language: str = "tr", **how: Any) -> Page:
    page = chromium.new_page(viewport={"width": 360, "height": 640}, **how)
    page.set_default_timeout(10_000)
    page.route("https://api.example/**", serve)
    page.route("https://shop.example/kervan-chat.js", lambda route: route.fulfill(path=WIDGET))
    html = PAGE.format(key=WEB_KEY, language=language)
    headers = {"content-type": "text/html; charset=utf-8", "content-security-policy": POLICY}
    page.route("https://shop.example/", lambda route: route.fulfill(body=html, headers=headers))
    page.goto("https://shop.example/")
    return page


def test_it_is_small() -> None:
    """15 KB at most, as it is served."""
    assert len(WIDGET.read_bytes()) <= LARGEST


def test_a_visitor_chats_by_keyboard(chromium: Browser) -> None:
    """Under a strict policy: opens, writes, is answered, closes; another visit shows all of it again."""
    support = Support()
    page = opened(chromium, served(support))
    page.get_by_role("button", name="Bize yazın").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Sohbet: Kervan Moda")).to_be_visible()
    expect(page.get_by_label("Mesajınız")).to_be_focused()
    page.keyboard.type("<img src=x onerror=alert(1)> S-1 nerede?")
    page.keyboard.press("Enter")
    log = page.get_by_role("log")
    expect(log).to_contain_text("<img src=x onerror=alert(1)> S-1 nerede?")
    [(one, message)] = support.all_messages()
    assert message.text == "<img src=x onerror=alert(1)> S-1 nerede?"
    support.answer(one.id, channel="chat")
    expect(log).to_contain_text("It is on its way.")
    assert log.get_by_role("listitem").count() == 2
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Bize yazın")).to_be_focused()
    page.reload()
    page.get_by_role("button", name="Bize yazın").click()
    expect(page.get_by_role("log").get_by_role("listitem")).to_have_count(2)
    page.close()


def test_what_was_not_taken_is_sent_again_and_is_one(chromium: Browser) -> None:
    """The visitor is told, his words stay, and what arrived without an answer is not there twice."""
    support, failing = Support(), [True]
    page = opened(chromium, served(support, lambda: failing[0]), "en")
    page.get_by_role("button", name="Write to us").click()
    page.get_by_label("Your message").fill("Hello")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert")).to_contain_text("Not sent")
    expect(page.get_by_label("Your message")).to_have_value("Hello")
    failing[0] = False
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("log")).to_contain_text("Hello")
    expect(page.get_by_label("Your message")).to_have_value("")
    assert len(support.all_messages()) == 1
    page.close()


def test_a_token_that_opens_nothing_begins_anew(chromium: Browser) -> None:
    """One of a deployment that is gone, in the browser's memory."""
    support = Support()
    page = opened(chromium, served(support), "en")
    page.evaluate("localStorage.setItem('kervan-chat-token', 'old.token')")
    page.reload()
    page.get_by_role("button", name="Write to us").click()
    page.get_by_label("Your message").fill("Hello")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("log")).to_contain_text("Hello")
    assert json.loads(page.evaluate("JSON.stringify(localStorage.getItem('kervan-chat-token'))")) != "old.token"
    page.close()


LOOKS = (
    (1280, "light", "en"),
    (360, "dark", "tr"),
    pytest.param((360, "light", "tr"), marks=pytest.mark.long),
    pytest.param((1280, "dark", "en"), marks=pytest.mark.long),
)


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: "-".join(map(str, look)))
def test_the_widget_is_for_everybody(chromium: Browser, look: tuple[int, str, str]) -> None:
    """axe-core finds nothing, and nothing is wider than the page: closed, with unread messages, open, with messages,
    with an error. A finger hits each button."""
    width, mode, language = look
    support, failing = Support(), [False]
    page = opened(chromium, served(support, lambda: failing[0]), language, color_scheme=mode, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 640})
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    found: dict[str, list[str]] = {}

    def looked_at(name: str) -> None:
        wide = page.evaluate("document.documentElement.scrollWidth")
        small = [box for one in page.get_by_role("button").all() if (box := one.bounding_box()) and box["height"] < 44]
        problems = [*findings(page), *([f"{wide} pixels wide"] if wide > width else []), *map(str, small)]
        found.update({name: problems} if problems else {})
        if kept := os.environ.get("KERVAN_SCREENSHOTS"):
            page.screenshot(path=f"{kept}/chat-{name}-{width}-{mode}.png")

    opener = page.get_by_role("button", name="Write to us" if language == "en" else "Bize yazın")
    log = page.get_by_role("log")
    looked_at("closed")
    opener.click()
    looked_at("open")
    page.keyboard.type("Where is S-1? " + "averylongwordwithoutanyplacetobreak" * 4)
    page.keyboard.press("Enter")
    expect(log).to_contain_text("Where is S-1?")  # before, the greeting stands there
    [(one, _)] = support.all_messages()
    support.answer(one.id, channel="chat")
    expect(log).to_contain_text("It is on its way.")
    looked_at("messages")
    failing[0] = True
    page.keyboard.type("Thanks")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    looked_at("error")
    failing[0] = False
    page.keyboard.press("Escape")
    support.answer(one.id, "k2", channel="chat")
    page.reload()
    expect(opener).to_contain_text("new message" if language == "en" else "yeni mesaj")
    looked_at("unread")
    page.close()
    assert found == {}
    assert said == []


def test_the_keyboard_reaches_every_part_and_leaves_again(chromium: Browser) -> None:
    """Tab goes from the words to Send, and back over the close button and the messages; Escape gives the focus back."""
    page = opened(chromium, served(Support()), "en")
    page.get_by_role("button", name="Write to us").press("Enter")
    expect(page.get_by_label("Your message")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Send")).to_be_focused()
    for _ in range(2):
        page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("log")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("button", name="Close")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Write to us")).to_be_focused()
    page.close()
