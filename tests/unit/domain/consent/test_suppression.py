"""Refusals of every purpose, and choices of one moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from shared.domain.consent.consent import EVERY_PURPOSE, Consent
from shared.domain.consent.preferences import Preference, newest_preference
from shared.domain.consent.suppression import suppressed
from tests.support.cases import UNIT, cases
from tests.unit.domain.consent.test_consent import NOW as MIDDLE
from tests.unit.domain.consent.test_consent import STATEMENTS

pytestmark = UNIT
NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)


@pytest.mark.parametrize(("address", "held"), [("", True), ("e.1", True), ("e.2", False)])
def test_a_refusal_without_an_address_holds_for_each(address: str, held: bool) -> None:
    """Who refused the whole channel gets nothing at any address of it; a refusal of one address is of that one."""
    no = Consent("email", EVERY_PURPOSE, False, NOW, NOW, True, "web", "c1", address_key=address)
    assert (suppressed([no], "email", "e.1", NOW) is not None) is held
    assert suppressed([no], "sms", "e.1", NOW) is None


NO = Consent("email", EVERY_PURPOSE, False, NOW, NOW, True, "ses", "c1", address_key="e.1", origin="hard_bounce")
YES = replace(NO, granted=True, purpose="marketing", source="shop", message_id="c0", origin="")


def by_hand(consents: list[Consent]) -> bool:
    """Minute by minute through history: at each one, first the grants that begin, then the refusals of everything."""
    heard = [one for one in consents if one.channel == "email" and one.address_key in {"", "e.1"}]
    heard = [one for one in heard if one.received_at <= MIDDLE]
    held = False
    for minute in range(-4, 5):
        instant = MIDDLE + timedelta(minutes=minute)
        for one in heard:
            same = [two for two in heard if two.granted and two.may_grant and _id(two) == _id(one)]
            if one.granted and one.may_grant and min(min(two.time, two.received_at) for two in same) == instant:
                held = False
        held = held or any(_refuses(one) and max(one.time, one.received_at) == instant for one in heard)
    return held


def _id(one: Consent) -> tuple[str, str, str]:
    return one.source, one.message_id, one.address_key


def _refuses(one: Consent) -> bool:
    return not one.granted and one.purpose == EVERY_PURPOSE


@cases(60)
@given(st.lists(STATEMENTS, max_size=6), st.randoms(use_true_random=False))
def test_a_refusal_of_everything_holds_until_somebody_grants_anew(consents: list[Consent], rng: Random) -> None:
    """As walking through history minute by minute finds it, in whatever order statements are read."""
    found = suppressed(consents, "email", "e.1", MIDDLE)
    assert (found is not None) == by_hand(consents)
    assert found is None or _refuses(found)
    shuffled = rng.sample(consents, len(consents))
    assert suppressed(shuffled, "email", "e.1", MIDDLE) == found


def test_an_earlier_grant_that_is_sent_again_revives_no_address() -> None:
    """A client without a clock sends it again after the bounce, because nobody answered it the first time."""
    first = replace(YES, time=NOW - timedelta(minutes=2), received_at=NOW - timedelta(minutes=2))
    again = replace(YES, time=NOW + timedelta(minutes=2), received_at=NOW + timedelta(minutes=2))
    later = NOW + timedelta(hours=1)
    assert suppressed([again, NO, first], "email", "e.1", later) == NO
    assert suppressed([replace(again, message_id="c2"), NO, first], "email", "e.1", later) is None
    assert suppressed([again, NO, first], "email", "e.1", NOW - timedelta(minutes=1)) is None


def test_of_choices_of_one_moment_the_same_one_holds_in_any_order() -> None:
    """Statements are read from several identifiers, in an order that nobody promises."""
    one = Preference(NOW, "w1", one_in_days=7, paused_until=NOW + timedelta(days=30), link="m2")
    said = [one, Preference(NOW, "w1", one_in_days=7, link="m2"), Preference(NOW, "w1", one_in_days=7, link="m1")]
    assert {newest_preference(order) for order in permutations(said)} == {one}
