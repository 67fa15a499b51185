"""Until when an answer is due, the warning before, and the escalation after: each once in a wait."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from shared.domain.conversations.conversation import Conversation, State, answered, snoozed
from shared.domain.service.answer_times import marked, next_mark, timed
from shared.domain.service.rules import ServiceRules
from shared.domain.service.team import TeamDefinition
from tests.unit.ingest.world import NOW

HOUR = timedelta(hours=1)


def team(name: str = "support", **more: Any) -> TeamDefinition:
    said = {"hours": {"mon-sun": "00:00-24:00"}, "holidays": "none", "answer": {"first": "4h", "warn_before": "1h"}}
    return TeamDefinition.model_validate({"team": name, **said, **more})


def rules(*teams: TeamDefinition) -> ServiceRules:
    return ServiceRules({one.team: one for one in teams})


RULES = rules(
    team(default=True, escalate={"priority": "urgent", "team": "leads", "tags": ["late"]}),
    team("leads", answer={"first": "1h", "next": "2h"}),
)


def waiting(**more: Any) -> Conversation:
    return Conversation("c", "home", "user:1", "email", NOW, waiting_since=NOW, **more)


def test_who_waits_has_a_due_time_and_a_warning_before_it() -> None:
    one = timed(waiting(), RULES)
    assert (one.due_at, one.warn_at, next_mark(one)) == (NOW + 4 * HOUR, NOW + 3 * HOUR, NOW + 3 * HOUR)


def test_nothing_is_promised_without_a_team() -> None:
    one = waiting()
    assert timed(one, rules()) == one


def test_an_answer_takes_the_times_away_and_a_later_message_has_its_own() -> None:
    plain = rules(team(default=True), team("leads", answer={"first": "1h", "next": "2h"}))
    one = timed(answered(timed(waiting(team="leads"), plain), NOW + HOUR), plain)
    assert (one.due_at, one.warn_at, one.due_for) == (None, None, "")
    again = timed(replace(one, state=State.OPEN, waiting_since=NOW + 3 * HOUR), plain)
    assert again.due_at == NOW + 5 * HOUR
    first_team_only = timed(replace(again, team=""), plain)
    assert first_team_only.due_at is None  # the team says nothing of later answers


def test_an_answer_that_did_not_go_out_was_none() -> None:
    one = replace(waiting(first_answer_at=NOW), failed=True)
    assert timed(one, rules(team(default=True))).due_at == NOW + 4 * HOUR


def test_who_is_snoozed_or_hidden_is_not_due() -> None:
    assert timed(snoozed(timed(waiting(), RULES), NOW + HOUR, NOW), RULES).due_at is None
    assert timed(waiting(shown_with="other"), RULES).due_at is None


def test_another_team_has_other_times_and_a_message_more_has_not() -> None:
    one = timed(waiting(), RULES)
    assert timed(replace(one, messages=9), RULES).due_at == one.due_at
    assert timed(replace(one, team="leads"), RULES).due_at == NOW + HOUR


def test_the_warning_comes_before_the_escalation_and_each_comes_once() -> None:
    one = timed(waiting(), RULES)
    assert marked(one, RULES, NOW + 2 * HOUR) == one
    warned = marked(one, RULES, NOW + 3 * HOUR)
    assert (warned.warned_at, warned.late_at, next_mark(warned)) == (NOW + 3 * HOUR, None, NOW + 4 * HOUR)
    late = marked(warned, RULES, NOW + 4 * HOUR)
    assert (late.late_at, late.priority, late.team, late.tags) == (NOW + 4 * HOUR, "urgent", "leads", ("late",))
    assert next_mark(late) is None
    assert late.due_at == one.due_at, "the promise stays that of the first team"
    assert timed(late, RULES) == late


@given(st.lists(st.integers(0, 600), max_size=8))
def test_marks_at_any_moments_do_each_thing_once(minutes: list[int]) -> None:
    one, seen = timed(waiting(), RULES), []
    for minute in sorted(minutes):
        before = one
        one = timed(marked(one, RULES, NOW + timedelta(minutes=minute)), RULES)
        assert marked(one, RULES, NOW + timedelta(minutes=minute)) == one
        seen += [name for name in ("warned_at", "late_at") if getattr(before, name) != getattr(one, name)]
    latest = max(minutes, default=-1)
    assert seen == [name for name, at in (("warned_at", 180), ("late_at", 240)) if latest >= at]


def test_a_person_set_by_hand_stays_when_the_team_does() -> None:
    by_team = rules(team(default=True, escalate={"priority": "high"}))
    late = marked(timed(waiting(assignee="deniz"), by_team), by_team, NOW + 5 * HOUR)
    assert (late.assignee, late.priority) == ("deniz", "high")
    moved = marked(timed(waiting(assignee="deniz"), RULES), RULES, NOW + 5 * HOUR)
    assert moved.assignee == "", "another team chooses its own agent"
