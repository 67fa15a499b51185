"""Teams, routing rules and canned answers among the other definitions: checked together, kept in releases, drafted."""

from __future__ import annotations

from typing import Any

import pytest

from shared.adapters.liquid import LiquidRenderer
from shared.domain.definitions.bundle import Checked, Document, check
from shared.domain.definitions.difference import definitions_of, difference
from shared.domain.definitions.drafts import Draft, with_drafts
from shared.domain.definitions.release import Release, read_release, write_release
from shared.domain.service.canned_answer import CannedAnswerDefinition
from shared.domain.service.definitions import Service
from shared.domain.service.rules import read_rules
from shared.domain.service.service_problems import text_problems

SHOP = Document("shop.yaml", {"name": "Kervan", "languages": ["tr"]})
TEAM: dict[str, Any] = {"team": "support", "default": True, "hours": {"mon-fri": "09:00-18:00"}}
RULE: dict[str, Any] = {"routing": "returns", "when": {"words": ["iade"]}, "set": {"team": "support"}}
CANNED: dict[str, Any] = {"canned_answer": "hello", "text": {"tr": "Merhaba {{ customer.first_name }}"}}


def checked(*contents: dict[str, Any]) -> Checked:
    return check([SHOP, *(Document(f"service/{n}.yaml", one) for n, one in enumerate(contents))], {})


def release(*contents: dict[str, Any], number: int = 1) -> Release:
    found = checked(*contents)
    assert found.bundle is not None, found.problems
    return Release(**{**_fields(found.bundle.release()), "number": number})


def _fields(one: Release) -> dict[str, Any]:
    return {name: getattr(one, name) for name in one.__dataclass_fields__}


def test_a_release_keeps_them_as_they_were_written() -> None:
    one = release(TEAM, RULE, CANNED)
    again = read_release(write_release(one))
    assert again == one
    said = definitions_of(again)
    week = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "09:00-18:00")
    assert said["team/support"] == {"team": "support", "default": True, "hours": week}
    assert (said["routing/returns"], said["canned_answer/hello"]) == (RULE, CANNED)
    rules = read_rules({"shop": said["shop/shop"], **again.service})
    assert (list(rules.teams), [one.routing for one in rules.routing], rules.languages) == (
        ["support"], ["returns"], ("tr",),
    )  # fmt: skip


def test_an_earlier_release_without_them_is_read() -> None:
    assert read_release(write_release(release()).replace('"teams":[],', "")).service == {}


def test_the_difference_names_each() -> None:
    changed = {**RULE, "place": 5}
    found = difference(definitions_of(release(TEAM, RULE)), definitions_of(release(TEAM, changed, CANNED)))
    assert [(one.key, one.before is None) for one in found] == [
        ("routing/returns", False),
        ("canned_answer/hello", True),
    ]


def test_a_draft_takes_the_place_of_its_namesake_and_is_checked_with_the_others() -> None:
    one = release(TEAM, RULE)
    draft = Draft("routing/returns", {**RULE, "set": {"team": "nobody"}}, "", "deniz", "", 1)
    assert [problem.path for problem in with_drafts(one, [draft]).problems] == ["set.team"]
    gone = Draft("team/support", None, "", "deniz", "", 1)
    assert [problem.message for problem in with_drafts(one, [gone]).problems] == ["there is no team 'support'"]
    fine = with_drafts(one, [Draft("routing/returns", {**RULE, "set": {"priority": "high"}}, "", "deniz", "", 1)])
    assert fine.bundle is not None
    assert fine.bundle.release().service["routing"][0]["set"] == {"priority": "high"}


@pytest.mark.parametrize(
    ("content", "path", "said"),
    [
        ({**TEAM, "hours": {"mon-fri": "9-18"}}, "hours", "'9-18' is no span of a day"),
        ({**TEAM, "hours": {"mon": "09:00-10:00"}}, "hours", "a team works at least five hours a week"),
        ({**TEAM, "hours": {"fri-mon": "09:00-18:00"}}, "hours", "'fri-mon' is no day"),
        ({**TEAM, "hours": {"mon-fri": "09:00-12:00, 11:00-18:00"}}, "hours", "the spans overlap"),
        ({**TEAM, "hours": {"mon-fri": "09:00-18:00", "tue": "09:00-12:00"}}, "hours", "tue has hours twice"),
        ({**TEAM, "time_zone": "Mars/Base"}, "time_zone", "time_zone must be"),
        ({**TEAM, "answer": {"first": "0m"}}, "answer", "an answer is due within"),
        ({**TEAM, "answer": {"first": "2h", "warn_before": "2h"}}, "answer", "the warning comes before"),
        ({**TEAM, "answer": {"first": "9w"}}, "answer", "an answer is due within"),
        ({**TEAM, "escalate": {"priority": "high"}}, "", "escalate and tell need answer"),
        ({**TEAM, "answer": {"first": "2h"}, "escalate": {}}, "escalate", "nothing would change"),
        ({**TEAM, "answer": {"first": "2h"}, "escalate": {"team": "x"}}, "escalate.team", "there is no team 'x'"),
        ({**TEAM, "outside_hours": {"text": {"tr": "x"}, "channels": ["store"]}}, "outside_hours.channels", "nobody"),
        ({**TEAM, "satisfaction": {"after": "1w"}}, "satisfaction.after", "the question comes"),
        ({**TEAM, "days": {"2026-12-31": "closed all day"}}, "days.2026-12-31", "'closed all day' is no span"),
        ({**RULE, "when": {"segments": ["vip"]}}, "when.segments", "there is no segment 'vip'"),
        ({**RULE, "when": {"word": ["x"]}}, "when.word", "'word' is not a word of the language here"),
    ],
)
def test_mistakes_are_told_with_their_place(content: dict[str, Any], path: str, said: str) -> None:
    name = "team" if "team" in content else "routing"
    others = [TEAM] if name == "routing" else []
    found = checked(*others, content).problems
    assert [(one.path, one.message.startswith(said), bool(one.remedy)) for one in found] == [(path, True, True)], found


def test_one_team_is_the_default_one() -> None:
    found = checked(TEAM, {**TEAM, "team": "other"}).problems
    assert [(one.file, one.message) for one in found] == [("service/0.yaml", "two teams are the default one")]


def test_texts_that_would_show_a_hole_are_refused() -> None:
    texts = {"tr": "Merhaba {{ customer.frist_name }} {{ order.id }}", "en": "Hello {% if"}
    answers = {"hello": CannedAnswerDefinition.model_validate({"canned_answer": "hello", "text": texts})}
    found = list(text_problems({}, answers, LiquidRenderer()))
    assert [(one.file, one.path) for one in found] == [
        ("canned_answer/hello", "text.tr"),
        ("canned_answer/hello", "text.en"),
    ]
    assert found[0].message == "nobody knows 'customer.frist_name' here"


def test_each_is_said_in_both_languages() -> None:
    bundle = checked(TEAM, RULE, CANNED).bundle
    assert bundle is not None
    said = bundle.service.sentences()
    assert len(said) == 6
    assert said[1] == (
        "support: works but on public holidays of Turkey: Monday-Friday 09:00-18:00; "
        "conversations without a team are its own."
    )
    assert said[2] == "returns (100. sırada): yeni bir konuşmada “iade” geçiyorsa: ekip support."
    assert "2032" in bundle.service.notices()[1]
    assert Service().notices() == []
