"""Sign-in by an identity provider: what fits makes a session, anything else makes none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from functions.console.sign_in import ATTEMPT_LIFETIME
from tests.unit.console.console_world import Browser, ConsoleWorld
from tests.unit.console.openid_provider import (
    CLIENT,
    CONFIGURATION,
    ISSUER,
    KEY,
    OTHER_KEY,
    OpenIdProvider,
    public_jwk,
)

pytestmark = pytest.mark.unit


def _begun(openid: OpenIdProvider, path: str = "/console") -> tuple[ConsoleWorld, Browser, str]:
    """A world, a browser that begins to sign in, and the address that the provider sends it back to."""
    world = ConsoleWorld(provider=openid.provider())
    browser = world.browser()
    started = browser.get(f"/console/sign-in/start?next={path}")
    assert started.status == 303
    return world, browser, openid.sign_in(started.headers["location"])


def test_who_the_provider_knows_is_signed_in() -> None:
    """With the roles of the groups, and led to the page that was asked for."""
    world, browser, back = _begun(OpenIdProvider(), "/console/changes")
    answer = browser.get(back)
    assert (answer.status, answer.headers["location"]) == (303, "/console/changes")
    session = world.sessions.read(browser.cookies["__Host-kervan-session"], world.wall.now())
    assert session is not None
    assert (session.subject, session.name, session.roles) == ("0a1b2c3d", "deniz@shop.example", ("marketer",))
    assert "__Host-kervan-sign-in" not in browser.cookies
    assert browser.get("/console").status == 200


def test_the_browser_is_sent_with_pkce_state_and_nonce() -> None:
    """Each sign-in has its own; the verifier stays in the browser's cookie."""
    world = ConsoleWorld(provider=OpenIdProvider().provider())
    queries = []
    for _ in range(2):
        address = urlsplit(world.browser().get("/console/sign-in/start").headers["location"])
        assert f"https://{address.netloc}{address.path}" == CONFIGURATION["authorization_endpoint"]
        queries.append({name: values[0] for name, values in parse_qs(address.query).items()})
    first, second = queries
    assert {first["response_type"], first["code_challenge_method"], first["client_id"]} == {"code", "S256", CLIENT}
    assert first["redirect_uri"] == "https://go.shop.example/console/signed-in"
    for name in ("state", "nonce", "code_challenge"):
        assert len(first[name]) >= 32
        assert first[name] != second[name]


WRONG: dict[str, dict[str, Any]] = {
    "issuer": {"claims": {"iss": "https://evil.example"}},
    "audience": {"claims": {"aud": "another-client"}},
    "nonce": {"claims": {"nonce": "another"}},
    "no nonce": {"claims": {"nonce": None}},
    "expired": {"claims": {"exp": datetime.now(UTC) - timedelta(minutes=2)}},
    "no end": {"claims": {"exp": None}},
    "no subject": {"claims": {"sub": None}},
    "access token": {"claims": {"token_use": "access"}},
    "another's signature": {"key": OTHER_KEY},
    "unknown key": {"key": OTHER_KEY, "kid": "k9"},
    "symmetric": {"key": "k" * 32, "algorithm": "HS256"},
    "refused": {"status": 500},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_a_token_that_is_not_good_signs_nobody_in(wrong: dict[str, Any]) -> None:
    """Each claim and the signature are asked for; the answer says nothing of the token."""
    _, browser, back = _begun(OpenIdProvider(**wrong))
    answer = browser.get(back)
    assert answer.status == 401
    assert "__Host-kervan-session" not in browser.cookies
    assert "deniz" not in answer.text


def test_an_unsigned_token_signs_nobody_in() -> None:
    """The algorithm is ours to choose, not the token's."""
    _, browser, back = _begun(OpenIdProvider(key=None, algorithm="none"))
    assert browser.get(back).status == 401


def test_an_answer_belongs_to_the_browser_that_asked() -> None:
    """Another browser, another state, no code, a second use of a code: none of them signs in."""
    openid = OpenIdProvider()
    world, browser, back = _begun(openid)
    assert world.browser().get(back).status == 401
    assert browser.get(back.replace("state=", "state=x")).status == 401
    assert browser.get(back.partition("code=")[0] + "state=" + back.partition("state=")[2]).status == 401
    kept = dict(browser.cookies)
    assert browser.get(back).status == 303
    browser.cookies = kept
    assert browser.get(back).status == 401


def test_an_attempt_ends_by_itself() -> None:
    """Who stays on the provider's page for too long begins anew."""
    world, browser, back = _begun(OpenIdProvider())
    world.wall.advance(ATTEMPT_LIFETIME)
    assert browser.get(back).status == 401


def test_an_account_without_a_role_gets_a_page_and_no_session() -> None:
    """It says whom to ask."""
    _, browser, back = _begun(OpenIdProvider(claims={"cognito:groups": ["staff"]}))
    answer = browser.get(back)
    assert answer.status == 403
    assert "administrator" in answer.text
    assert "__Host-kervan-session" not in browser.cookies


def test_new_keys_of_the_provider_are_read() -> None:
    """It changes them from time to time: an unknown one is looked for once more; known ones cost no request."""
    openid = OpenIdProvider()
    world, browser, back = _begun(openid)
    browser.get(back)
    asked = len(openid.asked)
    again = world.browser()
    again.get(openid.sign_in(again.get("/console/sign-in/start").headers["location"]))
    assert len(openid.asked) == asked + 1  # the token alone
    openid.key, openid.kid, openid.published = OTHER_KEY, "k2", [public_jwk(KEY, "k1"), public_jwk(OTHER_KEY, "k2")]
    third = world.browser()
    assert third.get(openid.sign_in(third.get("/console/sign-in/start").headers["location"])).status == 303


def test_sign_out_is_at_the_provider_too() -> None:
    """Else the next person at the computer would be signed in without a password."""
    world = ConsoleWorld(provider=OpenIdProvider().provider())
    answer = world.browser("agent").submit("/console", "/console/sign-out")
    assert answer.headers["location"].startswith(f"{CONFIGURATION['end_session_endpoint']}?client_id={CLIENT}&")


def test_a_provider_that_is_silent_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page says to try again."""
    openid = OpenIdProvider()
    monkeypatch.setattr(openid, "fetch", lambda *_: (502, b"<html>"))
    answer = ConsoleWorld(provider=openid.provider()).browser().get("/console/sign-in/start")
    assert answer.status == 503
    assert ISSUER not in answer.text
