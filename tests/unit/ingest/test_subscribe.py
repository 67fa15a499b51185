"""The sign-up form: what is taken, what is not, and that the answer tells nothing of the address."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from msgspec.structs import replace

from functions.ingest.sign_up_form import network_of
from functions.ingest.subscribe import PER_ADDRESS
from shared.domain.consent.consent import Consent, consent_state
from shared.domain.consent.consent_events import ConsentRecord
from shared.domain.consent.sign_up import SignUp, SignUpTokens
from shared.domain.definitions.release import Release
from shared.domain.definitions.shop import Shop
from shared.domain.definitions.sign_up import SignUpLimits
from shared.domain.events.event import Event
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.identity.signed_token import InvalidToken
from shared.stores.consent_items import consent_items, put_first, statements
from shared.stores.event_items import read_event
from shared.stores.releases import Releases
from tests.unit.ingest.world import NOW, WEB_KEY, World, http_event

pytestmark = pytest.mark.unit

TEXTS = {"2026-11": {"tr": "Kabul ediyorum.", "en": "I agree."}}
SHOP = Shop.model_validate({"name": "Shop", "consent_texts": TEXTS})
FORM = {"email": "ayse@example.com", "text_version": "2026-11", "language": "tr", "first_name": "Ayşe Nur"}
TOKENS = SignUpTokens(b"s" * 64)


def world(shop: Shop = SHOP) -> World:
    made = World()
    Releases(made.catalog).publish(Release(0, shop))
    return made


def events(made: World) -> list[Event]:
    return [read_event(item) for item in made.customers.items() if item["sk"].startswith("t#")]


def post(made: World, body: Any, **headers: str) -> tuple[int, Any]:
    sent = {"content-type": "application/json", **headers}
    return made.send(http_event("POST", "/v1/subscribe", body, sent))


def sign_up(made: World, **more: Any) -> tuple[int, Any]:
    return post(made, {**FORM, "writeKey": WEB_KEY, **more})


def test_a_sign_up_is_an_event_of_the_mailbox_with_a_ticket() -> None:
    """Nothing is granted by it; the ticket holds no personal data and is no link."""
    made = world()
    assert sign_up(made, email=" AYSE@Example.com ") == (202, {"success": True})
    (event,) = events(made)
    assert event.name == "Subscription Requested"
    assert [str(one) for one in event.identifiers] == ["email:ayse@example.com"]
    assert event.traits == {"first_name": "Ayşe Nur", "language": "tr"}
    ticket = TOKENS.read_ticket(event.properties["ticket"])
    assert (ticket.channel, ticket.purposes, ticket.text_version) == ("email", ("marketing",), "2026-11")
    with pytest.raises(InvalidToken):
        TOKENS.read_link(event.properties["ticket"])
    assert list(statements(made.customers, made.keys(parse_identifier("email:ayse@example.com")))) == []


def test_a_form_of_a_page_is_answered_with_a_page() -> None:
    """Form-encoded, with the key as a field."""
    made = world()
    body = urlencode({**FORM, "writeKey": WEB_KEY, "purposes": "marketing"})
    event = http_event("POST", "/v1/subscribe", body, {"content-type": "application/x-www-form-urlencoded"})
    answer = made.answer(event)
    assert answer["statusCode"] == 200
    assert answer["headers"]["content-type"].startswith("text/html")
    assert len(events(made)) == 1


@pytest.mark.parametrize(
    "more",
    [
        {"email": ""},
        {"email": "nonsense"},
        {"email": ["a@b.example"]},
        {"phone": "+905321112233"},
        {"email": None, "phone": "+4915112345678"},
        {"email": None, "phone": "123"},
        {"text_version": "unknown"},
        {"text_version": None},
        {"purposes": []},
        {"purposes": ["Marketing!"]},
        {"purposes": ["a"] * 6},
        {"language": "xx"},
        {"first_name": "Win at https://evil.example"},
        {"first_name": "a" * 41},
        {"last_name": "<b>"},
    ],
)
def test_what_cannot_be_used_is_refused_with_a_sentence(more: dict[str, Any]) -> None:
    """400, and nothing is stored. A name with an address of a page would go into a stranger's mail."""
    made = world()
    status, answer = sign_up(made, **more)
    assert (status, answer["error"]) == (400, "malformed")
    assert made.customers.items() == []


@pytest.mark.parametrize("body", ["[]", "{", "\xff", "null", json.dumps({"a": "b" * 5000})])
def test_any_body_is_answered(body: str) -> None:
    """Calmly."""
    assert post(world(), body)[0] in {400, 401}


