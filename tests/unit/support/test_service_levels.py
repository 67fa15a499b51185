"""Due times in the pool: kept with the conversation, warned of and escalated by timers, each once."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.identity.keys import time_text
from shared.domain.service.rules import ServiceRules, read_rules
from tests.support.crashes import Crash, CrashesAt
from tests.unit.ingest.world import NOW
from tests.unit.support.world import EMAIL, INSTAGRAM, Support

pytestmark = pytest.mark.unit
DAY: dict[str, Any] = {"hours": {"mon-sun": "00:00-24:00"}, "holidays": "none"}
RULES: dict[str, Any] = {
    "teams": [
        {
            "team": "support", "default": True, **DAY, "answer": {"first": "2h", "next": "4h", "warn_before": "30m"},
            "escalate": {"priority": "urgent", "tags": ["late"]},
        },
        {"team": "returns", **DAY, "answer": {"first": "1h"}, "escalate": {"team": "support"}},
    ],
    "routing": [
        {"routing": "returns", "place": 1, "when": {"words": ["iade"]}, "set": {"team": "returns", "tags": ["return"]}},
        {"routing": "vip", "place": 2, "when": {"segments": ["high-value"]}, "set": {"priority": "high"}},
    ],
}  # fmt: skip
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def rules() -> ServiceRules:
    return read_rules(RULES)


@pytest.fixture
def support() -> Support:
    made = Support()
    made.rules = rules()
    return made


def due(support: Support) -> list[tuple[str, str]]:
    """What is due, in the order in which agents see it."""
    status, said = support.ask("GET", "/v1/conversations", query={"order": "due"})
    assert status == 200
    return [(one["id"], one["due_at"]) for one in said["items"]]


def test_who_writes_is_promised_an_answer(support: Support) -> None:
    one = support.taken(EMAIL, "m1").conversation
    assert due(support) == [(one, time_text(NOW + 2 * HOUR))]
    stored = support.conversations.get(one)
    assert stored is not None
    assert (stored.team, stored.due_at, stored.warn_at) == ("support", NOW + 2 * HOUR, NOW + 90 * MINUTE)


def test_the_team_is_warned_then_it_is_escalated(support: Support) -> None:
    one = support.taken(EMAIL, "m1").conversation
    assert support.tick(minutes=89)["due"] == 0
    assert support.tick(minutes=1)["due"] == 1
    warned = support.conversations.get(one)
    assert warned is not None
    assert (warned.warned_at, warned.late_at, warned.priority) == (NOW + 90 * MINUTE, None, "normal")
    assert support.tick(minutes=30)["due"] == 1
    late = support.conversations.get(one)
    assert late is not None
    assert (late.late_at, late.priority, late.tags) == (NOW + 120 * MINUTE, "urgent", ("late",))
    assert [event.name for event in support.events(EMAIL)].count("Answer Overdue") == 1
    assert support.tick(days=3)["due"] == 0, "each happens once"


def test_an_answer_in_time_leaves_nothing_to_do(support: Support) -> None:
    one = support.taken(EMAIL, "m1").conversation
    support.later(minutes=80)
    support.answer(one)
    assert due(support) == []
    assert support.tick(hours=5)["due"] == 0
    stored = support.conversations.get(one)
    assert stored is not None
    assert (stored.warned_at, stored.late_at, stored.priority) == (None, None, "normal")
    support.taken(EMAIL, "m2")
    again = support.conversations.get(one)
    assert again is not None
    assert again.due_at == support.clock.time + 4 * HOUR, "a later answer has its own time"


def test_rules_give_a_new_conversation_its_team_and_nothing_later(support: Support) -> None:
    one = support.taken(EMAIL, "m1", text="İADE etmek istiyorum").conversation
    stored = support.conversations.get(one)
    assert stored is not None
    assert (stored.team, stored.tags, stored.due_at) == ("returns", ("return",), NOW + HOUR)
    support.ask("POST", f"/v1/conversations/{one}/assignment", {"team": "support"})
    support.taken(EMAIL, "m2", text="iade!")
    moved = support.conversations.get(one)
    assert moved is not None
    assert (moved.team, moved.due_at) == ("support", NOW + 2 * HOUR), "an agent decided"


def test_a_late_one_goes_to_the_other_team(support: Support) -> None:
    one = support.taken(EMAIL, "m1", text="iade").conversation
    support.tick(minutes=60)
    stored = support.conversations.get(one)
    assert stored is not None
    assert (stored.team, stored.late_at, stored.due_at) == ("support", NOW + HOUR, NOW + HOUR)


def test_what_is_shown_with_another_is_due_once(support: Support) -> None:
    support.link(INSTAGRAM, EMAIL)
    one = support.taken(EMAIL, "m1").conversation
    support.later(minutes=10)
    two = support.taken(INSTAGRAM, "i1").conversation
    assert [id_ for id_, _ in due(support)] == [one]
    support.release(INSTAGRAM, EMAIL)
    support.shown(two)
    assert [id_ for id_, _ in due(support)] == [one, two]
    support.tick(hours=3)
    assert [found.late_at is not None for found in support.conversations.get_many([one, two])] == [True, True]


def test_machines_and_senders_of_spam_are_promised_nothing(support: Support) -> None:
    support.taken(EMAIL, "m1", automatic=True)
    assert due(support) == []
    one = support.taken(EMAIL, "m2").conversation
    support.ask("POST", f"/v1/conversations/{one}/state", {"state": "spam"})
    assert due(support) == []
    suspect = support.taken(INSTAGRAM, "i1", text="iade", suspect=True).conversation
    stored = support.conversations.get(suspect)
    assert stored is not None
    assert (stored.team, stored.priority) == ("support", "low"), "rules do not lift what may be spam"


@pytest.mark.parametrize("after", [False, True])
def test_a_crash_at_any_request_loses_no_timer_and_escalates_once(after: bool) -> None:
    for at in range(1, 200):
        crash = CrashesAt(at, after=after)
        support = Support(crash)
        support.rules = rules()
        for _ in range(2):  # the queue offers the message again
            with suppress(Crash):
                support.receive(EMAIL, "m1")
        for minutes in (90, 1, 29, 1, 1):
            support.later(minutes=minutes)
            with suppress(Exception):
                support.tick()
        (one,) = {conversation.id for conversation, _ in support.all_messages()}
        stored = support.conversations.get(one)
        assert stored is not None
        assert stored.warned_at is not None, at
        assert stored.late_at is not None, at
        assert [event.name for event in support.events(EMAIL)].count("Answer Overdue") == 1, at
        if not crash.met:
            return
    raise AssertionError("there are more requests than this test tries")


def test_the_order_takes_no_state(support: Support) -> None:
    assert support.ask("GET", "/v1/conversations", query={"order": "due", "state": "open"})[0] == 400
    assert support.ask("GET", "/v1/conversations", query={"order": "newest"})[0] == 400


def test_what_joins_a_conversation_is_not_routed_again(support: Support) -> None:
    """The customer goes on by another channel: the words there move nothing that an agent works on."""
    support.link(INSTAGRAM, EMAIL)
    support.taken(EMAIL, "m1")
    two = support.taken(INSTAGRAM, "i1", text="iade").conversation
    stored = support.conversations.get(two)
    assert stored is not None
    assert (stored.team, stored.tags) == ("support", ())
