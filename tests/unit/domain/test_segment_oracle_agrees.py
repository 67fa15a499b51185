"""Any definition, any history, any instant: folding, storing, joining and evaluating says what brute force says."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given

from shared.domain.segments.language import SegmentDefinition, leaves_of
from tests.support.cases import UNIT, cases
from tests.support.segment_boundaries import boundaries
from tests.support.segment_cases import Case, segment_cases

pytestmark = UNIT

INSTANT = timedelta(microseconds=1)


@cases(500, 20_000)
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


@cases(150, 20_000)
@given(segment_cases(depth=2, rules=1))
def test_the_truth_of_a_single_node_changes_at_the_very_instant_that_it_names(case: Case) -> None:
    events = case.arrived(case.now)
    history, profile = case.history(events, case.consents), case.profile(events, case.consents)
    later = boundaries(case.definitions, history, case.shop, case.now)
    for node in leaves_of(case.definitions[0].who):
        rule = SegmentDefinition(segment="single", who=node)
        truth = case.truth(rule, profile, case.now)
        assert truth.value is case.holds(rule, history, case.now), rule
        changes = (instant for instant in later if case.holds(rule, history, instant) is not truth.value)
        assert truth.valid_until == next(changes, None), (rule, truth)