def test_a_key_is_needed() -> None:
    """As for every event."""
    made = world()
    assert post(made, FORM)[0] == 401
    assert post(made, {**FORM, "writeKey": "admin-key"})[0] == 401


def test_a_program_that_fills_the_hidden_field_gets_the_same_answer() -> None:
    """And nothing is stored."""
    made = world()
    assert sign_up(made, website="https://spam.example") == (202, {"success": True})
    assert made.customers.items() == []


def test_an_address_is_asked_three_times_a_day_whoever_asks() -> None:
    """The answer stays the same, in every spelling; the next day it is asked again."""
    made = world()
    for number in range(6):
        spelled = ("ayse@example.com", "AYSE@example.com")[number % 2]
        made.clock.advance(timedelta(minutes=1))
        assert sign_up(made, email=spelled) == (202, {"success": True})
    assert len(events(made)) == 3
    made.clock.advance(timedelta(days=1))
    sign_up(made)
    assert len(events(made)) == 4


def test_a_visitor_is_held_back_after_sixty_an_hour() -> None:
    """For different addresses; no address of the visitor is kept. A carrier may have thousands of phones behind it."""
    made = world()
    for number in range(60):
        assert sign_up(made, email=f"a{number}@example.com")[0] == 202
    status, answer = sign_up(made, email="b@example.com")
    assert (status, answer["error"]) == (429, "too_many_sign_ups")
    assert "192.0.2" not in str(made.messages.items())
    made.clock.advance(timedelta(hours=1))
    assert sign_up(made, email="b@example.com")[0] == 202


@pytest.mark.parametrize(("ip", "most"), [("192.0.2.7", 30), ("2001:db8:1:1::7", 20)])
def test_a_shop_says_how_many_sign_up_from_one_address(ip: str, most: int) -> None:
    """An IPv6 network has one subscriber, so no shop lets more through than twenty an hour."""
    made = world(SHOP.model_copy(update={"sign_up_limits": SignUpLimits(per_visitor=30)}))
    answers = []
    for number in range(most + 1):
        form = {**FORM, "email": f"a{number}@example.com", "writeKey": WEB_KEY}
        event = http_event("POST", "/v1/subscribe", form, {"content-type": "application/json"})
        event["requestContext"]["http"]["sourceIp"] = ip
        answers.append(made.send(event)[0])
    assert answers == [*[202] * most, 429]


def test_a_key_brings_so_many_sign_ups_an_hour() -> None:
    """From wherever they come; an address that was asked too often, and a program, take none from others."""
    made = world(SHOP.model_copy(update={"sign_up_limits": SignUpLimits(per_hour=5)}))
    for _ in range(6):
        assert sign_up(made)[0] == 202
        assert sign_up(made, website="x")[0] == 202
        made.clock.advance(timedelta(seconds=1))
    answers = [sign_up(made, email=f"a{number}@example.com")[0] for number in range(4)]
    assert answers == [202, 202, 429, 429]
    assert sign_up(made, website="x")[0] == 429
    made.clock.advance(timedelta(hours=1))
    assert sign_up(made, email="b@example.com")[0] == 202
    assert len(events(made)) == 6


@pytest.mark.parametrize(("channels", "status"), [(["email"], 202), (["sms"], 400), (["sms", "email"], 202), ([], 202)])
def test_a_text_is_agreed_to_for_its_channels(channels: list[str], status: int) -> None:
    """Who agrees to text messages has not agreed to e-mail: the proof would name a text that does not speak of it."""
    text = {"channels": channels, "tr": "Kabul ediyorum."} if channels else {"tr": "Kabul ediyorum."}
    made = world(Shop.model_validate({"name": "Shop", "consent_texts": {"2026-11": text}}))
    answer = sign_up(made)
    assert answer[0] == status
    assert len(events(made)) == (status == 202)
    if status == 400:
        assert answer[1]["message"] == "text_version 2026-11 is a text for sms, not for email"


def test_without_double_opt_in_the_form_is_the_consent() -> None:
    """For a phone, whose message cannot carry a link."""
    made = world(SHOP.model_copy(update={"double_opt_in": {"sms": False}}))
    assert sign_up(made, email=None, phone="0532 111 22 33")[0] == 202
    key = made.keys(parse_identifier("phone:+905321112233"))
    ((said, _),) = statements(made.customers, key)
    assert (said.granted, said.may_grant, said.origin, said.text_version) == (True, True, "sign_up_form", "2026-11")
    assert sorted(event.name for event in events(made)) == ["Consent Granted", "Subscription Requested"]


ADDRESS = "e.address"


def link(at: Any = NOW, **more: Any) -> str:
    asked = SignUp(ADDRESS, "email", ("marketing",), "2026-11", at, "web", "the-mail")
    return TOKENS.link(replace(asked, **more))


