"""Since when a segment holds: the instant at which its rule became true, given all facts."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.identity.keys import milliseconds
from shared.domain.segments.definition import SegmentDefinition
from shared.domain.segments.evaluate import evaluate_segment
from shared.domain.segments.membership_since import BEGINNING, last_change
from shared.domain.segments.memberships import memberships
from shared.domain.segments.subject import Subject
from tests.support.cases import UNIT, cases
from tests.support.segment_asking import DAY, HOUR, SHOP, bought, order, segment
from tests.support.segment_boundaries import boundaries
from tests.support.segment_cases import Case, segment_cases
from tests.support.world import KEYS, NOW

pytestmark = UNIT

TICK = timedelta(microseconds=1)
AT_RISK = segment({"all": [{"orders": {"at_least": 1}}, {"not": {"orders": {"at_least": 1, "within": "90d"}}}]})


def since(*ages: timedelta) -> timedelta | None:
    """How long ago at-risk turned for a customer with orders of these ages."""
    profile = bought(*(order(f"o{place}", NOW - age) for place, age in enumerate(ages)))
    turned = last_change(AT_RISK, Subject(profile, SHOP, {}, looking_back=True), NOW)
    return None if turned is None else NOW - turned


def test_at_risk_since_ninety_days_after_the_last_order() -> None:
    """Whenever it is processed; an older order changes nothing, a newer one does."""
    assert since(300 * DAY) == 210 * DAY
    assert since(400 * DAY, 120 * DAY) == 30 * DAY
    assert since(91 * DAY) == DAY
    assert since() is None


def test_not_at_risk_since_the_order_that_ended_it() -> None:
    """A rule that is false has a time of its own as well."""
    assert since(300 * DAY, 5 * HOUR) == 5 * HOUR


@cases(20, 3_000)
@given(segment_cases(depth=2, rules=2), st.integers(0, 2**32))
def test_the_truth_turns_then_and_not_again(case: Case, seed: int) -> None:
    """Another truth just before, the same at every instant since at which it could change; or never another."""
    pick = Random(seed)
    profile = case.profile(case.told, case.consents)
    now = case.now
    past = Subject(profile, case.shop, {one.segment: one for one in case.definitions}, KEYS, looking_back=True)
    history = case.history(case.told, case.consents)
    for definition in case.definitions:

        def truth(at: datetime, rule: SegmentDefinition = definition) -> bool:
            return evaluate_segment(rule, past, at).value

        turned = last_change(definition, past, now)
        begin = BEGINNING if turned is None else turned
        if turned is not None:
            assert truth(turned - TICK) is not truth(turned)
        inside = [begin + (now - begin) * pick.random() for _ in range(20)]
        known = [at for at in boundaries(case.definitions, history, case.shop, begin) if begin < at <= now]
        assert {truth(at) for at in (begin, *inside, *known, now)} == {truth(now)}


def test_an_entry_carries_its_own_time_and_a_member_keeps_it() -> None:
    """Processed today, true for 210 days; who was in keeps what he had, until something of the past is told."""
    profile = bought(order("o1", NOW - 300 * DAY))
    found = memberships([AT_RISK], profile, SHOP, NOW, {})
    true_since = milliseconds(NOW - 210 * DAY)
    assert (found.entered, found.segments) == ((AT_RISK.segment,), {AT_RISK.segment: true_since})
    kept = memberships([AT_RISK], profile, SHOP, NOW, {AT_RISK.segment: 5})
    assert (kept.entered, kept.segments) == ((), {AT_RISK.segment: 5})
    again = memberships([AT_RISK], profile, SHOP, NOW, {AT_RISK.segment: 5}, recount=True)
    assert (again.entered, again.segments) == ((), {AT_RISK.segment: true_since})


def test_what_was_left_says_since_when() -> None:
    """By an order of five hours ago that is told now."""
    profile = bought(order("o1", NOW - 300 * DAY), order("o2", NOW - 5 * HOUR))
    found = memberships([AT_RISK], profile, SHOP, NOW, {AT_RISK.segment: 5})
    assert (found.left, found.left_at) == ((AT_RISK.segment,), {AT_RISK.segment: milliseconds(NOW - 5 * HOUR)})
