"""Runs that are made anew of what an erasure left: as much as before, with the times and the number of what is left."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.consent.consent import EVERY_PURPOSE
from shared.domain.consent.folding import SEVERAL, Bounds, folded_again
from tests.support.cases import UNIT, cases
from tests.unit.domain.consent.test_folding import MINUTE, NOW, Runs, withdrawal

pytestmark = UNIT


def test_a_widened_run_made_anew_is_still_of_as_much() -> None:
    """What is left of it named other purposes and addresses; no order notice is stopped by it."""
    runs = Runs()
    said = [withdrawal(number, purpose=f"p{number}", address_key=f"e.x{number}") for number in range(99)]
    for one in said:
        runs.hear(one)
    held = next(one for one in runs.said if one.purpose == EVERY_PURPOSE)
    again = folded_again(held, said[-2:])
    assert again is not None
    assert (again.purpose, again.address_key, again.source) == (EVERY_PURPOSE, "", held.source)
    assert again.run is not None
    assert (again.run.widened, again.run.count) == (True, 2)


def test_a_run_of_several_sources_made_anew_is_still_of_several() -> None:
    """Else an operator who takes back what one of them said could take it back with the words of others."""
    runs = Runs(bounds=Bounds(own=0, others=0, without_address=0, of_every_purpose=0))
    said = [withdrawal(number, source=f"s{number}") for number in range(3)]
    for one in said:
        runs.hear(one)
    (held,) = runs.said
    again = folded_again(held, said[1:])
    assert again is not None
    assert (held.source, again.source, again.purpose) == (SEVERAL, SEVERAL, EVERY_PURPOSE)


@cases(60)
@given(minutes=st.lists(st.integers(0, 50), min_size=1, max_size=8), gone=st.sets(st.integers(0, 7)))
def test_a_run_made_anew_is_that_of_what_is_left(minutes: list[int], gone: set[int]) -> None:
    """After an erasure: its times and its number are those of the others."""
    said = [withdrawal(number, NOW + minute * MINUTE) for number, minute in enumerate(minutes)]
    runs = Runs()
    for one in said:
        runs.hear(one)
    (held,) = runs.said
    left = [one for number, one in enumerate(said) if number not in gone]
    again = folded_again(held, left)
    if not left:
        assert again is None
        return
    fresh = Runs()
    for one in left:
        fresh.hear(one)
    assert again is not None
    assert again.run == fresh.said[0].run
    assert again.message_id in {one.message_id for one in left}
