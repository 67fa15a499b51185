"""Ten thousand altered tokens as they would be called: none opens anything, and reading changes no consent."""

from __future__ import annotations

import hmac
import random
from typing import Any
from urllib.parse import quote

import pytest

from shared.domain.consent.recipient_tokens import RecipientLink, RecipientTokens
from shared.domain.consent.sign_up import SignUp
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.message_links.message_link import LinkTokens, MessageLink
from tests.unit.domain.message_links.test_tokens import altered
from tests.unit.ingest.world import NOW, World

pytestmark = pytest.mark.unit

LINKS, RECIPIENTS = LinkTokens(b"s" * 64), RecipientTokens(b"s" * 64)
EACH = 2_000


def tokens(world: World) -> dict[str, str]:
    """A good one for each page, by the path that it stands in."""
    home, mailbox = (world.keys(parse_identifier(one)) for one in ("user:42", "email:ayse@example.com"))
    who = RecipientLink(home, "m-1", "email", "marketing", mailbox)
    asked = SignUp(mailbox, "email", ("marketing",), "2026-11", NOW, "web", "the-mail")
    return {
        "/l/{}": LINKS.make(MessageLink("m-1", 3, "https://shop.example/p/1")),
        "/o/{}.gif": LINKS.pixel("m-1"),
        "/p/{}": RECIPIENTS.make_preferences(who),
        "/v1/unsubscribe/{}": RECIPIENTS.make(who),
        "/s/{}": RECIPIENTS.sign_up.link(asked),
    }


def ask(world: World, path: str, method: str, query: str = "") -> dict[str, Any]:
    body = {"body": "all=off&was.email.marketing=1"} if method == "POST" else {}
    return world.answer(
        {
            "rawPath": path,
            "rawQueryString": query,
            "queryStringParameters": dict([query.split("=")]) if query else {},
            "headers": {"content-type": "application/x-www-form-urlencoded"},
            "requestContext": {"http": {"method": method, "sourceIp": "192.0.2.7"}, "stage": "$default"},
            **body,
        }
    )


@pytest.mark.parametrize("path", ["/l/{}", "/o/{}.gif", "/p/{}", "/v1/unsubscribe/{}", "/s/{}"])
def test_no_altered_token_opens_anything(path: str) -> None:
    """404 with a plain page (a picture where a picture is asked for), nothing written, nothing of the token shown."""
    world, chance = World(), random.Random(path)
    good = tokens(world)[path]
    for _ in range(EACH):
        token = altered(good, chance)
        if not token:
            continue  # the path of another page
        for method in ("GET", "HEAD") if path.startswith(("/l/", "/o/")) else ("GET", "POST"):
            answer = ask(world, path.format(quote(token, safe="")), method)
            assert answer["statusCode"] == 404, (method, token)
            assert "location" not in answer["headers"]
            assert answer["headers"]["content-type"] in {"text/html; charset=utf-8", "image/gif"}
            assert len(token) < 20 or token[:20] not in answer["body"]
    assert world.customers.items() == world.messages.items() == []


@pytest.mark.parametrize("path", ["/l/{}", "/o/{}.gif", "/p/{}", "/v1/unsubscribe/{}", "/s/{}"])
def test_reading_a_page_never_changes_consent(path: str) -> None:
    """With the good token: scanners open every link of a mail, with whatever they add to it."""
    world = World()
    for method in ("GET", "HEAD"):
        for query in ("", "all=off", "email.marketing=0", "List-Unsubscribe=One-Click"):
            answer = ask(world, path.format(tokens(world)[path]), method, query)
            assert answer["statusCode"] in {200, 302, 405}
    assert [item for item in world.customers.items() if not str(item["sk"]).startswith("t#")] == []


def test_signatures_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every token that could be one comes to the comparison that takes as long for each, and to no other: two texts of
    the same length, of which the secret decides one."""
    compared: list[tuple[int, int]] = []
    real = hmac.compare_digest

    def noted(one: Any, other: Any) -> bool:
        compared.append((len(one), len(other)))
        return real(one, other)

    monkeypatch.setattr(hmac, "compare_digest", noted)
    world, chance = World(), random.Random(3)
    made, letters = tokens(world), "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    for path, good in made.items():
        for _ in range(200):
            at = chance.randrange(len(good))
            token = good[:at] + chance.choice(letters.replace(good[at], "")) + good[at + 1 :]
            compared.clear()
            assert ask(world, path.format(token), "GET")["statusCode"] == 404
            assert compared == [(16, 16)]
