"""Refusals of every purpose, and choices of one moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from shared.domain.consent.consent import EVERY_PURPOSE, Consent
from shared.domain.consent.preferences import Preference, newest_preference
from shared.domain.consent.suppression import suppressed

pytestmark = pytest.mark.unit
NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)


@pytest.mark.parametrize(("address", "held"), [("", True), ("e.1", True), ("e.2", False)])
def test_a_refusal_without_an_address_holds_for_each(address: str, held: bool) -> None:
    """Who refused the whole channel gets nothing at any address of it; a refusal of one address is of that one."""
    no = Consent("email", EVERY_PURPOSE, False, NOW, NOW, True, "web", "c1", address_key=address)
    assert (suppressed([no], "email", "e.1", NOW) is not None) is held
    assert suppressed([no], "sms", "e.1", NOW) is None


def test_of_choices_of_one_moment_the_same_one_holds_in_any_order() -> None:
    """Statements are read from several identifiers, in an order that nobody promises."""
    one = Preference(NOW, "w1", one_in_days=7, paused_until=NOW + timedelta(days=30), link="m2")
    said = [one, Preference(NOW, "w1", one_in_days=7, link="m2"), Preference(NOW, "w1", one_in_days=7, link="m1")]
    assert {newest_preference(order) for order in permutations(said)} == {one}
