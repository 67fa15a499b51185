"""The pages that recipients see, in Chromium: for everybody, on a phone, and without JavaScript."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route

from shared.domain.consent.consent import consent_state
from shared.domain.consent.recipient_tokens import RecipientLink, RecipientTokens
from shared.domain.consent.sign_up import SignUp
from shared.domain.identity.identifiers import parse_identifier
from shared.http.request import read_request
from shared.stores.consent_items import statements
from shared.stores.preference_items import read_preference
from tests.browser.console_page import VIEWS, findings, opened
from tests.support.world import KEYS
from tests.unit.ingest.test_preferences import LATER, Recipient, received
from tests.unit.ingest.test_subscribe import SHOP, world
from tests.unit.ingest.world import NOW, WEB_KEY, World

pytestmark = pytest.mark.browser

ORIGIN = "https://go.shop.example"
TOKENS = RecipientTokens(b"s" * 64)
MAILBOX = "email:ayse@example.com"


@dataclass
class Site:
    """The deployment as a browser meets it; nothing else is loaded from anywhere."""

    world: World
    who: Recipient

    def answer(self, route: Route) -> None:
        request, url = route.request, urlsplit(route.request.url)
        if not request.url.startswith(ORIGIN):
            route.abort()
            return
        event = {
            "rawPath": url.path,
            "rawQueryString": url.query,
            "queryStringParameters": dict(parse_qsl(url.query)),
            "headers": dict(request.headers),
            "requestContext": {"http": {"method": request.method, "sourceIp": "192.0.2.7"}, "stage": "$default"},
            **({"body": request.post_data or ""} if request.method == "POST" else {}),
        }
        ours = url.path.startswith("/p/")
        said = self.who.pages.answer(read_request(event), self.who.token, LATER) if ours else self.world.answer(event)
        route.fulfill(status=said["statusCode"], headers=said["headers"], body=said["body"])


@pytest.fixture(scope="module")
def site() -> Site:
    return Site(
        world(SHOP.model_copy(update={"address": "Bağdat Caddesi 1", "contact": "a@shop.example"})), received()[1]
    )


def pages(site: Site) -> dict[str, Callable[[Page], object]]:
    """How somebody comes to each page."""
    home, mailbox = (site.world.keys(parse_identifier(one)) for one in ("user:42", MAILBOX))
    refuse = TOKENS.make(RecipientLink(home, "m-1", "email", "marketing", mailbox))
    asked = SignUp(mailbox, "email", ("marketing",), "2026-11", NOW, "web", "the-mail")
    confirm = TOKENS.sign_up.link(asked)
    expired = TOKENS.sign_up.link(SignUp(mailbox, "email", ("marketing",), "1", NOW - timedelta(days=8), "web", "m"))

    def form(path: str, **fields: str) -> Callable[[Page], object]:
        inputs = "".join(f'<input name="{name}" value="{value}">' for name, value in fields.items())

        def send(page: Page) -> None:
            page.goto(f"{ORIGIN}/v1/unsubscribe/x")
            page.set_content(f'<form method="post" action="{ORIGIN}{path}">{inputs}<button>x</button></form>')
            page.click("button")

        return send

    def at(path: str) -> Callable[[Page], object]:
        return lambda page: page.goto(ORIGIN + path)

    sign_up = {"writeKey": WEB_KEY, "text_version": "2026-11"}
    return {
        "preferences": at(f"/p/{site.who.token}"),
        "preferences saved": at(f"/p/{site.who.token}?saved=1"),
        "unsubscribe": at(f"/v1/unsubscribe/{refuse}"),
        "unsubscribed": form(f"/v1/unsubscribe/{refuse}"),
        "broken": at("/v1/unsubscribe/x"),
        "broken link of a message": at("/l/x"),
        "confirm": at(f"/s/{confirm}"),
        "confirmed": form(f"/s/{confirm}"),
        "expired": at(f"/s/{expired}"),
        "signed up": form("/v1/subscribe", email="b@example.com", **sign_up),
        "code": form("/v1/subscribe", phone="+905321112233", **sign_up),
        "wrong code": form("/v1/subscribe/confirm", sign_up="a" * 22, code="000000"),
    }


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: "-".join(map(str, view)))
def test_every_page_is_for_everybody(chromium: Browser, site: Site, view: tuple[int, str, str]) -> None:
    """axe-core finds nothing, nothing is refused by the policy, no page scrolls sideways, a finger hits each button."""
    page, said = opened(chromium, view)
    page.route("**/*", site.answer)
    found: dict[str, list[str]] = {}
    for name, reach in pages(site).items():
        reach(page)
        wide = page.evaluate("document.documentElement.scrollWidth")
        small = page.evaluate("[...document.querySelectorAll('button')].filter(one => one.offsetHeight < 44).length")
        problems = [*findings(page), *(["too wide"] if wide > view[0] else []), *(["small buttons"] if small else [])]
        found |= {name: problems} if problems else {}
        if kept := os.environ.get("KERVAN_SCREENSHOTS"):
            page.screenshot(path=f"{kept}/{name}-{view[0]}-{view[1]}.png", full_page=True)
    page.close()
    assert found == {}
    assert [one for one in said if "the server responded with a status of" not in one] == []


def test_preferences_are_chosen_without_javascript(chromium: Browser) -> None:
    """By hand: untick e-mail, less often, save; the page says so, and the gates read it."""
    shop, who = received()
    site = Site(world(), who)
    context = chromium.new_context(java_script_enabled=False, locale="tr-TR", viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.route("**/*", site.answer)
    page.goto(f"{ORIGIN}/p/{who.token}")
    assert page.is_checked('input[name="email.marketing"]')
    page.uncheck('input[name="email.marketing"]')
    page.check('input[name="often"][value="30"]')
    page.click("button:not(.second)")
    page.wait_for_url("**saved=1**")
    assert "Tercihleriniz kaydedildi" in page.inner_text("main")
    assert not page.is_checked('input[name="email.marketing"]')
    context.close()
    home, mailbox = KEYS(parse_identifier("user:42")), KEYS(parse_identifier(MAILBOX))
    said = [one for one, _ in statements(shop.customers, home)]
    assert not consent_state(said, "email", "marketing", mailbox, LATER).granted
    [chosen] = [read_preference(one) for one in shop.customers.query(home, prefix="preference#").items]
    assert chosen is not None
    assert chosen.one_in_days == 30
