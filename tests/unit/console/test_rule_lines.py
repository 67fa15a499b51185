"""A rule survives its form: read as lines, written as fields, sent by a browser, it is the same rule."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.console.rule_lines import KINDS, YAML, Group, Line, change, group_of, read_form, rule_of
from shared.adapters.yaml_text import InvalidYaml
from shared.domain.segments.definition import SegmentDefinition
from shared.domain.segments.describe import describe_rule
from tests.support.segment_rules import definition

pytestmark = pytest.mark.unit
TOPICS = ("orders", "shopping", "search", "messages", "traits")
ANCHOR = datetime(2026, 11, 22, 10, tzinfo=UTC)


def _sent(part: Line | Group, path: str = "0") -> dict[str, str]:
    """The fields of a form, as the page's template names them and a browser sends them."""
    form = {f"{path}:kind": "group" if isinstance(part, Group) else part.kind, f"{path}:not": "not" * part.negated}
    if isinstance(part, Line):
        return form | {f"{path}:{name}": value for name, value in part.values.items()}
    form[f"{path}:how"] = part.how
    for number, one in enumerate(part.parts):
        form |= _sent(one, f"{path}.{number}")
    return form


def _dumped(found: SegmentDefinition) -> Any:
    return found.model_dump(mode="json", by_alias=True, exclude_unset=True)["who"]


@given(st.integers(0, 10**9), st.integers(0, 3))
def test_every_rule_survives_its_form(seed: int, depth: int) -> None:
    """Whatever the language can say is shown and sent back without a change of meaning: the sentence is the same, and
    so is the rule, but for brackets that say nothing."""
    found = definition("draft", seed, depth, TOPICS, ANCHOR, ("other",))
    again = rule_of(read_form(_sent(group_of(_dumped(found)))))
    read = SegmentDefinition.model_validate({"segment": "draft", "who": again})
    assert _plain(_dumped(read)) == _plain(_dumped(found))
    for language in ("tr", "en"):
        if _plain(_dumped(found)) == _dumped(found):
            assert describe_rule(read.who, language) == describe_rule(found.who, language)


def _plain(node: Any) -> Any:
    """Without double negations and groups of one."""
    match node:
        case {"not": {"not": inner}}:
            return _plain(inner)
        case {"not": inner}:
            plain = _plain(inner)
            return plain["not"] if isinstance(plain, dict) and "not" in plain else {"not": plain}
        case {"all": [one]} | {"any": [one]}:
            return _plain(one)
        case {"all": parts}:
            return {"all": [_plain(one) for one in parts]}
        case {"any": parts}:
            return {"any": [_plain(one) for one in parts]}
        case _:
            return node


@pytest.mark.parametrize(
    ("rule", "kind"),
    [
        ({"orders": {"at_least": 2, "within": "90d"}}, "orders"),
        ({"orders": {"total": {"more_than": 99.5}, "category": ["Shoes"]}}, "spent"),
        ({"orders": {"last": {"within": "90d"}}}, "last_order"),
        ({"trait": {"name": "address.city", "is": "Ankara"}}, "trait"),
        ({"trait": {"name": "plan", "exists": False}}, "trait"),
        ({"anniversary": {"this": "week"}}, "birthday"),
        ({"clicks": {"at_least": 2, "channel": "email", "purpose": "marketing", "within": "90d"}}, "clicks"),
        ({"in_segment": "at-risk"}, "in_segment"),
        ({"overdue": {"times": 1.5}}, "overdue"),
        ({"orders": {"at_least": 1, "at_most": 3}}, YAML),
        ({"orders": {"at_least": 1, "total": {"at_least": 5}}}, YAML),
        ({"event": {"name": "Viewed", "where": {"price": {"more_than": 5}}}}, YAML),
        ({"trait": {"name": "zip", "is": "0612"}}, YAML),
        ({"orders": {"at_least": 1, "category": ["a, b"]}}, YAML),
    ],
)
def test_conditions_are_fields_where_fields_say_all_of_it(rule: dict[str, Any], kind: str) -> None:
    """A text that fields would change (a number that is a text, a name with a comma) is YAML instead."""
    (line,) = group_of(rule).parts
    assert isinstance(line, Line)
    assert line.kind == kind
    assert rule_of(Group("all", [line])) == rule


def test_lines_are_added_and_removed_where_it_was_said() -> None:
    """In the outermost group and in groups inside of it; what does not exist changes nothing."""
    group = group_of({"orders": {"at_least": 1}})
    change(group, "add:0", "trait")
    change(group, "group:0", "")
    change(group, "add:0.2", "birthday")
    change(group, "add:0.2", "consent")
    assert rule_of(group)["all"][2] == {"any": [{"anniversary": {"this": "week"}}, {"consent": {"channel": "email"}}]}
    for nothing in ("remove:0.9", "remove:1.0", "add:0.0", "add:x", "", "remove:0", "add:0.2.7", "burn:0"):
        before = rule_of(group)
        change(group, nothing, "trait")
        assert rule_of(group) == before
    change(group, "add:0", "nothing")
    change(group, "remove:0.0", "")
    change(group, "remove:0.0", "")
    assert rule_of(group) == {"any": [{"anniversary": {"this": "week"}}, {"consent": {"channel": "email"}}]}


_NAMES = st.text("0123456789.:kindotgrupseachxyw", max_size=14)


@given(st.dictionaries(_NAMES, st.sampled_from(["group", "orders", "yaml", ""])))
def test_a_form_of_anybody_is_some_rule_or_invalid(form: dict[str, str]) -> None:
    """Names and values that no page of ours has break nothing."""
    found = read_form(form)
    with contextlib.suppress(InvalidYaml):
        rule_of(found)
    assert len(found.parts) <= 60


def test_every_kind_that_is_offered_can_be_written() -> None:
    """With its fields filled it is a valid condition of the language."""
    filled = {
        "count.word": "at_least", "count.n": "2", "total.word": "at_least", "total.n": "10,5", "times.v": "1.5",
        "average.word": "at_most", "average.n": "9", "within.n": "7", "within.u": "d", "category.v": "Shoes, Bags",
        "on.v": "web", "trait.v": "city", "test.word": "is", "test.v": "Ankara", "when.v": "week", "event.v": "Viewed",
        "device.v": "ios", "channel.v": "email", "purpose.v": "marketing", "segment.v": "other",
    }  # fmt: skip
    for kind in KINDS:
        rule = rule_of(Group("all", [Line(kind, dict(filled))]))
        SegmentDefinition.model_validate({"segment": "draft", "who": rule})
