"""Sign-in at MiniStack's Cognito: its hosted pages, PKCE, tokens and keys, called in this process without a socket.

Not Cognito itself: no second factor, and its pages speak plain HTTP, which the console's own requests do not.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
from ministack.services import cognito

from functions.console.oidc import Provider
from tests.unit.console.console_world import URL, Browser, ConsoleWorld

pytestmark = pytest.mark.contract
DENIZ, PASSWORD = "deniz@shop.example", "Long-enough-1!"


def _finished(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """In a thread of its own: tests of Chromium leave a loop that runs in theirs."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


def _called(action: str, **asked: Any) -> dict[str, Any]:
    headers = {"x-amz-target": f"AWSCognitoIdentityProviderService.{action}"}
    answer = _finished(cognito.handle_request("POST", "/", headers, json.dumps(asked).encode(), {}))
    assert answer[0] == 200, answer
    found: dict[str, Any] = json.loads(answer[2] or b"{}")
    return found


class Pool:
    """As infra/console.py makes it: a client without a secret, code flow, groups that are roles."""

    def __init__(self) -> None:
        self.id = _called("CreateUserPool", PoolName="kervan", UsernameAttributes=["email"])["UserPool"]["Id"]
        client = _called(
            "CreateUserPoolClient", UserPoolId=self.id, ClientName="console", GenerateSecret=False,
            AllowedOAuthFlows=["code"], AllowedOAuthFlowsUserPoolClient=True, AllowedOAuthScopes=["openid", "email"],
            CallbackURLs=[f"{URL}/signed-in"], LogoutURLs=[f"{URL}/sign-in"], SupportedIdentityProviders=["COGNITO"],
        )  # fmt: skip
        self.client = client["UserPoolClient"]["ClientId"]
        self.issuer = f"https://cognito-idp.{self.id.partition('_')[0]}.amazonaws.com/{self.id}"

    def person(self, name: str, *groups: str) -> None:
        attributes = [{"Name": "email", "Value": name}, {"Name": "email_verified", "Value": "true"}]
        _called("AdminCreateUser", UserPoolId=self.id, Username=name, UserAttributes=attributes)
        _called("AdminSetUserPassword", UserPoolId=self.id, Username=name, Password=PASSWORD, Permanent=True)
        for group in groups:
            _called("CreateGroup", UserPoolId=self.id, GroupName=group)
            _called("AdminAddUserToGroup", UserPoolId=self.id, Username=name, GroupName=group)

    def fetch(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        """The provider's addresses, whatever host they name."""
        path = urlsplit(url).path
        if path.endswith("/.well-known/openid-configuration"):
            answer = cognito.well_known_openid_configuration(self.id, host="cognito.example", scheme="https")
        elif path.endswith("/.well-known/jwks.json"):
            answer = cognito.well_known_jwks(self.id)
        else:
            answer = _finished(cognito.handle_oauth2_token(method, path, dict(headers), body, {}))
        return answer[0], answer[2]

    def signed_in_at(self, address: str, name: str, password: str) -> str:
        """What a person does: the form of the hosted page, filled in and sent; where that leads."""
        query = parse_qs(urlsplit(address).query)
        status, _, html = cognito.handle_oauth2_authorize("GET", "/oauth2/authorize", {}, query)
        assert status == 200
        text = html.decode() if isinstance(html, bytes) else html
        hidden = dict(re.findall(r'name="([^"]+)"[^>]*value="([^"]*)"', text))
        form = {**hidden, **dict(parse_qsl(urlsplit(address).query)), "username": name, "password": password}
        answer = cognito.handle_login_submit("POST", "/login", {}, urlencode(form).encode(), {})
        headers = {key.lower(): value for key, value in answer[1].items()}
        return str(headers.get("location", ""))


@pytest.fixture
def pool() -> Pool:
    return Pool()


def _console(pool: Pool) -> ConsoleWorld:
    world = ConsoleWorld(URL, Provider(pool.issuer, pool.client, URL, pool.fetch))
    world.wall.time = datetime.now(UTC)
    return world


def _through(world: ConsoleWorld, pool: Pool, browser: Browser, password: str = PASSWORD) -> str:
    address = browser.get("/console/sign-in/start?next=/console/segments").headers["location"]
    return pool.signed_in_at(address, DENIZ, password)


def test_a_marketer_signs_in_and_comes_to_the_page(pool: Pool) -> None:
    """From the console to the provider and back, with the group as the role."""
    pool.person(DENIZ, "marketer")
    world = _console(pool)
    browser = world.browser()
    back = _through(world, pool, browser)
    assert back.startswith(f"{URL}/signed-in?")
    answer = browser.get("/console/signed-in?" + urlsplit(back).query)
    assert (answer.status, answer.headers["location"]) == (303, "/console/segments")
    page = browser.get("/console").text
    assert DENIZ in page
    assert "Stop all sending" in page
    again = world.browser()
    assert again.get("/console/signed-in?" + urlsplit(back).query).status == 401  # another browser has no attempt


def test_a_wrong_password_a_used_code_and_no_group_open_nothing(pool: Pool) -> None:
    pool.person(DENIZ)
    world = _console(pool)
    browser = world.browser()
    assert "code=" not in _through(world, pool, browser, "wrong")
    back = _through(world, pool, browser)
    query = urlsplit(back).query
    assert browser.get("/console/signed-in?" + query).status == 403  # signed in, without a role
    assert browser.get("/console/signed-in?" + query).status == 401  # the code was used
    assert browser.get("/console").status == 303
