"""How far a walk is, told from the keys that lie behind it; and which releases decide alike."""

from __future__ import annotations

import random

import pytest

from shared.domain.identity.identifiers import Identifier, IdentifierType
from shared.domain.identity.keys import LETTERS, IdentifierKeys, key_from, position_of_key
from shared.domain.segments.backfill import WHOLE, estimated, fraction

pytestmark = pytest.mark.unit
KEYS = IdentifierKeys(b"a secret of the tests, 32 bytes!!")


def keys_of(kind: IdentifierType, count: int) -> list[str]:
    return sorted(KEYS(Identifier(kind, f"{number}")) for number in range(count))


def test_positions_follow_the_order_of_the_table() -> None:
    """A key that sorts behind another lies behind it, from 0 to 1, and halves are halves."""
    keys = keys_of(IdentifierType.USER, 4_000)
    places = [position_of_key(key) for key in keys]
    assert places == sorted(places)
    assert 0 <= places[0] < 0.01 < 0.99 < places[-1] < 1
    assert places[2_000] == pytest.approx(0.5, abs=0.03)


def test_a_key_made_from_a_position_lies_there() -> None:
    """The start of a random sample is where it was meant to be."""
    for place in (0.0, 0.25, 0.5, 0.999, *(random.Random(5).random() for _ in range(50))):
        key = key_from("u", place)
        assert key.startswith("u.")
        assert position_of_key(key) == pytest.approx(place, abs=1e-8)


def test_first_keys_tell_how_many_there_are() -> None:
    """Fifty keys of a shard are enough to know its size to a third; all of them to know it."""
    keys = keys_of(IdentifierType.ANONYMOUS, 20_000)
    assert estimated(keys[:50], whole=False) == pytest.approx(20_000, rel=0.35)
    assert (estimated(keys[:30], whole=True), estimated([], whole=True)) == (30, 0)


def test_the_share_of_a_mixed_shard_that_lies_behind_a_key() -> None:
    """Nine thousand browsers sort before a thousand users: the last browser is nine tenths, and no key is all."""
    browsers, users = keys_of(IdentifierType.ANONYMOUS, 9_000), keys_of(IdentifierType.USER, 1_000)
    expected = {"a": 9_000, "u": 1_000}
    assert fraction(expected, browsers[4_500]) == pytest.approx(450, abs=15)
    assert fraction(expected, browsers[-1]) == pytest.approx(900, abs=2)
    assert fraction(expected, users[500]) == pytest.approx(950, abs=5)
    assert fraction(expected, users[-1]) < WHOLE
    assert fraction({}, users[0]) == 0


def test_letters_are_those_of_the_types() -> None:
    """Every type of identifier is probed, in the table's order."""
    found = sorted({KEYS(Identifier(kind, "x"))[0] for kind in IdentifierType})
    assert tuple(found) == LETTERS
