"""Any definition, any history, any instant: folding, storing, joining and evaluating says what brute force says."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given

from shared.domain.definitions.shop import Shop
from shared.domain.segments.counting_rules import MOST_OCCURRENCES, MOST_TOUCHES
from shared.domain.segments.definition import SegmentDefinition, leaves_of
from tests.support.cases import UNIT, cases
from tests.support.segment_boundaries import boundaries
from tests.support.segment_cases import Case, segment_cases
from tests.support.segment_history import MOST_AHEAD, Told
from tests.support.world import NOW, event

pytestmark = UNIT

INSTANT = timedelta(microseconds=1)
HOUR = timedelta(hours=1)


@cases(100, 20_000)
@given(segment_cases(depth=2, rules=2))
def test_a_truth_is_that_of_brute_force_now_and_until_the_instant_up_to_which_it_holds(case: Case) -> None:
    """Facts hold what the release of these definitions asks for, and nothing more."""
    events = case.arrived(case.now)
    history, profile = case.history(events, case.consents), case.profile(events, case.consents)
    later = boundaries(case.definitions, history, case.shop, case.now)
    for rule in case.definitions:
        truth = case.truth(rule, profile, case.now)
        assert truth.value is case.holds(rule, history, case.now), rule
        until = truth.valid_until
        assert until is None or until > case.now
        for instant in (*later, *(() if until is None else (until - INSTANT,))):
            if until is None or instant < until:
                assert case.holds(rule, history, instant) is truth.value, (rule, truth, instant)


@cases(33, 20_000)
@given(segment_cases(depth=2, rules=1))
def test_the_truth_of_a_single_node_changes_at_the_very_instant_that_it_names(case: Case) -> None:
    events = case.arrived(case.now)
    history, profile = case.history(events, case.consents), case.profile(events, case.consents)
    later = boundaries(case.definitions, history, case.shop, case.now)
    for node in leaves_of(case.definitions[0].who):
        rule = SegmentDefinition(segment="single", who=node)
        truth = case.truth(rule, profile, case.now)
        assert truth.value is case.holds(rule, history, case.now), rule
        asked = sorted({*later, *(() if truth.valid_until is None else (truth.valid_until,))})
        changes = (instant for instant in asked if case.holds(rule, history, instant) is not truth.value)
        assert truth.valid_until == next(changes, None), (rule, truth)


@pytest.mark.parametrize("more", [0, 40])
def test_the_largest_numbers_that_may_be_asked_for_are_remembered(more: int) -> None:
    """500 occurrences, eight of them dated ahead beside those; 31 messages, opens and clicks."""
    rules = [
        {"event": {"name": "Products Searched", word: MOST_OCCURRENCES} | window}
        for word in ("at_least", "exactly", "more_than", "at_most")
        for window in ({}, {"within": "7d"})
    ]
    rules += [
        {node: {word: MOST_TOUCHES, "within": "7d"}}
        for node in ("received", "opens", "clicks")
        for word in ("at_least", "exactly", "more_than")
    ]
    searched = [
        event("Products Searched", ["user:u1"], at=NOW - timedelta(minutes=place), id=f"s{place}")
        for place in range(-MOST_AHEAD, MOST_OCCURRENCES + more)
    ]
    names = ("Email Delivered", "Email Opened", "Email Link Clicked")
    reported = [
        event(name, ["user:u1"], at=NOW - place * HOUR + after * HOUR / 60, id=f"{name}{place}", message_id=f"{place}")
        for place in range(1, MOST_TOUCHES + more + 1)
        for after, name in enumerate(names)
    ]
    told = tuple(Told(0, one) for one in (*searched, *reported))
    definitions = tuple(
        SegmentDefinition.model_validate({"segment": f"s{place}", "who": rule}) for place, rule in enumerate(rules)
    )
    case = Case("u.1", Shop(name="Test"), definitions, told, (), None, NOW)
    history, profile = case.history(told, ()), case.profile(told, ())
    values = [case.holds(rule, history, NOW) for rule in definitions]
    assert [case.truth(rule, profile, NOW).value for rule in definitions] == values
    assert any(values)
    assert not all(values)
