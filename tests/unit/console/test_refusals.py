"""Who gets nothing: nobody without a session, no form of another site, no role beyond its rights."""

from __future__ import annotations

import pytest

from functions.console.rights import RIGHTS, Right, known_roles, rights_of
from functions.console.route import Route
from functions.console.routes import ROUTES
from functions.console.sessions import Session
from functions.console.sign_in import safe_path
from tests.unit.console.console_world import Browser, ConsoleWorld

pytestmark = pytest.mark.unit
OPEN = {"sign-in", "sign-in/start", "signed-in", "enter/*", "appearance", "sign-out"}
"""Paths that need no role; to sign out needs the token of a form, and so a session."""


def _address(route: Route) -> str:
    return "/console/" + "/".join("x" if part == "*" else part for part in route.path)


def _asked(browser: Browser, route: Route) -> int:
    if route.method == "POST":
        return browser.post(_address(route), {}).status
    return browser.get(_address(route)).status


def test_only_sign_in_is_open() -> None:
    """Every other path has a right; a new one that has none must be added here."""
    assert {"/".join(route.path) for route in ROUTES if route.right is None} == OPEN
    assert {"/".join(route.path) for route in ROUTES if route.method == "POST" and not route.checked} == {"appearance"}


@pytest.mark.parametrize("route", [one for one in ROUTES if one.right], ids=lambda one: f"{one.method} {one.path}")
def test_an_unauthenticated_request_gets_nothing(route: Route) -> None:
    """It is led to the sign-in with an empty answer, before anything is read or done."""
    world = ConsoleWorld()
    browser = world.browser()
    answer = browser.post(_address(route), {}) if route.method == "POST" else browser.get(_address(route))
    assert answer.status == 303
    assert answer.headers["location"].startswith("/console/sign-in")
    assert answer.text == ""


@pytest.mark.parametrize("route", [one for one in ROUTES if one.right], ids=lambda one: f"{one.method} {one.path}")
def test_a_role_opens_what_it_permits_and_nothing_else(route: Route) -> None:
    """An agent cannot stop sending, a marketer cannot undo links; without a role nothing opens."""
    world = ConsoleWorld()
    for role in (*RIGHTS, "intern"):
        status = _asked(world.browser(role), route)
        if route.path == ("",) and role == "store":
            assert status == 303  # to the first page of its menu
        elif route.right in rights_of([role]):
            assert status != 403 or route.method == "POST"  # a form without its token
        else:
            assert status == 403


@pytest.mark.parametrize("route", [one for one in ROUTES if one.method == "POST" and one.checked], ids=str)
def test_a_form_needs_the_token_of_its_session(route: Route) -> None:
    """None, a made-up one and one of another session of the same person are refused, and nothing is written."""
    world = ConsoleWorld()
    browser = world.browser("admin")
    other = Session.new("sub-1", "deniz@shop.example", ("admin",), world.wall.now())
    written: list[object] = []
    world.catalog.on_change = world.customers.on_change = written.append
    for token in ("", "x", world.sessions.form_token(other), browser.cookies["__Host-kervan-session"]):
        assert browser.post(_address(route), {"form_token": token}).status == 403
    assert written == []


def test_a_form_of_another_site_is_refused() -> None:
    """Even with the right token, as far as the browser says where it comes from."""
    world = ConsoleWorld()
    browser = world.browser("admin")
    form = {"form_token": browser.get("/console").form_token}
    assert browser.post("/console/sending/stop", form, sec_fetch_site="cross-site").status == 403
    assert browser.post("/console/sending/stop", form, sec_fetch_site="same-site").status == 403
    assert browser.post("/console/appearance", {"theme": "dark"}, sec_fetch_site="cross-site").status == 403
    assert browser.post("/console/sending/stop", form, sec_fetch_site="same-origin").status == 303


def test_tokens_of_forms_differ_in_every_page() -> None:
    """A page is sent compressed; a token that were the same each time could be guessed from its length."""
    browser = ConsoleWorld().browser("admin")
    assert browser.get("/console").form_token != browser.get("/console").form_token


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example", "//evil.example", "/\\evil.example", "/console//evil.example", "/consolex", "evil",
        "/console/../v1", "/console/..", "javascript:alert(1)", "/console/\n", "", "/console\\@evil", "/conso\u2028le",
    ],
)  # fmt: skip
def test_no_address_leads_away(path: str) -> None:
    """After the sign-in only pages of the console follow."""
    assert safe_path(path) == "/console"


def test_the_way_back_is_kept() -> None:
    """Who followed a link to a page gets there after the sign-in."""
    browser = ConsoleWorld().browser()
    assert browser.get("/console/changes?month=2026-11").headers["location"] == (
        "/console/sign-in?next=%2Fconsole%2Fchanges%3Fmonth%3D2026-11"
    )
    assert safe_path("/console/changes?month=2026-11") == "/console/changes?month=2026-11"


def test_what_is_not_there_is_a_page() -> None:
    """Also for nobody; it says what to do. A wrong method is told apart."""
    browser = ConsoleWorld().browser("admin")
    assert "There is nothing here" in browser.get("/console/no-such-page").text
    wrong = browser.post("/console/changes", {})
    assert (wrong.status, wrong.headers["allow"]) == (405, "GET")
    assert browser.post("/console/sending/stop", {"a": "x" * 70_000}).status == 400


def test_groups_that_are_no_roles_give_none() -> None:
    """Roles come in one order, and a name that is unknown gives no right."""
    assert known_roles(["x", "agent", "admin", "agent"]) == ("agent", "admin")
    assert rights_of(["x"]) == frozenset()
    assert Right.SEND not in rights_of(["agent", "privacy"])
    assert rights_of(["admin"]) == frozenset(Right)
