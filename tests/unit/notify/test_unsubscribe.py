"""The link to refuse: unforgeable, harmless to fetch, effective at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.ingest.api import route
from functions.ingest.unsubscribe import unsubscribe
from shared.domain.consent.recipient_tokens import InvalidToken, RecipientLink, RecipientTokens
from shared.domain.messages.message import Reason, Skipped, State
from shared.http.answers import Problem
from shared.http.request import read_request
from tests.support.world import KEYS
from tests.unit.ingest.world import World, http_event
from tests.unit.notify.world import MORNING, SECRET, Shopping, request

pytestmark = pytest.mark.unit

TOKENS = RecipientTokens(SECRET)
REFUSAL = RecipientLink("u.home", "message", "email", "marketing", "e.address")


def test_a_token_gives_back_what_it_was_made_of() -> None:
    """And it is short enough for a header line, in letters that need no escaping."""
    token = TOKENS.make(REFUSAL)
    assert TOKENS.read(token) == REFUSAL
    assert len(token) < 200
    assert token.replace("-", "").replace("_", "").isalnum()


@given(st.integers(0, 10_000), st.sampled_from("Aa0_-"))
def test_a_changed_letter_is_a_forgery(place: int, letter: str) -> None:
    """No single letter can be changed, and another deployment's tokens are not ours."""
    token = TOKENS.make(REFUSAL)
    at = place % (len(token) - 1)  # the last letter holds unused bits
    if token[at] != letter:
        with pytest.raises(InvalidToken):
            TOKENS.read(token[:at] + letter + token[at + 1 :])
    with pytest.raises(InvalidToken):
        RecipientTokens(b"y" * 32).read(token)


@given(st.text(max_size=600))
def test_any_text_is_refused_calmly(text: str) -> None:
    """Whatever somebody types into the address is an invalid token, nothing else."""
    with pytest.raises(InvalidToken):
        TOKENS.read(text)


def call(shop: Shopping, method: str, token: str) -> dict[str, Any]:
    return unsubscribe(
        method,
        token,
        tokens=TOKENS,
        customers=shop.customers,
        keys=KEYS,
        now=MORNING + timedelta(minutes=1),
    )


def test_get_asks_and_post_refuses_at_once() -> None:
    """A scanner's GET changes nothing; the POST of a mail program makes the next commercial e-mail impossible, on the
    timeline it is an ordinary Consent Withdrawn, and doing it twice is harmless."""
    shop = Shopping()
    shop.ayse()
    service = shop.notifying()
    assert service.handle(request("email"), MORNING).state is State.SENT
    token = shop.sender.sent[0].headers["List-Unsubscribe"].strip("<>").rpartition("/")[2]
    before = shop.world.memory.items()
    asked = call(shop, "GET", token)
    assert (asked["statusCode"], shop.world.memory.items()) == (200, before)
    assert '<form method="post">' in asked["body"]
    assert asked["headers"]["content-security-policy"].startswith("default-src 'none'")
    assert call(shop, "POST", token)["statusCode"] == 200
    assert call(shop, "POST", token)["statusCode"] == 200
    tomorrow = MORNING + timedelta(days=1)
    last = request("email", step="last", template="cart-last", due=tomorrow)
    assert service.handle(last, tomorrow).outcome == Skipped(Reason.NO_CONSENT)
    names = [event.name for event in shop.world.store.events(request().home)]
    assert names.count("Consent Withdrawn") == 1


def test_a_broken_link_says_so() -> None:
    """404 with a sentence for people; nothing is stored."""
    shop = Shopping()
    answer = call(shop, "POST", "nonsense")
    assert answer["statusCode"] == 404
    assert shop.world.memory.items() == []


def test_the_http_api_routes_the_link() -> None:
    """Through the API's own code: the page, a method that is not allowed, a path without a token."""
    world = World()
    token = RecipientTokens(b"s" * 64).make(REFUSAL)

    def answer(method: str, path: str) -> tuple[int, str]:
        try:
            made = route(read_request(http_event(method, path, "", {})), lambda: world.environment)
        except Problem as problem:
            made = problem.answer()
        return made["statusCode"], made["headers"]["content-type"]

    assert answer("GET", f"/v1/unsubscribe/{token}") == (200, "text/html; charset=utf-8")
    assert world.customers.items() == []
    assert answer("POST", f"/v1/unsubscribe/{token}") == (200, "text/html; charset=utf-8")
    assert [item["pk"] for item in world.customers.items()] == ["e.address", "u.home"]
    assert answer("DELETE", f"/v1/unsubscribe/{token}")[0] == 405
    assert answer("POST", "/v1/unsubscribe")[0] == 404
    assert answer("POST", f"/v1/unsubscribe/{token}/more")[0] == 404
