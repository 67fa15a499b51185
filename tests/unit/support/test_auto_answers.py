"""What a customer is told who writes while the team is away: once in a closed period, and never to a machine."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.domain.conversations.conversation import State
from shared.domain.conversations.jobs import Outcome
from shared.domain.conversations.mail_headers import is_from_list
from shared.domain.service.rules import ServiceRules, read_rules
from tests.support.crashes import Crash, CrashesAt
from tests.unit.support.test_mails import mail
from tests.unit.support.world import EMAIL, INSTAGRAM, PHONE, Support

pytestmark = pytest.mark.unit
SUNDAY = datetime(2026, 11, 29, 12, tzinfo=UTC)
RECEIVED = datetime(2026, 11, 20, 10, 1, tzinfo=UTC)
"""A minute after SES took the mails of these tests; a Friday."""
TEXT = {"tr": "Kapalıyız, {{ opens }} açılırız. {{ shop.name }}", "en": "Closed until {{ opens }}."}


def rules(**more: Any) -> ServiceRules:
    said = {"team": "support", "default": True, "hours": {"mon-fri": "09:00-18:00"}, **more}
    return read_rules({"shop": {"name": "Kervan", "languages": ["tr", "en"]}, "teams": [said]})


@pytest.fixture
def support() -> Support:
    return closed()


def closed(wrap: Any = lambda table: table, **more: Any) -> Support:
    made = Support(wrap)
    made.clock.time = SUNDAY
    made.rules = rules(outside_hours={"text": TEXT, **more})
    return made


def said(support: Support) -> list[tuple[str, str]]:
    """Everything that was said by itself."""
    messages = [message for _, message in support.all_messages() if message.direction == "out" and message.automatic]
    return [(message.to, message.text) for message in messages]


def test_who_writes_at_the_weekend_is_told_when_somebody_is_there(support: Support) -> None:
    one = support.taken(EMAIL, "m1", subject="S-1", reference="<1@x>").conversation
    assert said(support) == [(EMAIL, "Kapalıyız, 30 Kasım 2026, 09:00 açılırız. Kervan")]
    (sent,) = support.handed
    assert (sent.subject, sent.references, sent.delivery, sent.author) == (
        "Kervan: Mesajınız hakkında", ("<1@x>",), "pending", "",
    )  # fmt: skip
    stored = support.conversations.get(one)
    assert stored is not None
    assert (stored.state, stored.first_answer_at, stored.waiting_since) == (State.OPEN, None, SUNDAY), "it is no answer"


def test_once_in_a_closed_period_and_again_in_the_next(support: Support) -> None:
    for number in range(5):
        support.taken(EMAIL, f"m{number}")
        support.later(hours=1)
    assert len(said(support)) == 1
    support.clock.time = datetime(2026, 11, 30, 8, tzinfo=UTC)
    support.taken(EMAIL, "monday")
    assert len(said(support)) == 1, "somebody is there"
    support.clock.time = datetime(2026, 11, 30, 20, tzinfo=UTC)
    support.taken(EMAIL, "night")
    assert len(said(support)) == 2


@pytest.mark.parametrize("what", [{"automatic": True}, {"suspect": True}, {"from_list": True}, {"verified": False}])
def test_no_machine_no_list_and_no_forged_sender_is_answered(support: Support, what: dict[str, Any]) -> None:
    support.taken(EMAIL, "m1", **what)
    assert said(support) == []


def test_a_hundred_machines_that_hide_end_after_one_answer(support: Support) -> None:
    """An auto-reply without any sign of one: each of our answers makes it write again."""
    support.clock.time = RECEIVED
    support.rules = rules(outside_hours={"text": TEXT}, hours={"thu": "00:00-05:00"})
    for number in range(100):
        before = len(said(support))
        support.mail(mail("I am away", Message_ID=f"<{number}@x>", Subject="Re: S-1"), f"m{number}")
        if len(said(support)) == before:
            break
    assert len(said(support)) == 1


def test_text_messages_cost_and_are_answered_only_if_that_was_said(support: Support) -> None:
    support.taken(PHONE, "s1")
    assert said(support) == []
    named = closed(channels=["sms"])
    named.taken(PHONE, "s1")
    assert [to for to, _ in said(named)] == [PHONE]
    named.taken(EMAIL, "m1")
    assert len(said(named)) == 1


def test_a_channel_that_is_not_connected_is_left_alone(support: Support) -> None:
    support.taken("external:messenger/5", "x", channel="messenger")
    support.taken(INSTAGRAM, "i1")
    assert [to for to, _ in said(support)] == [INSTAGRAM]


def test_a_message_that_comes_late_is_not_answered(support: Support) -> None:
    support.taken(EMAIL, "m1", at=datetime(2026, 11, 29, 10, tzinfo=UTC))
    assert said(support) == []


def test_one_that_did_not_go_out_brings_no_agent(support: Support) -> None:
    one = support.taken(EMAIL, "m1").conversation
    support.environment.outcomes.note(Outcome(support.handed[0].id, "failed", "suppressed"), SUNDAY)
    stored = support.conversations.get(one)
    assert stored is not None
    assert not stored.failed


@pytest.mark.parametrize("after", [False, True])
def test_a_crash_at_any_request_answers_once(after: bool) -> None:
    """Handed over again it may be, by the queue or the timer: the ledger sends one id once."""
    for at in range(1, 100):
        crash = CrashesAt(at, after=after)
        support = closed(crash)
        for _ in range(3):
            with suppress(Crash):
                support.receive(EMAIL, "m1")
        crash.at = 0
        support.tick(minutes=3)
        assert len(said(support)) == 1, at
        assert {message.id for message in support.handed} == {m.id for _, m in support.all_messages() if m.automatic}
        if not crash.met:
            return
    raise AssertionError("there are more requests than this test tries")


@pytest.mark.parametrize(
    "headers",
    [{"precedence": "bulk"}, {"list-id": "<x>"}, {"from": "No-Reply@shop.example"}, {"list-unsubscribe": "<x>"}],
)
def test_lists_are_known_by_their_headers(headers: dict[str, str]) -> None:
    assert is_from_list(headers)
    assert not is_from_list({"from": "ayse@example.com", "precedence": "first-class"})
