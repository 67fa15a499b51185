"""Codes: made from a pattern, imported, claimed once, given back; and what a give may name."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.adapters.memory import MemoryTable
from shared.domain.coupons.check import give_problems
from shared.domain.coupons.definition import CouponDefinition
from shared.domain.coupons.given import Given, given_before, joined
from shared.domain.coupons.pattern import ALPHABET, Pattern
from shared.domain.journeys.coupon_gift import GiveDefinition
from shared.ports import Item
from shared.stores.coupons import Candidate, Claim, CouponCodes, Holder
from tests.support.cases import cases
from tests.unit.notify.world import MORNING

pytestmark = pytest.mark.unit

POOL = CouponDefinition(coupon="CART10", codes="imported")
MADE = CouponDefinition(coupon="CART10", pattern="CART10-{8}")


def codes(table: MemoryTable | None = None, seed: int = 1) -> CouponCodes:
    return CouponCodes(table or MemoryTable(), random.Random(seed).randrange)


def claim(code: str, unit: str, revision: int = 1) -> Claim:
    return Claim(code, Holder(unit, f"message of {unit}", revision, "u.home"), MORNING)


@given(seed=st.integers(0, 2**32))
@cases(30)
def test_a_made_code_has_no_sign_that_people_mix_up(seed: int) -> None:
    """CART10- and eight of 32 letters and digits, never 0, O, 1 or I."""
    code = Pattern.parse("CART10-{8}").code(random.Random(seed).randrange)
    assert code.startswith("CART10-")
    assert len(code) == 15
    assert set(code[7:]) <= set(ALPHABET)
    assert not set("0O1I") & set(ALPHABET)


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("CART10", "has 0 random"),
        ("A-{5}", "has 5"),
        ("{25}", "has 25"),
        ("A {8}", "cannot be read"),
        ("-{8}", "begin"),
    ],
)
def test_a_pattern_that_makes_guessable_or_unreadable_codes_is_refused(text: str, remedy: str) -> None:
    """With the reason and what to write."""
    with pytest.raises(ValidationError, match=remedy):
        CouponDefinition(coupon="CART10", pattern=text)


def test_a_definition_says_exactly_one_origin() -> None:
    """Imported or made, not both and not neither."""
    for more in ({}, {"codes": "imported", "pattern": "A-{8}"}):
        with pytest.raises(ValidationError, match="where its codes come from"):
            CouponDefinition.model_validate({"coupon": "CART10", **more})


def test_a_give_names_a_definition_or_a_code() -> None:
    """A slip of the pen beside a definition is a problem; another plain word is a code for everybody."""
    names = ("CART10", "SUMMER", "cart-10", "CARTIO", "on sale")
    problems = {name: give_problems("j.yaml", "steps[0]", GiveDefinition(coupon=name), ["CART10"]) for name in names}
    said = {name: [str(problem) for problem in found] for name, found in problems.items()}
    assert said["CART10"] == said["SUMMER"] == []
    assert said["cart-10"] == [
        "j.yaml: steps[0].give.coupon: there is no coupon cart-10, but there is CART10; write CART10"
    ]
    assert "there is CART10" in said["CARTIO"][0]
    assert "cannot be a code" in said["on sale"][0]


def test_an_imported_code_is_given_once_and_comes_back_unsent() -> None:
    """Three codes for four units: the fourth gets none, until one is given back."""
    store = codes()
    assert store.add("CART10", ["A", "B", "C"]) == 3
    taken = {}
    for unit in ("1", "2", "3"):
        found = store.candidate(POOL)
        assert found is not None
        assert store.claim(POOL, found, claim(found.code, unit))
        taken[unit] = found.code
    assert sorted(taken.values()) == ["A", "B", "C"]
    assert store.candidate(POOL) is None
    assert store.left("CART10", 10) == 0
    assert not store.give_back(POOL, taken["2"], "2", lambda _: False)
    assert store.give_back(POOL, taken["2"], "2", lambda _: True)
    again = store.candidate(POOL)
    assert again is not None
    assert again.code == taken["2"]
    assert store.find("CART10", taken["1"]) == claim(taken["1"], "1")


def test_importing_a_file_again_brings_no_code_back() -> None:
    """Codes that were given, and those still free, are known."""
    store = codes()
    store.add("CART10", ["A", "B"])
    found = store.candidate(POOL)
    assert found is not None
    store.claim(POOL, found, claim(found.code, "1"))
    assert store.add("CART10", ["A", "B", "C"]) == 1
    assert store.left("CART10", 10) == 2


def test_a_leftover_of_a_crash_is_taken_away_by_whoever_meets_it() -> None:
    """The claim was made, the free item stayed: the next taker does not get the code, and tidies up."""
    table = MemoryTable()
    store = codes(table)
    store.add("CART10", ["A"])
    store.claim(POOL, Candidate("A"), claim("A", "1"))  # the free item was not known, so it stays
    left = store.candidate(POOL)
    assert left is not None
    assert not store.claim(POOL, left, claim("A", "2"))
    assert store.candidate(POOL) is None


def test_a_late_tidying_up_does_not_lose_a_code_that_came_back() -> None:
    """Seen as free before, claimed by another, given back: removing what was seen must not remove what is there."""
    store = codes()
    store.add("CART10", ["A"])
    seen = store.candidate(POOL)
    assert seen is not None
    assert store.claim(POOL, seen, claim("A", "1"))
    assert store.give_back(POOL, "A", "1", lambda _: True)
    store._remove_free(POOL, seen)
    assert store.left("CART10", 10) == 1


def test_an_attempt_that_slept_through_it_all_takes_no_code_that_came_back() -> None:
    """It was noted, claimed, given back: the old note is worth nothing, the free code is taken as it lies there now."""
    store = codes()
    store.add("CART10", ["A"])
    seen = store.candidate(POOL)
    assert seen is not None
    assert store.claim(POOL, seen, claim("A", "1"))
    assert store.give_back(POOL, "A", "1", lambda _: True)
    assert not store.claim(POOL, seen, claim("A", "1"))
    assert not store.claim(POOL, Candidate("A"), claim("A", "1"))
    assert store.find("CART10", "A") is None
    found = store.candidate(POOL)
    assert found is not None
    assert store.claim(POOL, found, claim("A", "2"))


def test_a_slow_second_attempt_to_give_back_does_not_hide_what_came_back_since() -> None:
    """It sees the claim of nobody, falls asleep, and the code is taken and comes back meanwhile: the free code bears
    the newer mark, without which nobody could take it."""

    class Slow(MemoryTable):
        asleep: Callable[[], None] | None = None

        def put(self, item: Item, *, expect: Item | None = None) -> None:
            if self.asleep is not None and "#free#" in item["pk"]:
                meanwhile, self.asleep = self.asleep, None
                meanwhile()
            super().put(item, expect=expect)

    table = Slow()
    store = codes(table)
    store.add("CART10", ["A"])
    first = store.candidate(POOL)
    assert first is not None
    assert store.claim(POOL, first, claim("A", "1"))

    def taken_and_back() -> None:
        assert store.give_back(POOL, "A", "1", lambda _: True)
        found = store.candidate(POOL)
        assert found is not None
        assert store.claim(POOL, found, claim("A", "2"))
        assert store.give_back(POOL, "A", "2", lambda _: True)

    table.asleep = taken_and_back
    assert store.give_back(POOL, "A", "1", lambda _: True)
    found = store.candidate(POOL)
    assert found is not None
    assert store.claim(POOL, found, claim("A", "3"))


def test_a_code_comes_back_though_an_old_item_lies_in_its_place() -> None:
    """The first taker died before it removed the free item; that one bears no mark, and nobody could take it."""
    store = codes()
    store.add("CART10", ["A"])
    assert store.claim(POOL, Candidate("A"), claim("A", "1"))
    assert store.give_back(POOL, "A", "1", lambda _: True)
    found = store.candidate(POOL)
    assert found is not None
    assert store.claim(POOL, found, claim("A", "2"))


def test_a_code_that_was_given_up_by_half_is_free_for_the_next() -> None:
    """The process died between the claim and the free item. Nobody gives the code back again, because the message went
    on with another one: the attempt that still has the code in its note is who finds it."""

    class Dying(MemoryTable):
        dies = False

        def put(self, item: Item, *, expect: Item | None = None) -> None:
            if self.dies and "#free#" in item["pk"]:
                raise ConnectionError
            super().put(item, expect=expect)

    table = Dying()
    store = codes(table)
    store.add("CART10", ["A", "B"])
    found = store.candidate(POOL, ["B"])
    assert found is not None
    assert store.claim(POOL, found, claim("A", "1"))
    table.dies = True
    with pytest.raises(ConnectionError):
        store.give_back(POOL, "A", "1", lambda _: True)
    assert store.left("CART10", 10) == 1
    table.dies = False
    assert not store.claim(POOL, Candidate("A"), claim("A", "1", 2))
    assert store.left("CART10", 10) == 2
    again = store.candidate(POOL, ["B"])
    assert again is not None
    assert store.claim(POOL, again, claim("A", "2"))
    assert not store.claim(POOL, Candidate("A"), claim("A", "1", 3))
    assert store.left("CART10", 10) == 1


def test_an_attempt_takes_over_from_an_earlier_one_of_its_unit() -> None:
    """What the earlier one saw does not count any more: it looks again, and then gives nothing back."""
    store = codes()
    assert store.claim(MADE, Candidate("X"), claim("X", "1", revision=1))

    looks: list[int] = []

    def unsent(holder: Holder) -> bool:
        looks.append(holder.revision)
        if len(looks) == 1:
            assert store.claim(MADE, Candidate("X"), claim("X", "1", revision=3))
        return len(looks) == 1

    assert not store.give_back(MADE, "X", "1", unsent)
    assert looks == [1, 3]
    assert not store.claim(MADE, Candidate("X"), claim("X", "2"))
    found = store.find("CART10", "X")
    assert found is not None
    assert found.holder.revision == 3


def test_taking_costs_the_same_of_a_hundred_codes_and_of_thousands() -> None:
    """An imported code: a query of one read unit and two writes of one unit. A made one: one write."""
    for count in (100, 3_000):
        table = MemoryTable()
        store = codes(table)
        for start in range(0, count, 1_000):
            store.add("CART10", [f"KIS-{n:05d}" for n in range(start, min(count, start + 1_000))])
        table.usage.reset()
        found = store.candidate(POOL)
        assert found is not None
        store.claim(POOL, found, claim(found.code, "1"))
        assert table.usage.by_operation == {"query": 1, "put": 1, "delete": 1}
        assert (table.usage.read_units, table.usage.write_units) == (1, 2)
    table = MemoryTable()
    store = codes(table)
    found = store.candidate(MADE)
    assert found is not None
    store.claim(MADE, found, claim(found.code, "1"))
    assert table.usage.by_operation == {"put": 1}
    assert table.usage.write_units == 1


def test_who_was_given_what_is_joined_over_a_merge() -> None:
    """The latest word per unit, the root's where two are equal; what was taken back does not count."""
    early = Given("1", "CART10", "A", MORNING, MORNING + timedelta(days=180))
    back = early.taken_back(MORNING)
    other = Given("2", "CART10", "B", MORNING - timedelta(days=10), MORNING + timedelta(days=170))
    assert joined([{"1": back}, {"1": early, "2": other}]) == {"1": back, "2": other}
    year = timedelta(days=180)
    held = joined([{"1": early}, {"2": other}])
    assert given_before(held, "3", "CART10", year, MORNING) == early
    assert given_before(held, "1", "CART10", year, MORNING) == other
    assert given_before(held, "1", "CART10", timedelta(days=10), MORNING) is None
    assert given_before({"1": back}, "3", "CART10", year, MORNING) is None
