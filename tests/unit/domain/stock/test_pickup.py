"""What may follow of each state of a pick-up, and its code."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from shared.domain.stock.pickup import (
    CODE_LENGTH,
    MOST_TRIES,
    SIGNS,
    Pickup,
    PickupLine,
    PickupState,
    State,
    new_code,
    plain_code,
)

pytestmark = pytest.mark.unit
NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
UNTIL = NOW + timedelta(days=3)
ORDERED = Pickup("p", "user:u", "moda", (PickupLine("a", 1),), "ABCD23", "requested", NOW, UNTIL, version=7)
BEFORE = UNTIL - timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("state", "following", "at"),
    [
        ("requested", "ready", BEFORE),
        ("requested", "picked_up", BEFORE),
        ("requested", "cancelled", BEFORE),
        ("requested", "expired", UNTIL),
        ("ready", "picked_up", BEFORE),
        ("ready", "cancelled", BEFORE),
        ("ready", "expired", UNTIL),
    ],
)
def test_what_follows(state: State, following: State, at: datetime) -> None:
    """Each change is dated and counted; the pieces wait as long as before, unless another time is said."""
    one = replace(ORDERED, state=state)
    assert one.moved(following, at) == replace(ORDERED, state=following, since=at, version=8)
    longer = UNTIL + timedelta(days=1)
    assert one.moved(following, at, longer) == replace(ORDERED, state=following, since=at, until=longer, version=8)


@pytest.mark.parametrize(
    ("state", "following", "at", "is_now"),
    [
        ("requested", "requested", BEFORE, "requested"),
        ("ready", "ready", BEFORE, "ready"),
        ("requested", "expired", BEFORE, "requested"),
        ("ready", "expired", BEFORE, "ready"),
        ("requested", "ready", UNTIL, "expired"),
        ("ready", "picked_up", UNTIL, "expired"),
        ("ready", "picked_up", UNTIL + timedelta(days=1), "expired"),
        ("picked_up", "picked_up", BEFORE, "picked_up"),
        ("picked_up", "expired", UNTIL, "picked_up"),
        ("cancelled", "picked_up", UNTIL, "cancelled"),
        ("expired", "picked_up", UNTIL, "expired"),
    ],
)
def test_what_does_not_follow(state: State, following: State, at: datetime, is_now: State) -> None:
    """Who asks is told the state: after its time a pick-up that nobody ended counts as expired."""
    with pytest.raises(PickupState) as refused:
        replace(ORDERED, state=state).moved(following, at)
    assert (refused.value.state, refused.value.args) == (is_now, (is_now,))


def test_five_wrong_codes_lock_it() -> None:
    """Each try is counted, and is a change."""
    one = ORDERED
    for tries in range(MOST_TRIES):
        assert (one.tries, one.version, one.locked) == (tries, 7 + tries, False)
        one = one.tried()
    assert one.locked
    assert replace(one, tries=0, version=7) == ORDERED


def test_a_code_is_read_as_people_write_it() -> None:
    """Small letters, blanks and hyphens do not matter; every sign does."""
    assert plain_code(" ab-cd 23 ") == "ABCD23"
    assert plain_code(f" {SIGNS.lower()}-") == SIGNS
    assert ORDERED.matches("ab cd-23")
    assert not any(ORDERED.matches(wrong) for wrong in ("ABCD24", "BBCD23", "ABCD2", "ABCD233", "", "şşşşşş"))


def test_each_sign_of_a_code_is_drawn_of_all_signs() -> None:
    asked: list[int] = []

    def draw(below: int) -> int:
        asked.append(below)
        return len(asked) - 1

    assert new_code(draw) == SIGNS[:CODE_LENGTH]
    assert asked == [len(SIGNS)] * CODE_LENGTH
