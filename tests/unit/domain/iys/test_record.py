"""What the register must be told, by its rules: turns against the rule of consent, and plans that never overrule it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.consent.consent import HARD_BOUNCE, Consent, consent_state
from shared.domain.iys.record import Record, plan
from shared.domain.iys.statement import RECIPIENT_TYPES, Known
from shared.domain.iys.timeline import turns

pytestmark = pytest.mark.unit
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def said(granted: bool, minutes: float, number: int = 0, **more: Any) -> Consent:
    at = NOW - timedelta(hours=5) + timedelta(minutes=minutes)
    source = more.pop("source", "web")
    return Consent("email", more.pop("purpose", "marketing"), granted, at, at, granted, source, f"m-{number}", **more)


STATEMENTS = st.lists(
    st.tuples(st.booleans(), st.integers(0, 12), st.sampled_from(["marketing", "all", "other"]), st.booleans()),
    max_size=8,
)


@given(STATEMENTS)
def test_turns_are_what_consent_says_at_each_second(drawn: list[tuple[bool, int, str, bool]]) -> None:
    """Bounces left out, and one kind of recipient: whatever second is asked for."""
    statements = [
        said(granted, minutes, place, purpose="marketing" if granted else purpose, merchant=granted and merchant)
        for place, (granted, minutes, purpose, merchant) in enumerate(drawn)
    ]
    bounce = said(False, 6, 99, purpose="all", source="ses", origin=HARD_BOUNCE)
    for kind in RECIPIENT_TYPES:
        found = turns([*statements, bounce], "email", "marketing", "", kind)
        mine = [one for one in statements if not one.granted or one.merchant == (kind == "TACIR")]
        assert all(one.status != other.status for one, other in pairwise(found))
        for minutes in range(-1, 14):
            at = NOW - timedelta(hours=5) + timedelta(minutes=minutes)
            state = consent_state([one for one in mine if one.effective_at <= at], "email", "marketing", "", NOW)
            last = next((one.status for one in reversed(found) if one.at <= at), None)
            assert (last == "ONAY") == state.granted


def planned(known: Known, *statements: Consent) -> list[tuple[str, datetime]]:
    record = Record("e.key", "BIREYSEL", "EPOSTA", "a@example.com", known=known)
    found = plan(record, turns(statements, "email", "marketing", "", "BIREYSEL"), lambda _: "HS_WEB", NOW)
    return [(one.status, one.at) for one in found.statements]


def test_an_older_grant_never_overrules_a_withdrawal_at_the_register() -> None:
    """Not even if the statement of that withdrawal is not here (yet)."""
    assert planned(Known("RET", NOW - timedelta(hours=1)), said(True, 0)) == []


def test_an_older_withdrawal_is_told_with_the_next_second() -> None:
    """The register holds an approval that we do not: whoever refused is not written to."""
    later = NOW - timedelta(hours=1)
    assert planned(Known("ONAY", later), said(True, 0), said(False, 1, 1)) == [("RET", later + timedelta(seconds=1))]


def test_within_one_second_the_later_word_is_told() -> None:
    """The register's times have no more."""
    start = NOW - timedelta(hours=5)
    assert planned(Known("RET", start), said(False, 0), said(True, 0.01, 1)) == [("ONAY", start + timedelta(seconds=1))]
