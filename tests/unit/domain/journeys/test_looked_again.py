"""A product looked at closely: more looks than different products, against telling every look apart."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from shared.domain.definitions.needed_features import needed_features
from shared.domain.definitions.shop import Shop
from shared.domain.facts.facts import Facts
from shared.domain.facts.fold import fold
from shared.domain.journeys.conditions import LOOKED, LOOKS, Condition
from shared.domain.journeys.definition import JourneyDefinition
from shared.domain.journeys.describe_condition import describe_condition
from shared.domain.journeys.evidence import ConditionContext, Rules, evidence
from shared.domain.profile.profile_from_facts import profile_of
from tests.support.cases import also_long, cases
from tests.support.world import NOW, event

pytestmark = pytest.mark.unit

ASKED: Condition = TypeAdapter(Condition).validate_python({"looked_again": {"within": "24h"}})
JOURNEY = JourneyDefinition.model_validate(
    {
        "journey": "browse",
        "start": {"event": LOOKED, "if": {"looked_again": {"within": "24h"}}},
        "steps": [{"note": "looked"}],
    }
)
FEATURES = needed_features((), (JOURNEY,))


def holds(looks: list[tuple[int, str]]) -> bool:
    """(minutes ago, product) of each look."""
    told = [
        event(LOOKED, ["user:1"], at=NOW - timedelta(minutes=ago), id=f"e{place}", product_id=product)
        for place, (ago, product) in enumerate(looks)
    ]
    profile = profile_of("u.1", ("u.1",), (), fold(Facts(), told, FEATURES))
    return evidence(ASKED, ConditionContext(profile, Rules(Shop(name="Test")), NOW, NOW)) is not None


@also_long
@cases(50)
@given(
    looks=st.lists(
        st.tuples(st.integers(0, 30).map(lambda hours: hours * 60), st.sampled_from("abcdefghijkl")), max_size=LOOKS
    )
)
def test_as_if_every_look_were_told_apart(looks: list[tuple[int, str]]) -> None:
    """Up to ten looks, in whatever order they come, some of them long ago."""
    looks = [(ago + place, product) for place, (ago, product) in enumerate(looks)]
    recent = Counter(product for ago, product in looks if ago < 24 * 60)
    assert holds(looks) is any(count > 1 for count in recent.values())


def test_what_is_exactly_a_day_old_is_outside() -> None:
    """The window is half-open, as everywhere."""
    assert holds([(24 * 60 - 1, "a"), (5, "a")])
    assert not holds([(24 * 60, "a"), (5, "a")])


def test_of_many_looks_the_newest_count() -> None:
    """Twelve different products after it: the second look is forgotten, and nothing is made up."""
    others = [(place, f"p{place}") for place in range(12)]
    assert not holds([*others, (50, "a"), (60, "a")])
    assert holds([*others[:8], (50, "a"), (60, "a")])


def test_it_reads_aloud() -> None:
    """In both languages."""
    assert describe_condition(ASKED, "tr") == "son 24 saat içinde bir ürüne birden çok kez bakılmış"
    assert describe_condition(ASKED, "en") == "one product was looked at more than once within 24 hours"
