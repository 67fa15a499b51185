"""A phone confirms its sign-up by the code of a text message: few tries, half an hour, nothing told to who guesses."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from shared.domain.consent.consent import Consent, consent_state
from shared.domain.consent.consent_events import ConsentRecord
from shared.domain.consent.sign_up import CODE_DIGITS, MOST_TRIES, SignUp, SignUpTokens
from shared.domain.definitions.sign_up import SignUpLimits
from shared.domain.identity.identifiers import parse_identifier
from shared.stores.consent_items import consent_items, statements
from tests.unit.ingest.test_subscribe import SHOP, TOKENS, events, post, world
from tests.unit.ingest.world import NOW, WEB_KEY, World, http_event

pytestmark = pytest.mark.unit

PHONE = "+905321112233"
FORM = {"phone": "0532 111 22 33", "text_version": "2026-11", "language": "tr", "writeKey": WEB_KEY}


def sign_up(made: World, **more: Any) -> str:
    status, answer = post(made, {**FORM, **more})
    assert (status, sorted(answer)) == (202, ["sign_up", "success"])
    name: str = answer["sign_up"]
    return name


def code_of(made: World) -> str:
    """As notify writes it: from the ticket of the newest event."""
    return TOKENS.code(TOKENS.read_ticket(events(made)[-1].properties["ticket"]))


def confirm(made: World, name: Any, code: Any) -> tuple[int, Any]:
    body = {"sign_up": name, "code": code}
    return made.send(http_event("POST", "/v1/subscribe/confirm", body, {"content-type": "application/json"}))


def key_of(made: World) -> str:
    return made.keys(parse_identifier(f"phone:{PHONE}"))


def granted(made: World) -> bool:
    said = [one for one, _ in statements(made.customers, key_of(made))]
    return consent_state(said, "sms", "marketing", key_of(made), made.clock.now()).granted


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**CODE_DIGITS:0{CODE_DIGITS}}"


def test_the_code_grants_and_nothing_before_it() -> None:
    """With its proof: the text, and that it was confirmed. Twice is the same as once."""
    made = world()
    name = sign_up(made)
    assert not granted(made)
    code = code_of(made)
    assert re.fullmatch(r"[0-9]{6}", code)
    assert confirm(made, name, f" {code[:3]} {code[3:]} ") == (200, {"success": True})
    assert granted(made)
    ((said, trusted),) = statements(made.customers, key_of(made))
    assert (said.origin, said.text_version, said.channel, trusted) == ("double_opt_in", "2026-11", "sms", True)
    before = made.customers.items()
    made.clock.advance(timedelta(minutes=1))
    assert confirm(made, name, code)[0] == 200
    assert made.customers.items() == before


def test_neither_name_nor_items_say_whose_number_it_is() -> None:
    """And the code stands nowhere."""
    made = world()
    name = sign_up(made)
    kept = str(made.messages.items())
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", name)
    assert "532111" not in kept + name
    assert code_of(made) not in kept + str(made.customers.items())


@pytest.mark.parametrize("code", ["", "12345", "abcdef", "１２３４５６", "\ud800", "0" * 300, "000000 OR 1=1"])
def test_what_is_no_code_is_wrong(code: str) -> None:
    """Calmly, and it counts as a try."""
    made = world()
    name = sign_up(made)
    status, answer = confirm(made, name, code)
    assert (status, answer["error"]) == (400, "wrong_code")
    assert not granted(made)


def test_five_tries_and_then_the_right_code_is_wrong_too() -> None:
    """The answer does not tell which it was."""
    made = world()
    name = sign_up(made)
    code = code_of(made)
    said = {str(confirm(made, name, wrong(code))) for _ in range(MOST_TRIES)}
    assert len({*said, str(confirm(made, name, code))}) == 1
    assert not granted(made)


def test_after_half_an_hour_the_code_is_too_old() -> None:
    """A minute before it is not."""
    for minutes, status in ((29, 200), (30, 400)):
        made = world()
        name = sign_up(made)
        made.clock.advance(timedelta(minutes=minutes))
        assert confirm(made, name, code_of(made))[0] == status
        assert granted(made) is (status == 200)


def test_the_code_of_one_sign_up_is_none_of_another() -> None:
    """Of the same number a minute later, of another purpose, of another number."""
    asked = SignUp("p.a", "sms", ("marketing",), "2026-11", NOW, "web")
    later = SignUp("p.a", "sms", ("marketing",), "2026-11", NOW + timedelta(minutes=1), "web")
    more = SignUp("p.a", "sms", ("marketing", "news"), "2026-11", NOW, "web")
    other = SignUp("p.b", "sms", ("marketing",), "2026-11", NOW, "web")
    assert len({TOKENS.code(one) for one in (asked, later, more, other)}) == 4
    assert len({TOKENS.name(one) for one in (asked, later, more, other)}) == 4
    assert TOKENS.code(asked) != SignUpTokens(b"t" * 64).code(asked)


def test_codes_are_spread_evenly() -> None:
    """Each digit of two thousand codes comes about as often as the others."""
    codes = [TOKENS.code(SignUp(f"p.{n}", "sms", ("marketing",), "v", NOW, "web")) for n in range(2_000)]
    digits = "".join(codes)
    assert all(1_000 < digits.count(str(digit)) < 1_400 for digit in range(10))
    assert len(set(codes)) > 1_980


@pytest.mark.parametrize("more", [{"website": "https://spam.example"}, {}])
def test_who_is_sent_no_code_gets_the_same_answers(more: dict[str, str]) -> None:
    """A program, and a number that was asked for too often: a name that confirms nothing."""
    made = world()
    if not more:
        for _ in range(3):
            made.clock.advance(timedelta(minutes=1))
            sign_up(made)
    made.clock.advance(timedelta(minutes=1))
    before = len(events(made))
    name = sign_up(made, **more)
    assert len(events(made)) == before
    source = "web" if not events(made) else events(made)[-1].source
    asked = SignUp(key_of(made), "sms", ("marketing",), "2026-11", made.clock.now(), source)
    status, answer = confirm(made, name, TOKENS.code(asked))
    assert (status, answer["error"]) == (400, "wrong_code")
    assert not granted(made)


@pytest.mark.parametrize("name", ["", "x", "a" * 22, "../../x", "a" * 23, 7, None, ["a"]])
def test_a_sign_up_that_is_none_confirms_nothing(name: Any) -> None:
    """With any code, the one of nobody included."""
    made = world()
    for code in ("000000", TOKENS.code(SignUp("", "sms", (), "", NOW, ""))):
        assert confirm(made, name, code)[0] == 400
    assert made.customers.items() == []


def test_who_guesses_is_held_back() -> None:
    """Three codes for each sign-up that one place may send in an hour, whatever they are for."""
    made = world(SHOP.model_copy(update={"sign_up_limits": SignUpLimits(per_visitor=7)}))
    assert [confirm(made, "a" * 22, "000000")[0] for _ in range(21)] == [400] * 21
    assert confirm(made, "a" * 22, "000000")[0] == 429


def limited(**limits: int) -> World:
    return world(SHOP.model_copy(update={"sign_up_limits": SignUpLimits(**limits)}))


def phone(number: int) -> str:
    return f"+9053211{number:05}"


def test_a_key_brings_so_many_codes_an_hour_and_a_day() -> None:
    """Each text message costs the shop money; the key stands in a page. An e-mail is as welcome as before."""
    made = limited(codes_per_hour=3, codes_per_day=5)
    made.clock.advance(timedelta(seconds=-(made.clock.now().timestamp() % 86_400)))  # to the begin of a day
    sent, number = [], 0
    for _hour in range(4):
        for _ in range(4):
            number += 1
            status, answer = post(made, {**FORM, "phone": phone(number)})
            assert (status, answer.get("error")) in {(202, None), (429, "too_many_sign_ups")}
        sent.append(len(events(made)))
        assert post(made, {"email": "a@example.com", "text_version": "2026-11", "writeKey": WEB_KEY})[0] == 202
        made.clock.advance(timedelta(hours=6))
    assert sent == [3, 1 + 5, 2 + 5, 3 + 5]
    sign_up(made, phone=phone(99))


def test_who_is_turned_away_has_lost_no_sign_up() -> None:
    """A stranger uses up the codes of the key; in the next hour everybody gets his own, who kept trying as well."""
    made = limited(codes_per_hour=1, per_visitor=100)
    sign_up(made, phone=phone(1))
    assert [post(made, FORM)[0] for _ in range(5)] == [429] * 5
    made.clock.advance(timedelta(hours=1))
    sign_up(made)
    assert len(events(made)) == 2


def test_a_phone_that_gets_no_more_codes_takes_none_from_others() -> None:
    """Whoever names one phone again and again uses up three codes, and not those of the key."""
    made = limited(codes_per_hour=4, per_visitor=100)
    for _ in range(20):
        sign_up(made)
        made.clock.advance(timedelta(seconds=1))
    sign_up(made, phone=phone(1))
    assert len(events(made)) == 4


@pytest.mark.parametrize("more", [{}, {"website": "x"}, {"phone": phone(2)}])
def test_every_phone_is_answered_alike_when_the_codes_are_used_up(more: dict[str, str]) -> None:
    """Also one that was asked too often, and what a program filled in."""
    made = limited(codes_per_hour=4)
    for _ in range(4):
        sign_up(made)
    sign_up(made, phone=phone(1))
    assert post(made, {**FORM, **more})[0] == 429


@pytest.mark.parametrize(
    ("limit", "seconds", "over"), [("codes_per_hour", 2_700, "hour"), ("codes_per_day", 42_300, "day")]
)
def test_who_is_turned_away_is_told_until_when(limit: str, seconds: int, over: str) -> None:
    """A quarter past twelve: until the hour of the clock is over, or the day."""
    made = limited(**{limit: 1})
    made.clock.advance(timedelta(seconds=44_100 - made.clock.now().timestamp() % 86_400))
    sign_up(made)
    form = {**FORM, "phone": phone(1)}
    answer = made.answer(http_event("POST", "/v1/subscribe", form, {"content-type": "application/json"}))
    assert (answer["statusCode"], answer["headers"]["retry-after"]) == (429, str(seconds))
    assert f"try again when the {over} is over" in answer["body"]


def test_two_at_the_same_time_share_the_last_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who looked before the other was counted is turned away when he is counted."""
    made = limited(codes_per_hour=1)
    monkeypatch.setattr("functions.ingest.subscribe.used_up", lambda *_: 0)
    sign_up(made)
    assert post(made, {**FORM, "phone": phone(1)})[0] == 429
    assert len(events(made)) == 1


