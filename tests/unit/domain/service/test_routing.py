"""Routing rules: which conversations they are about, and what they give."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.conversations.conversation import Conversation
from shared.domain.service.routing import Asked, RoutingDefinition, holds, plain_words, routed
from tests.unit.ingest.world import NOW

ASKED = Asked("instagram", plain_words("Siparişimi İADE etmek istiyorum"), "tr", frozenset({"high-value"}), True)


def rule(name: str = "one", place: int = 1, when: Any = None, **given_: Any) -> RoutingDefinition:
    return RoutingDefinition.model_validate({"routing": name, "place": place, "when": when or {}, "set": given_})


def conversation(**more: Any) -> Conversation:
    return Conversation("c", "home", "user:1", "instagram", NOW, **more)


@pytest.mark.parametrize(
    ("when", "held"),
    [
        ({}, True),
        ({"channels": ["instagram", "email"]}, True),
        ({"channels": ["email"]}, False),
        ({"words": ["iade"]}, True),
        ({"words": ["İADE", "x1"]}, True),
        ({"words": ["siparis"]}, True),  # the beginning of a word, without its accents
        ({"words": ["ade"]}, False),  # not its middle
        ({"words": ["iade etmek"]}, True),
        ({"words": ["etmek iade"]}, False),
        ({"words": ["!!"]}, False),
        ({"segments": ["high-value"]}, True),
        ({"segments": ["new"]}, False),
        ({"languages": ["tr"]}, True),
        ({"languages": ["en"]}, False),
        ({"open_order": True}, True),
        ({"open_order": False}, False),
        ({"words": ["iade"], "channels": ["email"]}, False),  # everything must hold
    ],
)
def test_a_rule_holds_for_what_it_names(when: Any, held: bool) -> None:
    assert holds(rule(when=when, priority="high").when, ASKED) is held


def test_the_first_rule_sets_and_later_ones_fill_in_and_tags_add_up() -> None:
    rules = [
        rule("b", 2, team="returns", priority="low", tags=["two"]),
        rule("a", 1, priority="high", tags=["one"]),
        rule("c", 3, team="support", assignee="deniz", when={"channels": ["email"]}),
    ]
    found = routed(conversation(tags=("zero",)), rules, ASKED)
    assert (found.priority, found.team, found.assignee, found.tags) == ("high", "returns", "", ("one", "two", "zero"))


@given(st.permutations(["a", "b", "c", "d"]))
def test_the_order_in_which_rules_are_written_does_not_matter(names: list[str]) -> None:
    given_: dict[str, Any] = {"a": {"team": "x"}, "b": {"team": "y", "tags": ["t"]}, "d": {"team": "z"}}
    given_ |= {"c": {"priority": "urgent"}}
    rules = [rule(name, 5, None, **given_[name]) for name in names]
    found = routed(conversation(), rules, ASKED)
    assert (found.team, found.priority, found.tags) == ("x", "urgent", ("t",))


def test_a_rule_that_gives_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing would change"):
        rule()


def test_many_tags_stay_within_what_a_conversation_takes() -> None:
    many = [rule(f"r{n}", n, None, tags=[f"t{n}-{place}" for place in range(15)]) for n in range(3)]
    assert len(routed(conversation(), many, ASKED).tags) == 20
