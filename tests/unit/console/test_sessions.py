"""Who is signed in, and who is not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.console.rights import RIGHTS, known_roles
from functions.console.sessions import LIFETIME, Session, Sessions
from shared.domain.identity.console_link import LIFETIME as LINK_LIFETIME
from shared.domain.identity.console_link import ConsoleLinks
from tests.unit.console.console_world import SECRET, ConsoleWorld

pytestmark = pytest.mark.unit
LOCAL = "http://127.0.0.1:4580/console"


def _link(world: ConsoleWorld, role: str = "admin", secret: bytes = SECRET) -> str:
    return "/console/enter/" + ConsoleLinks(secret).make("deniz", role, world.wall.now())


def test_a_link_signs_in_on_a_laptop() -> None:
    """It gives a session of the role that it names, and leads to the first page."""
    world = ConsoleWorld(LOCAL)
    browser = world.browser()
    answer = browser.get(_link(world, "agent"))
    assert (answer.status, answer.headers["location"]) == (303, "/console")
    page = browser.get("/console")
    assert page.status == 200
    assert "deniz" in page.text
    assert "agent" in page.text


def test_a_link_is_good_for_minutes() -> None:
    """At the end of its time it is none any more, and gives no session."""
    world = ConsoleWorld(LOCAL)
    link = _link(world)
    world.wall.advance(LINK_LIFETIME - timedelta(milliseconds=1))
    assert world.browser().get(link).status == 303
    world.wall.advance(timedelta(milliseconds=1))
    late = world.browser()
    assert late.get(link).status == 401
    assert late.cookies == {}


def test_a_link_of_another_secret_signs_nobody_in() -> None:
    """Nor does one that was changed, nor a session's own token in its place."""
    world = ConsoleWorld(LOCAL)
    session = world.sessions.make(Session.new("s", "n", ("admin",), world.wall.now()))
    for link in (_link(world, secret=b"x" * 64), _link(world)[:-1], f"/console/enter/{session}", "/console/enter/"):
        browser = world.browser()
        assert browser.get(link).status in (401, 404)
        assert browser.cookies == {}


def test_a_deployment_knows_no_such_links() -> None:
    """There accounts sign in, whoever holds the secret."""
    world = ConsoleWorld()
    assert world.browser().get(_link(world)).status == 404


def test_a_session_ends_by_itself() -> None:
    """After twelve hours nobody is signed in any more."""
    world = ConsoleWorld()
    browser = world.browser("marketer")
    world.wall.advance(LIFETIME - timedelta(milliseconds=1))
    assert browser.get("/console").status == 200
    world.wall.advance(timedelta(milliseconds=1))
    assert browser.get("/console").status == 303


def test_a_session_is_made_anew_at_each_sign_in() -> None:
    """What the browser brought along, even a good session, is not taken over: no session can be planted."""
    world = ConsoleWorld(LOCAL)
    browser = world.browser("agent")
    planted = browser.cookies["kervan-session"]
    browser.get(_link(world))
    assert browser.cookies["kervan-session"] != planted
    first = world.sessions.read(planted, world.wall.now())
    second = world.sessions.read(browser.cookies["kervan-session"], world.wall.now())
    assert first is not None
    assert second is not None
    assert first.id != second.id


def test_cookies_are_for_this_site_only() -> None:
    """No script reads them and no other site sends them along; over TLS no other host can set them."""
    world = ConsoleWorld(LOCAL)
    for cookie in world.browser().get(_link(world)).cookies:
        assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    secure = ConsoleWorld()
    browser = secure.browser("admin")
    [ended] = browser.submit("/console", "/console/sign-out").cookies
    assert ended.startswith("__Host-kervan-session=;")
    assert {"Secure", "HttpOnly", "Max-Age=0"} <= set(ended.split("; "))
    assert browser.get("/console").status == 303


@given(st.text(max_size=60), st.text(max_size=60), st.sets(st.sampled_from(sorted(RIGHTS))))
def test_a_session_is_read_as_it_was_made(subject: str, name: str, roles: set[str]) -> None:
    """Whatever the account is called."""
    world_now = ConsoleWorld().wall.now()
    session = Session.new(subject, name, known_roles(roles), world_now)
    try:
        token = Sessions(SECRET).make(session)
    except UnicodeEncodeError:
        return  # half a character, which no provider's JSON holds
    assert Sessions(SECRET).read(token, world_now) == session
    assert Sessions(b"other").read(token, world_now) is None


@given(st.text(alphabet="abcdefgh-_0123", max_size=300))
def test_no_text_is_a_session(token: str) -> None:
    """What was not made here is none, and no error."""
    assert Sessions(SECRET).read(token, ConsoleWorld().wall.now()) is None
    assert Sessions(SECRET).read_attempt(token) is None