def test_a_phone_gets_six_codes_a_week_and_nobody_sees_it() -> None:
    """Three a day for ever would be a way to disturb somebody; a day too many is answered like the others."""
    made = world()
    made.clock.advance(timedelta(days=-(made.clock.now().timestamp() // 86_400) % 7))  # to the begin of a week
    sent = []
    for _day in range(8):
        for _ in range(4):
            made.clock.advance(timedelta(hours=2))
            sign_up(made)
        made.clock.advance(timedelta(hours=16))
        sent.append(len(events(made)))
    assert sent == [3, 6, 6, 6, 6, 6, 6, 9]


def test_codes_go_to_the_countries_of_the_shop() -> None:
    """Its own if it names none."""
    made = world(SHOP.model_copy(update={"sign_up_countries": ("DE", "TR")}))
    sign_up(made, phone="+4915112345678")
    assert post(world(), {**FORM, "phone": "+4915112345678"})[0] == 400


@pytest.mark.parametrize("phone", ["+909001234567", "0888 123 45 67", "0212 123 45 67"])
def test_codes_go_to_no_premium_number_and_no_landline(phone: str) -> None:
    """A premium number may share its price with whoever asks for codes; a landline takes none."""
    made = world()
    status, answer = post(made, {**FORM, "phone": phone})
    assert (status, "mobile" in answer["message"]) == (400, True)
    assert events(made) == []


def test_a_withdrawal_after_the_confirmation_stays() -> None:
    """The same code entered again grants nothing."""
    made = world()
    name = sign_up(made)
    code = code_of(made)
    assert confirm(made, name, code)[0] == 200
    made.clock.advance(timedelta(minutes=2))
    no = Consent("sms", "marketing", False, made.clock.now(), made.clock.now(), False, "web", "no", key_of(made))
    made.customers.put_many(consent_items(ConsentRecord((key_of(made),), no), trusted=False))
    made.clock.advance(timedelta(minutes=2))
    assert confirm(made, name, code)[0] == 200
    assert not granted(made)


def test_a_page_without_script_asks_for_the_code() -> None:
    """The form of the shop's page gets our page; a wrong code gets it again; in the language of the form."""
    made = world()
    kind = {"content-type": "application/x-www-form-urlencoded"}
    answer = made.answer(http_event("POST", "/v1/subscribe", urlencode(FORM), kind))
    assert answer["statusCode"] == 200
    assert 'action="subscribe/confirm"' in answer["body"]
    assert "Numaranızı onaylayın" in answer["body"]
    (name,) = re.findall(r'name="sign_up" value="([^"]+)"', answer["body"])
    for code, status, words in ((wrong(code_of(made)), 400, "Kod yanlış"), (code_of(made), 200, "vazgeçebilirsiniz")):
        body = urlencode({"sign_up": name, "code": code, "language": "tr"})
        answer = made.answer(http_event("POST", "/v1/subscribe/confirm", body, kind))
        assert (answer["statusCode"], words in answer["body"]) == (status, True)
    assert "her iletideki" not in answer["body"]  # a text message has no such link
    assert granted(made)
    hostile = urlencode({"sign_up": '"><script>', "code": "1", "language": "<b>"})
    answer = made.answer(http_event("POST", "/v1/subscribe/confirm", hostile, kind))
    assert (answer["statusCode"], "<script>" in answer["body"]) == (400, False)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT"])
def test_only_a_post_confirms(method: str) -> None:
    """Whoever opens the address changes nothing."""
    made = world()
    name = sign_up(made)
    event = http_event(method, "/v1/subscribe/confirm", {"sign_up": name, "code": code_of(made)}, {})
    assert made.answer(event)["statusCode"] == 405
    assert not granted(made)