def granted(made: World) -> bool:
    said = [one for one, _ in statements(made.customers, ADDRESS)]
    return consent_state(said, "email", "marketing", ADDRESS, made.clock.now()).granted


def test_get_asks_and_post_grants_once() -> None:
    """Scanners change nothing. A link that is used again after a withdrawal does not grant again."""
    made = world()
    assert made.answer(http_event("GET", f"/s/{link()}", "", {}))["statusCode"] == 200
    assert made.customers.items() == []
    assert made.answer(http_event("POST", f"/s/{link()}", "", {}))["statusCode"] == 200
    assert granted(made)
    made.clock.advance(timedelta(hours=1))
    no = Consent("email", "marketing", False, made.clock.now(), made.clock.now(), False, "web", "no", ADDRESS)
    made.customers.put_many(consent_items(ConsentRecord((ADDRESS,), no), trusted=False))
    made.clock.advance(timedelta(hours=1))
    assert made.answer(http_event("POST", f"/s/{link()}", "", {}))["statusCode"] == 200
    assert not granted(made)


def test_a_link_that_is_too_old_says_so() -> None:
    """After seven days; nothing is granted."""
    made = world()
    made.clock.advance(timedelta(days=7))
    answer = made.answer(http_event("POST", f"/s/{link()}", "", {}))
    assert answer["statusCode"] == 410
    assert not granted(made)


FORGED = ("nonsense", "", link()[:-1], "A" + link()[1:], TOKENS.ticket(TOKENS.read_link(link())))


@pytest.mark.parametrize("token", FORGED)
def test_a_link_that_was_not_made_here_is_a_plain_404(token: str) -> None:
    """Also the ticket of the event, which operators can see."""
    made = world()
    answer = made.answer(http_event("POST", f"/s/{token or 'x'}", "", {}))
    assert answer["statusCode"] == 404
    assert made.customers.items() == []


@pytest.mark.parametrize(("purpose", "origin"), [("marketing", "unsubscribe_link"), ("all", "complaint")])
def test_without_double_opt_in_a_form_undoes_no_refusal(purpose: str, origin: str) -> None:
    """Anybody can fill it in: who said no is asked by mail, and until the mailbox confirms nothing is granted."""
    made = world(SHOP.model_copy(update={"double_opt_in": {"email": False}}))
    key = made.keys(parse_identifier("email:ayse@example.com"))
    day = NOW - timedelta(days=1)
    refusal = Consent("email", purpose, False, day, day, False, "ses", "no-1", key, "", origin)
    put_first(made.customers, consent_items(ConsentRecord((key,), refusal), trusted=True))
    assert sign_up(made)[0] == 202
    said = [one for one, _trusted in statements(made.customers, key)]
    assert [one.granted for one in said] == [False]
    [event] = events(made)
    assert TOKENS.read_ticket(event.properties["ticket"]).purposes == ("marketing",)


def test_a_phone_that_said_no_is_left_alone() -> None:
    """Nothing can confirm it; the answer is the same."""
    made = world(SHOP.model_copy(update={"double_opt_in": {"sms": False}}))
    key = made.keys(parse_identifier("phone:+905551112233"))
    day = NOW - timedelta(days=1)
    refusal = Consent("sms", "marketing", False, day, day, False, "sms", "no-1", key, "", "reply")
    put_first(made.customers, consent_items(ConsentRecord((key,), refusal), trusted=True))
    assert post(made, {"phone": "+905551112233", "text_version": "2026-11", "writeKey": WEB_KEY})[0] == 202
    assert [one.granted for one, _trusted in statements(made.customers, key)] == [False]
    assert events(made) == []


@pytest.mark.parametrize("purpose", ["all", "transactional"])
def test_what_is_no_purpose_of_a_form_is_refused(purpose: str) -> None:
    """Both are words of our own: a grant of `all` would end the suppression of an address."""
    assert sign_up(world(), purposes=[purpose])[0] == 400


def test_one_mailbox_and_one_network_are_counted_as_one() -> None:
    """Spellings with a tag are read in one mailbox; the first 64 bits of IPv6 are one household or server."""
    made = world()
    for n in range(9):
        assert sign_up(made, email=f"ayse+{n}@example.com")[0] == 202
    assert len(events(made)) == PER_ADDRESS
    assert network_of("2001:db8:1:1::1") == network_of("2001:db8:1:1:ffff::2") != network_of("2001:db8:1:2::1")
    assert (network_of("192.0.2.1"), network_of("what")) == ("192.0.2.1", "what")
    assert network_of("::ffff:192.0.2.1") == "192.0.2.1"
