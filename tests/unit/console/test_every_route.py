"""Every route of the console, from one table: who may open it, what its headers say, and that nothing hostile runs.

A route that is not in the table fails the first test: whoever adds one says here who may open it.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from functions.console.page import CONTENT_POLICY
from functions.console.rights import RIGHTS, known_roles
from functions.console.route import Route
from functions.console.routes import ROUTES
from functions.console.sessions import Session
from shared.domain.identity.identifiers import parse_identifier
from shared.stores.drafts import Drafts
from tests.unit.console.console_world import Answer, Browser
from tests.unit.console.service_world import ServiceWorld
from tests.unit.console.shop_world import HOSTILE

pytestmark = pytest.mark.unit

MARKETER, AGENT, PRIVACY, STORE = "marketer", "agent", "privacy", "store"
EVERYBODY = {MARKETER, AGENT, PRIVACY}
WHO: dict[str, set[str]] = {
    "campaigns": EVERYBODY, "campaigns/*": EVERYBODY, "campaigns/*/progress": EVERYBODY,
    "campaigns/*/cancel": {MARKETER}, "new-campaign": {MARKETER}, "campaign-check": {MARKETER},
    "publish": {MARKETER}, "drafts/*/*/discard": {MARKETER}, "drafts/*/*/keep": {MARKETER},
    "new-segment": {MARKETER}, "segments/*/edit": {MARKETER}, "segment-preview": {MARKETER},
    "new-journey": {MARKETER}, "journeys/*/edit": {MARKETER}, "journey-preview": {MARKETER},
    "journeys/*/dry-run": {MARKETER}, "dry-runs/*": {MARKETER}, "dry-runs/*/progress": {MARKETER},
    "journeys/*/passed": {MARKETER},
    "service": EVERYBODY, "new-service/*": {MARKETER, AGENT}, "service/*/*/edit": {MARKETER, AGENT},
    "GET releases": EVERYBODY, "GET releases/*": EVERYBODY, "POST releases/*": {MARKETER},
    "templates": EVERYBODY, "templates/*": EVERYBODY, "templates/*/email": EVERYBODY, "templates/*/for": EVERYBODY,
    "templates/*/test": {MARKETER},
    "": EVERYBODY, "today/waiting": EVERYBODY, "today/health": EVERYBODY, "today/numbers": {MARKETER},
    "sending/go-on": {MARKETER}, "sending/*": {MARKETER}, "changes": {PRIVACY}, "iys": EVERYBODY,
    "segments": EVERYBODY, "segments/counts": EVERYBODY, "segments/*": EVERYBODY, "segments/*/coming": EVERYBODY,
    "journeys": EVERYBODY, "journeys/counts": EVERYBODY, "journeys/*": EVERYBODY, "journeys/*/*": {MARKETER},
    "customers": EVERYBODY, "customers/*": EVERYBODY, "customers/*/why/*": EVERYBODY,
    "customers/*/segments/*": EVERYBODY, "customers/*/identity": EVERYBODY, "customers/*/consents": EVERYBODY,
    "customers/*/consents/proof": EVERYBODY,
    "customers/*/events": EVERYBODY, "customers/*/links/*/*/*": {AGENT, PRIVACY},
    "rights": {PRIVACY}, "rights/*": {PRIVACY}, "customers/*/rights": {PRIVACY},
    "conversations": {AGENT, PRIVACY}, "conversations/live": {AGENT, PRIVACY}, "conversations/next": {AGENT, PRIVACY},
    "conversations/*": {AGENT, PRIVACY}, "conversations/*/customer": {AGENT, PRIVACY},
    "conversations/*/files/*/*": {AGENT, PRIVACY}, "conversations/*/answer": {AGENT},
    "conversations/*/assignment": {AGENT}, "conversations/*/state": {AGENT}, "conversations/*/details": {AGENT},
    "reports": {MARKETER}, "reports/*": {MARKETER}, "reports/*/answer": {MARKETER}, "reports/*/sql": {MARKETER},
    "reports/*/file": {MARKETER},
    "stock": EVERYBODY | {STORE}, "stock/sku": EVERYBODY | {STORE}, "stock/movements": EVERYBODY | {STORE},
    "prices": {MARKETER}, "prices/slips": {MARKETER},
    "pickups": {STORE}, "pickups/hand-out": {STORE}, "pickups/ready": {STORE},
}  # fmt: skip
"""By path, or by method and path: the roles beside ``admin``, who may open everything."""
OF_SIGN_IN = {"sign-in", "sign-in/start", "signed-in", "enter/*", "appearance", "sign-out"}


def _key(route: Route) -> str:
    path = "/".join(route.path)
    return path if path in WHO else f"{route.method} {path}"


GUARDED = [route for route in ROUTES if "/".join(route.path) not in OF_SIGN_IN]


def test_every_route_is_in_the_table_and_the_table_names_no_other() -> None:
    assert {_key(route) for route in GUARDED} == set(WHO)


@pytest.mark.parametrize("route", GUARDED, ids=_key)
def test_the_table_says_who_may_open_it(route: Route) -> None:
    """By the words of the page, not by the right that the route says of itself: each role is let in or not."""
    world = _world()
    for role in RIGHTS:
        answer = _opened(world.browser(role), route, "x")
        permitted = role == "admin" or role in WHO[_key(route)]
        if route.path == ("",) and role == STORE:
            assert answer.status == 303  # to the first page of its menu
        elif route.method == "GET":
            assert (answer.status == 403) is (not permitted), role
        elif not permitted:
            assert answer.status == 403, role


def _world() -> ServiceWorld:
    return _WORLD


_WORLD = ServiceWorld()


def _opened(browser: Browser, route: Route, part: str) -> Answer:
    from urllib.parse import quote

    address = "/console/" + "/".join(quote(part, safe="") if one == "*" else one for one in route.path)
    return browser.get(address) if route.method == "GET" else browser.post(address, {})


@pytest.mark.parametrize("route", [one for one in GUARDED if one.method == "GET"], ids=_key)
def test_no_cache_keeps_it_and_nothing_hostile_runs(route: Route) -> None:
    """Also a refusal and a page that is not there: ``no-store``, our policy and no sniffing; what stands in the address
    or in what public sources said comes back as text."""
    browser = _world().browser("admin")
    for part in (*_parts(), *HOSTILE):
        answer = _opened(browser, route, part)
        assert answer.status < 500, part
        assert "no-store" in answer.headers["cache-control"]
        if answer.headers.get("content-type", "").startswith("text/html"):
            assert answer.headers["content-security-policy"].startswith(CONTENT_POLICY[:30])
            assert answer.headers["x-content-type-options"] == "nosniff"
            for hostile in HOSTILE:
                assert "<" not in hostile or hostile not in answer.text
        assert not answer.headers.get("location", "/").startswith(("http", "//", "/\\"))


def _parts() -> Iterator[str]:
    """What is there: a customer, a conversation, definitions."""
    world = _world()
    yield world.keys(parse_identifier("user:42"))
    yield world.hostile_talk
    yield from ("new", "cart-recovery", "stop")


def test_a_session_that_somebody_planted_becomes_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Session fixation: the cookie of before a sign-in is replaced by a new one, and is never extended or raised."""
    from shared.domain.identity.console_link import ConsoleLinks
    from tests.unit.console.console_world import SECRET, ConsoleWorld

    world = ConsoleWorld("http://127.0.0.1/console")
    browser = world.browser()
    planted = world.sessions.make(Session.new("sub-0", "eve@shop.example", (), world.wall.now()))
    name = world.console.cookies.name("session")
    browser.cookies[name] = planted
    browser.get("/console/enter/" + ConsoleLinks(SECRET).make("deniz", "marketer", world.wall.now()))
    assert browser.cookies[name] != planted
    later = world.browser()
    later.cookies[name] = planted
    assert "Stop all sending" not in later.get("/console").text


@pytest.mark.parametrize("role", [*RIGHTS, "intern"])
def test_everybody_who_signed_in_can_sign_out(role: str) -> None:
    """A till, and somebody without any role, too."""
    world = ServiceWorld()
    browser = world.browser(role)
    page = browser.get("/console/stock" if role == STORE else "/console")
    answer = browser.post("/console/sign-out", {"form_token": page.form_token})
    assert answer.status == 303
    assert world.console.cookies.name("session") not in browser.cookies
    assert known_roles([role]) or role == "intern"


def test_a_draft_of_somebody_is_not_published_by_who_may_only_see() -> None:
    """The words of the table, once more as a change: nothing is written for an agent with the token of a form."""
    world = ServiceWorld()
    agent = world.browser("agent")
    token = agent.get("/console/segments").form_token
    before = len(world.catalog.items())
    for path in ("publish", "segments/new/edit", "new-campaign", "journeys/cart-recovery/dry-run", "sending/stop"):
        assert agent.post(f"/console/{path}", {"form_token": token, "do": "fields", "days": "30"}).status == 403
    assert len(world.catalog.items()) == before
    assert not Drafts(world.catalog).all()
