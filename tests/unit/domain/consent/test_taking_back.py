"""Whose grant takes a refusal back: who refused in the same way, if he had agreed in another way before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from shared.domain.consent.consent import EVERY_PURPOSE, Consent
from shared.domain.consent.taking_back import takes_back

pytestmark = pytest.mark.unit
NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)


def said(granted: bool, hours: int, origin: str) -> Consent:
    at = NOW - timedelta(hours=hours)
    return Consent("sms", "marketing", granted, at, at, granted, "web", f"{origin}-{hours}", "a", origin=origin)


AGREED, REPLIED, REFUSED = said(True, 9, "checkout"), said(True, 8, "reply"), said(False, 2, "reply")


def taken_back(*consents: Consent) -> bool:
    return takes_back(iter(consents), "sms", "marketing", "a", "reply", NOW)


def test_a_refusal_is_taken_back_in_the_way_it_was_made() -> None:
    """The agreement of before, at the address or of the customer, holds again."""
    assert taken_back(AGREED, REFUSED)
    assert taken_back(replace(AGREED, address_key=""), REFUSED)
    assert taken_back(AGREED, REPLIED, REFUSED)


@pytest.mark.parametrize(
    "other",
    [
        replace(AGREED, channel="email"),
        replace(AGREED, purpose="service"),
        replace(AGREED, address_key="b"),
        replace(AGREED, may_grant=False),
        replace(AGREED, origin="reply"),
        replace(AGREED, granted=False),
    ],
)
def test_without_an_agreement_in_another_way_a_reply_is_no_first_consent(other: Consent) -> None:
    """An earlier reply that agreed is none, nor is what was said of something else."""
    assert not taken_back(other, REPLIED, REFUSED)


@pytest.mark.parametrize(
    "other",
    [
        said(False, 3, "link"),
        said(False, 1, "link"),
        replace(said(False, 3, "hard_bounce"), purpose=EVERY_PURPOSE),
        said(True, 1, "checkout"),  # what holds is no refusal
        replace(said(False, 1, "reply"), public=True),  # anybody can claim to be a reply
    ],
)
def test_only_refusals_of_its_own_way_stand_against_it(other: Consent) -> None:
    assert not taken_back(AGREED, REFUSED, other)


def test_where_nobody_refused_there_is_nothing_to_take_back() -> None:
    assert not taken_back()
    assert not taken_back(AGREED)
