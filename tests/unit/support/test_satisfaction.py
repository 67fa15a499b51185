"""The question how it was: once after an end, once in 30 days, answered by link or digit, and shown."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.consent.consent import Consent
from shared.domain.consent.consent_events import ConsentRecord
from shared.domain.conversations.conversation import State
from shared.domain.conversations.jobs import Rating, rating_job
from shared.domain.conversations.message import Message
from shared.domain.conversations.rating_token import RatingTokens
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.privacy.held_rights import Held, Mark
from shared.domain.service.rules import read_rules
from shared.stores.consent_items import consent_items, put_first
from shared.stores.right_marks import put_right_marks
from tests.support.crashes import Crash, CrashesAt
from tests.unit.support.world import EMAIL, INSTAGRAM, KEYS, PHONE, SECRET, Support

pytestmark = pytest.mark.unit
ASKS = {"after": "10m", "consent": "not_needed"}
TEAM = {"team": "support", "default": True, "hours": {"mon-sun": "00:00-24:00"}, "satisfaction": ASKS}
RULES = read_rules({"shop": {"name": "Kervan", "languages": ["tr", "en"]}, "teams": [TEAM]})


def shop(wrap: Any = lambda table: table) -> Support:
    made = Support(wrap)
    made.rules = RULES
    return made


@pytest.fixture
def support() -> Support:
    return shop()


def close(support: Support, who: str = EMAIL, number: int = 1, channel: Any = "email") -> str:
    """Somebody writes, is answered, and the conversation is closed."""
    one = support.taken(who, f"{who}-{number}").conversation
    support.answer(one, key=f"{one}{number}", channel=channel)
    assert support.ask("POST", f"/v1/conversations/{one}/state", {"state": "closed"})[0] == 200
    return one


def questions(support: Support) -> list[Message]:
    return [message for _, message in support.all_messages() if message.automatic and message.direction == "out"]


def named(support: Support, who: str, name: str) -> list[dict[str, Any]]:
    return [dict(event.properties) for event in support.events(who) if event.name == name]


def test_it_is_asked_after_the_end_by_the_same_channel(support: Support) -> None:
    one = close(support)
    assert support.tick(minutes=9)["asked"] == 0
    assert support.tick(minutes=1)["asked"] == 1
    (message,) = questions(support)
    assert (message.to, message.channel, message.author, message.delivery) == (EMAIL, "email", "", "pending")
    link = message.text.rpartition(" ")[2]
    assert link.startswith("https://api.example/r/")
    conversation, asked_at = RatingTokens(SECRET).read(link.rpartition("/")[2])
    assert (conversation, asked_at) == (one, support.clock.time)
    assert [said["conversation_id"] for said in named(support, EMAIL, "Satisfaction Asked")] == [one]
    stored = support.conversations.get(one)
    assert stored is not None
    assert stored.state is State.CLOSED


def test_a_digit_by_text_message_is_the_answer_and_opens_nothing(support: Support) -> None:
    one = close(support, PHONE, channel="sms")
    support.tick(minutes=10)
    assert "5" in questions(support)[0].text
    support.taken(PHONE, "digit", text=" 4 ")
    stored = support.conversations.get(one)
    assert stored is not None
    assert (stored.state, stored.rating, stored.rated_at) == (State.CLOSED, 4, support.clock.time)
    assert [said["rating"] for said in named(support, PHONE, "Satisfaction Rated")] == [4]
    assert support.pool() == []
    support.taken(PHONE, "again", text="5")
    assert support.pool() == [one], "a second number is a message like any other"
    assert [said["rating"] for said in named(support, PHONE, "Satisfaction Rated")] == [4]


def test_a_digit_that_nobody_asked_for_is_a_message(support: Support) -> None:
    one = close(support, PHONE, channel="sms")
    support.taken(PHONE, "digit", text="4")
    assert support.pool() == [one]
    late = shop()
    two = close(late, PHONE, channel="sms")
    late.tick(minutes=10)
    late.later(days=7)
    late.taken(PHONE, "digit", text="4")
    assert late.pool() != []
    stored = late.conversations.get(two)
    assert stored is not None
    assert stored.rating == 0


def test_the_page_counts_once(support: Support) -> None:
    one = close(support)
    support.tick(minutes=10)
    asked = support.clock.time
    assert support.work(rating_job(Rating(one, asked, 5)), rating_job(Rating(one, asked, 1))) == []
    assert support.work(rating_job(Rating(one, asked + timedelta(seconds=1), 1))) == []
    stored = support.conversations.get(one)
    assert stored is not None
    assert stored.rating == 5
    assert [said["rating"] for said in named(support, EMAIL, "Satisfaction Rated")] == [5]
    assert support.ask("GET", f"/v1/conversations/{one}")[1]["rating"] == 5


def test_a_customer_is_asked_once_in_thirty_days_whatever_identifier_he_writes_from(support: Support) -> None:
    support.link(INSTAGRAM, EMAIL)
    close(support)
    support.tick(minutes=10)
    support.later(days=8)
    close(support, INSTAGRAM, 2, channel="instagram")
    assert support.tick(minutes=10)["asked"] == 0
    support.later(days=23)
    close(support, INSTAGRAM, 3, channel="instagram")
    assert support.tick(minutes=10)["asked"] == 1
    assert sorted(message.channel for message in questions(support)) == ["email", "instagram"]


def test_who_writes_again_before_is_not_asked(support: Support) -> None:
    close(support)
    support.taken(EMAIL, "more")
    assert support.tick(minutes=10)["asked"] == 0
    assert questions(support) == []


def test_nobody_is_asked_who_was_not_answered_or_is_spam(support: Support) -> None:
    one = support.taken(EMAIL, "m1").conversation
    support.ask("POST", f"/v1/conversations/{one}/state", {"state": "closed"})
    two = close(support, PHONE, channel="sms")
    support.ask("POST", f"/v1/conversations/{two}/state", {"state": "spam"})
    assert support.tick(minutes=10)["asked"] == 0
    three = support.receive(INSTAGRAM, "i", automatic=True)
    assert three is not None
    assert support.tick(minutes=10)["asked"] == 0


def test_outside_the_window_of_meta_nobody_is_asked(support: Support) -> None:
    one = support.taken(INSTAGRAM, "i1").conversation
    support.answer(one, channel="instagram")
    support.later(hours=24)
    support.ask("POST", f"/v1/conversations/{one}/state", {"state": "closed"})
    assert support.tick(minutes=10)["asked"] == 0


def test_after_an_outage_of_a_day_the_question_is_left_out(support: Support) -> None:
    close(support)
    assert support.tick(days=2)["asked"] == 0


@pytest.mark.parametrize("after", [False, True])
def test_a_crash_at_any_request_asks_once(after: bool) -> None:
    for at in range(1, 200):
        crash = CrashesAt(10_000, after=after)
        support = shop(crash)
        close(support)
        support.later(minutes=10)
        crash.at = next(crash.numbers) + at
        for _ in range(3):
            with suppress(Crash, Exception):
                support.tick()
        crash.at = 0
        support.tick(minutes=3)
        assert len(questions(support)) == 1, at
        assert len(named(support, EMAIL, "Satisfaction Asked")) == 1, at
        assert {message.id for message in support.handed if message.automatic} == {questions(support)[0].id}
        if not crash.met:
            return
    raise AssertionError("there are more requests than this test tries")


def test_the_log_holds_what_reports_count(support: Support) -> None:
    """Seconds to the first answer and to the end, who answered, and that it was opened again."""
    one = support.taken(EMAIL, "m1").conversation
    support.later(minutes=5)
    support.answer(one)
    support.later(minutes=55)
    support.ask("POST", f"/v1/conversations/{one}/state", {"state": "closed"})
    support.later(minutes=5)
    support.taken(EMAIL, "m2")
    (answered,) = named(support, EMAIL, "Conversation Answered")
    assert (answered["seconds"], answered["agent"]) == (300, "deniz")
    (closed,) = named(support, EMAIL, "Conversation Closed")
    assert (closed["seconds"], closed["agent"], closed["team"]) == (3600, "deniz", "support")
    assert len(named(support, EMAIL, "Conversation Reopened")) == 1


def agreed(support: Support, who: str, channel: Any, *, granted: bool = True) -> None:
    key = KEYS(parse_identifier(who))
    said = Consent(
        channel=channel, purpose="marketing", granted=granted, time=support.clock.time, received_at=support.clock.time,
        may_grant=True, source="shop", message_id=f"c-{granted}", address_key=key,
    )  # fmt: skip
    put_first(support.customers_table, consent_items(ConsentRecord((key,), said), trusted=True))


def asked_by_law(who: str, channel: Any, *, agreeing: bool | None, **shop_says: Any) -> int:
    """How often a shop asks that says nothing of consent."""
    support = Support()
    team = {**TEAM, "satisfaction": {"after": "10m"}}
    support.rules = read_rules({"shop": {"name": "K", "languages": ["tr"], **shop_says}, "teams": [team]})
    if agreeing is not None:
        agreed(support, who, channel, granted=agreeing)
    close(support, who, channel=channel)
    return support.tick(minutes=10)["asked"]


@pytest.mark.parametrize(("who", "channel"), [(EMAIL, "email"), (PHONE, "sms")])
def test_by_mail_and_sms_only_who_agreed_to_advertising_is_asked(who: str, channel: Any) -> None:
    """Law 6563: what somebody did not ask for is commercial there. With the register required it is not put at all."""
    assert [asked_by_law(who, channel, agreeing=said) for said in (True, False, None)] == [1, 0, 0]
    assert asked_by_law(who, channel, agreeing=True, require_iys=True) == 0


def test_on_the_other_channels_he_wrote_himself() -> None:
    assert asked_by_law(INSTAGRAM, "instagram", agreeing=None) == 1


def test_nobody_is_asked_who_objected_to_marketing(support: Support) -> None:
    close(support)
    key = KEYS(parse_identifier(EMAIL))
    put_right_marks(support.customers_table, [key], Mark(Held.OBJECT, "case1", key, support.clock.time))
    assert support.tick(minutes=10)["asked"] == 0
