"""No page and no link of ours sends anybody where a visitor chose: a hundred tricks, everywhere they could stand."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from functions.ingest.preferences import LONGEST_FORM
from shared.domain.consent.recipient_tokens import RecipientLink, RecipientTokens
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.message_links.message_link import LinkTokens, MessageLink, may_lead_to
from shared.domain.templates.html_rules import allowed_link
from shared.stores.short_links import ShortLinks
from tests.support.redirect_tricks import BROKEN_HTTPS, NOT_HTTPS, TRICKS
from tests.unit.ingest.world import NOW, WEB_KEY, World

pytestmark = pytest.mark.unit

TOKENS, RECIPIENTS = LinkTokens(b"s" * 64), RecipientTokens(b"s" * 64)
LINK = MessageLink("m-1", 1, "https://shop.example/p/1")
NAMES = ("url", "next", "to", "redirect", "redirect_uri", "return", "location", "lang", "saved")
FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def world() -> World:
    made = World()
    ShortLinks(made.messages).put_all([(TOKENS.short(LINK), LINK)], NOW)
    return made


def ask(world: World, path: str, method: str = "GET", trick: str = "", body: str = "") -> dict[str, Any]:
    """A request with the trick in its query, its cookies and the headers that name a host."""
    header = trick.encode("ascii", "ignore").decode().replace("\r", "").replace("\n", "")
    return world.answer(
        {
            "rawPath": path,
            "rawQueryString": urlencode(dict.fromkeys(NAMES, trick)),
            "queryStringParameters": dict.fromkeys(NAMES, trick),
            "headers": {
                **(FORM if method == "POST" else {}), "host": header, "x-forwarded-host": header,
                "forwarded": f"host={header}", "x-original-url": header, "referer": header, "origin": header,
            },
            "requestContext": {"http": {"method": method, "sourceIp": "192.0.2.7"}, "stage": "$default"},
            **({"body": body} if body else {}),
        }
    )  # fmt: skip


def test_the_corpus_has_a_hundred_tricks() -> None:
    assert len(set(TRICKS)) == len(TRICKS) >= 100


@pytest.mark.parametrize("trick", TRICKS)
def test_a_link_leads_where_the_message_said(world: World, trick: str) -> None:
    """Whatever is added to the request; and a trick in the place of a token is a plain page."""
    for path in (f"/l/{TOKENS.make(LINK)}", f"/{TOKENS.short(LINK)}"):
        answer = ask(world, path, trick=trick)
        assert (answer["statusCode"], answer["headers"]["location"]) == (302, LINK.url)
    for place in (quote(trick, safe=""), trick, f"{TOKENS.make(LINK)}{quote(trick, safe='')}"):
        for space in ("/l/", "/p/", "/s/", "/v1/unsubscribe/", "/o/", "/"):
            if f"{space}{place}" != f"/l/{TOKENS.make(LINK)}":
                answer = ask(world, f"{space}{place}", trick=trick)
                assert answer["statusCode"] >= 400, (space, place)
                assert "location" not in answer["headers"]


@pytest.mark.parametrize("trick", TRICKS)
def test_no_form_sends_its_visitor_to_a_stranger(world: World, trick: str) -> None:
    """The page of preferences goes back to itself; the others answer with a page of their own."""
    home, mailbox = (world.keys(parse_identifier(one)) for one in ("user:42", "email:ayse@example.com"))
    who = RecipientLink(home, "m-1", "email", "marketing", mailbox)
    body = urlencode({**dict.fromkeys(NAMES, trick), "language": trick, "was.language": "tr", "pause": "0"})
    answer = ask(world, f"/p/{RECIPIENTS.make_preferences(who)}", "POST", trick, body)
    where = answer["headers"].get("location", "")
    assert answer["statusCode"] == (400 if len(body) > LONGEST_FORM else 303)
    assert re.fullmatch(r"(\?saved=[01]&lang=(tr|en))?", where)
    sign_up = urlencode({"writeKey": WEB_KEY, "email": "a@example.com", "text_version": trick, "next": trick})
    for path, said in (
        (f"/v1/unsubscribe/{RECIPIENTS.make(who)}", body), ("/v1/subscribe", sign_up), ("/v1/subscribe/confirm", body),
    ):  # fmt: skip
        assert "location" not in ask(world, path, "POST", trick, said)["headers"]


@pytest.mark.parametrize("trick", [*NOT_HTTPS, *BROKEN_HTTPS])
def test_where_no_link_of_a_message_may_lead(trick: str) -> None:
    """Neither is it followed, nor may a published template hold it, but for mail and telephone."""
    assert not may_lead_to(trick)
    assert not allowed_link(trick) or trick.startswith(("mailto:", "tel:", "https://"))
