"""A team is mailed when an answer is due soon and when it is late: once each, whatever crashes, and never flooded."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from pydantic import ValidationError

from functions.support.on_due import WorkLeft
from functions.support.team_warnings import IN_AN_HOUR
from shared.domain.service.rules import read_rules
from shared.ports.sender import Ambiguous, Postponed, Refused
from tests.support.crashes import Crash, CrashesAt
from tests.unit.support.world import EMAIL, Support

pytestmark = pytest.mark.unit
TO = "desk@shop.example"
TEAM: dict[str, Any] = {
    "team": "support", "default": True, "hours": {"mon-sun": "00:00-24:00"},
    "answer": {"first": "2h", "warn_before": "30m"}, "tell": [TO],
}  # fmt: skip


def shop(wrap: Any = lambda table: table, **more: Any) -> Support:
    made = Support(wrap)
    said = {"name": "Kervan", "languages": ["en", "tr"], "time_zone": "Europe/Istanbul"}
    made.rules = read_rules({"shop": said, "teams": [{**TEAM, **more}]})
    return made


def told(support: Support) -> list[str]:
    return [mail.subject.partition(":")[0] for _, mail in support.team.mails]


def test_the_warning_and_the_delay_are_mailed_once_each() -> None:
    """With the number and a link, and nothing of the customer."""
    support = shop()
    one = support.taken(EMAIL, "m1", text="my secret").conversation
    support.tick(minutes=89)
    assert told(support) == []
    for _ in range(3):
        support.tick(minutes=1)
    assert told(support) == ["An answer is due soon"]
    for _ in range(5):
        support.tick(minutes=20)
    assert told(support) == ["An answer is due soon", "An answer is late"]
    ((to, mail), _) = support.team.mails
    assert to == (TO,)
    assert f"https://api.example/console/conversations/{one}" in mail.text
    for hidden in ("ayse", "secret"):
        assert hidden not in f"{mail.subject}{mail.text}{mail.html}".lower()


def test_an_answer_in_time_is_mailed_about_to_nobody() -> None:
    support = shop()
    one = support.taken(EMAIL, "m1").conversation
    support.answer(one)
    support.tick(hours=5)
    assert told(support) == []


def test_the_next_wait_is_warned_of_again() -> None:
    support = shop(answer={"first": "2h", "next": "2h", "warn_before": "30m"})
    one = support.taken(EMAIL, "m1").conversation
    support.tick(minutes=90)
    support.answer(one)
    support.later(hours=5)
    support.taken(EMAIL, "m2")
    support.tick(minutes=90)
    assert told(support) == ["An answer is due soon"] * 2


def test_what_was_surely_not_taken_is_tried_again_and_nothing_else() -> None:
    support = shop()
    support.team.answers = [Postponed("throttled"), Ambiguous("timed_out")]
    support.taken(EMAIL, "m1")
    with pytest.raises(WorkLeft):
        support.tick(minutes=90)
    support.tick(minutes=1)
    support.tick(minutes=1)
    assert told(support) == ["An answer is due soon"] * 2
    refused = shop()
    refused.team.answers = [Refused("provider_x")]
    refused.taken(EMAIL, "m1")
    refused.tick(minutes=90)
    refused.tick(minutes=1)
    assert len(refused.team.mails) == 1


def test_an_evening_with_many_late_answers_is_no_flood() -> None:
    """The last one of the hour says so."""
    (limit,) = IN_AN_HOUR
    support = shop()
    for number in range(limit.most + 15):
        support.taken(f"email:a{number}@example.org", f"m{number}")
    support.tick(minutes=90)
    assert len(support.team.mails) == limit.most
    assert ["No further" in mail.text for _, mail in support.team.mails] == [False] * (limit.most - 1) + [True]


@pytest.mark.parametrize("after", [False, True])
def test_a_crash_at_any_request_mails_at_most_once(after: bool) -> None:
    """And once, unless it came between the note and the mail."""
    unsaid = 0
    for at in range(1, 100):
        crash = CrashesAt(10_000, after=after)
        support = shop(crash)
        support.taken(EMAIL, "m1")
        support.later(minutes=90)
        crash.at = next(crash.numbers) + at
        with suppress(Crash, WorkLeft):
            support.tick()
        crash.at = 0
        for _ in range(3):
            support.tick(minutes=1)
        assert len(support.team.mails) <= 1, at
        unsaid += not support.team.mails
        if not crash.met:
            assert unsaid <= 2
            return
    raise AssertionError("there are more requests than this test tries")


def test_a_team_that_promises_nothing_has_nothing_to_be_told() -> None:
    with pytest.raises(ValidationError, match="escalate and tell need answer"):
        shop(answer=None)


def test_without_a_sender_nothing_is_noted() -> None:
    support = shop()
    support.team = None  # type: ignore[assignment]
    support.taken(EMAIL, "m1")
    support.tick(minutes=90)
    assert not [
        1 for of_pk in support.table._items.values() for sk in of_pk if sk.startswith(("told#warned", "told#late"))
    ]
