"""The service worker of clients/web in a real browser: what the sender makes is what a person sees."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from shared.adapters.push_web import payload
from shared.domain.templates.content import PushContent
from tests.support.chromium import Chromium, chromium, executable
from tests.support.sender_cases import outgoing

pytestmark = [
    pytest.mark.contract,
    pytest.mark.skipif(executable() is None, reason="this machine has no Chromium"),
]

CLIENT = Path(__file__).parents[2] / "clients" / "web"
CONTENT = PushContent("Sepetin seni bekliyor", "Keten Elbise", "https://kervan.example/cart", "", "", 2, "cart")
SHOWN = """navigator.serviceWorker.ready.then((r) => r.getNotifications()).then((all) => JSON.stringify(
  all.map((one) => ({title: one.title, body: one.body, tag: one.tag, data: one.data, at: one.timestamp}))))"""


@pytest.fixture(scope="module")
def shop() -> Iterator[str]:
    """A shop's page on loopback, with the two files of the client."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            file = CLIENT / self.path.strip("/")
            kind, body = "text/html", b"<!doctype html><script src='/kervan-push.js'></script>"
            if file.is_file():
                kind, body = "text/javascript", file.read_bytes()
            self.send_response(200)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def page(shop: str) -> Iterator[tuple[Chromium, str, str, str]]:
    """The browser, its page, the shop's origin, and the registration of the worker."""
    with chromium(str(executable())) as browser:
        target = browser.call("Target.createTarget", url=shop + "/")["targetId"]
        session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        browser.call("Browser.grantPermissions", origin=shop, permissions=["notifications"])
        browser.call("ServiceWorker.enable", session)
        for _ in range(200):
            if browser.evaluate(session, f"location.origin == '{shop}' && document.readyState == 'complete'"):
                break
            time.sleep(0.05)
        browser.evaluate(session, "navigator.serviceWorker.register('/kervan-push-sw.js').then(() => 1)")
        browser.evaluate(session, "navigator.serviceWorker.ready.then(() => 1)")
        found: list[dict[str, Any]] = []
        while not found:
            found = browser.event("ServiceWorker.workerRegistrationUpdated")["registrations"]
        yield browser, session, shop, found[0]["registrationId"]


def delivered(page: tuple[Chromium, str, str, str], data: str) -> list[dict[str, Any]]:
    """The notifications that a push message adds to those that stand there."""
    browser, session, shop, registration = page
    before = json.loads(browser.evaluate(session, SHOWN))
    for _ in range(5):  # the browser's tools now and then drop a message that follows another at once
        browser.call("ServiceWorker.deliverPushMessage", session, origin=shop, registrationId=registration, data=data)
        for _ in range(30):
            found: list[dict[str, Any]] = json.loads(browser.evaluate(session, SHOWN))
            if len(found) > len(before):
                return [one for one in found if one not in before]
            browser.evaluate(session, "new Promise((done) => setTimeout(done, 50))")
    return []


def test_a_push_message_is_shown(page: tuple[Chromium, str, str, str]) -> None:
    """Title, body, tag and link are those that the sender put into the payload."""
    (shown,) = delivered(page, payload(CONTENT, outgoing(CONTENT)).decode())
    assert shown.pop("at") > 0
    assert shown == {
        "title": "Sepetin seni bekliyor",
        "body": "Keten Elbise",
        "tag": "cart",
        "data": {"url": "https://kervan.example/cart", "message": "abc234"},
    }


@pytest.mark.parametrize(
    "data", ["", "no json", "[]", "null", "7", '{"title": 7, "body": {}, "image": "javascript:x"}']
)
def test_whatever_arrives_something_is_shown(page: tuple[Chromium, str, str, str], data: str) -> None:
    """A browser takes the permission away from a worker that shows nothing; nothing odd is taken over."""
    (shown,) = delivered(page, data)
    assert (shown["title"], shown["body"]) == ("127.0.0.1", "")


def test_the_snippet_says_what_a_browser_cannot(page: tuple[Chromium, str, str, str]) -> None:
    """The function is there, and tells a browser without push messages by a word instead of an error."""
    browser, session, _, _ = page
    said = browser.evaluate(
        session,
        "(() => { const kept = window.PushManager; delete window.PushManager;"
        " return kervanPush({endpoint: 'x', writeKey: 'y'}).finally(() => { window.PushManager = kept; }); })()",
    )
    assert said == "unsupported"
