"""Segments read aloud."""

from __future__ import annotations

import doctest

import pytest

from shared.domain.segments import say
from shared.domain.segments.language import SegmentDefinition
from shared.domain.segments.say import say_segment
from tests.support.world import SEGMENTS

pytestmark = pytest.mark.unit


def test_at_risk_in_both_languages() -> None:
    """The rule for lapsed customers reads as one sentence that says each part."""
    at_risk = SEGMENTS[1]
    assert say_segment(at_risk, "tr") == (
        "at-risk: en az 1 siparişi olan ve (son 90 gün içinde en az 1 siparişi olan) olmayan müşteriler."
    )
    assert say_segment(at_risk, "en") == (
        "at-risk: customers with at least 1 order and not those with at least 1 order within the last 90 days."
    )


def test_nested_groups_are_bracketed() -> None:
    """An "or" inside an "and" does not run together with it."""
    either = {"any": [{"orders": {"exactly": 1}}, {"orders": {"more_than": 5, "within": "180d"}}]}
    rule = {"segment": "x", "label": {"en": "X"}, "who": {"all": [either, {"orders": {"at_most": 9}}]}}
    assert say_segment(SegmentDefinition.model_validate(rule), "en") == (
        "X: customers (with exactly 1 order or with more than 5 orders within the last 180 days)"
        " and with at most 9 orders."
    )


def test_the_example_is_true() -> None:
    """The docstring's example says what the function does."""
    assert doctest.testmod(say).failed == 0
