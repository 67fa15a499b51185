"""What each step adds to a level, and which steps a level refuses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from shared.domain.stock.level import MOST, NO_RULES, Level, StockRules
from shared.domain.stock.level_log import Chapter, Entry, mistakes, total
from shared.domain.stock.movement import LevelStep, Place, Refused, Step, change_of
from shared.domain.stock.reservation import Promised, Reservation, State, steps_to_end

pytestmark = pytest.mark.unit
NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
HERE = Place("a", "kadikoy")
SAFE = StockRules(safety=3)
BACKORDER = StockRules(backorder=True)


def step(kind: Step, quantity: int, *, expected: bool = False) -> LevelStep:
    return LevelStep(kind, HERE, quantity, expected)


@pytest.mark.parametrize(
    ("wanted", "change"),
    [
        (step("sale", 3), Level(-3)),
        (step("transfer_out", 3), Level(-3)),
        (step("return", 3), Level(3)),
        (step("receipt", 3), Level(3)),
        (step("transfer_in", 3), Level(3)),
        (step("receipt", 3, expected=True), Level(3, 0, -3)),
        (step("receipt", 9, expected=True), Level(9, 0, -5)),
        (step("transfer_in", 3, expected=True), Level(3, 0, -3)),
        (step("expect", 3), Level(0, 0, 3)),
        (step("count", 7), Level(-3)),
        (step("count", 12), Level(2)),
        (step("reserve", 3), Level(0, 3)),
        (step("release", 3), Level(0, -3)),
        (step("collect", 3), Level(-3, -3)),
    ],
)
def test_each_step_adds_its_own(wanted: LevelStep, change: Level) -> None:
    """Ten on hand, four reserved, five incoming. No more comes out of what is incoming than was announced."""
    assert change_of(Level(10, 4, 5), wanted, NO_RULES) == change


def test_what_the_shop_has_sold_is_collected_without_a_sale() -> None:
    assert change_of(Level(10, 4), step("collect", 3), NO_RULES, ours=False) == Level(0, -3)


@pytest.mark.parametrize(
    ("level", "wanted", "rules", "reason"),
    [
        (Level(10, 4), step("sale", 6), NO_RULES, None),
        (Level(10, 4), step("sale", 7), NO_RULES, "out_of_stock"),
        (Level(10, 4), step("transfer_out", 7), NO_RULES, "out_of_stock"),
        (Level(10, 4), step("sale", 6), SAFE, None),
        (Level(10, 4), step("reserve", 3), SAFE, None),
        (Level(10, 4), step("reserve", 4), SAFE, "out_of_stock"),
        (Level(10, 4), step("reserve", 6), NO_RULES, None),
        (Level(10, 4), step("reserve", 7), NO_RULES, "out_of_stock"),
        (Level(10, 4), step("reserve", 7), BACKORDER, None),
        (Level(10, 4), step("count", 4), NO_RULES, None),
        (Level(10, 4), step("count", 3), NO_RULES, "below_reserved"),
        (Level(10, 4), step("count", 3), BACKORDER, None),
        (Level(10, 4), step("release", 4), NO_RULES, None),
        (Level(10, 4), step("release", 5), NO_RULES, "not_reserved"),
        (Level(10, 4), step("collect", 5), BACKORDER, "not_reserved"),
        (Level(3, 3), step("collect", 3), NO_RULES, None),
        (Level(3, 5), step("collect", 2), NO_RULES, None),
        (Level(3, 5), step("count", 3), NO_RULES, None),
        (Level(2, 4), step("collect", 3), NO_RULES, "out_of_stock"),
        (Level(2, 4), step("collect", 3), BACKORDER, None),
        (Level(-5, 0), step("receipt", 2), NO_RULES, None),
        (Level(-5, 1), step("release", 1), NO_RULES, None),
        (Level(MOST - 1), step("receipt", 1), NO_RULES, None),
        (Level(MOST), step("receipt", 1), NO_RULES, "too_many"),
        (Level(0, MOST), step("reserve", 1), BACKORDER, "too_many"),
        (Level(0, 0, MOST), step("expect", 1), NO_RULES, "too_many"),
        (Level(1 - MOST), step("sale", 1), BACKORDER, None),
        (Level(-MOST), step("sale", 1), BACKORDER, "too_many"),
    ],
)
def test_what_a_level_refuses(level: Level, wanted: LevelStep, rules: StockRules, reason: str | None) -> None:
    """No step lowers what is available below zero, a reservation not into the safety stock; and a level whose numbers
    are wrong already still takes what makes them better."""
    if reason is None:
        change_of(level, wanted, rules)
        return
    with pytest.raises(Refused) as refused:
        change_of(level, wanted, rules)
    assert (refused.value.reason, refused.value.args) == (reason, (reason,))


def test_a_shift_of_the_shops_number_counts() -> None:
    """What follows of a step beside its own change is on hand, or is not there."""
    assert change_of(Level(2), step("reserve", 3), NO_RULES, shift=1) == Level(0, 3)
    with pytest.raises(Refused):
        change_of(Level(3), step("reserve", 3), NO_RULES, shift=-1)


def entry(*change: int) -> Entry:
    return Entry("sale", "k", Level(*change), 1)


def test_a_whole_log_is_summed_up() -> None:
    """Two parts: one entry of three numbers, then two."""
    first = Chapter(0, Level(), (entry(5, 1, 2),))
    second = Chapter(1, Level(5, 1, 2), (entry(-1), entry(0, 1)))
    assert total(Level(1), []) == Level(1)
    assert (first.after, second.after) == (Level(5, 1, 2), Level(4, 2, 2))
    assert mistakes([first, second], Level(4, 2, 2)) == []
    assert mistakes([], Level()) == []
    assert mistakes([], Level(1)) == ["level_differs"]
    assert mistakes([first, second], Level(4, 2, 1)) == ["level_differs"]
    assert mistakes([second], Level(4, 2, 2)) == ["entries_missing", "sum_differs"]
    assert mistakes([first, Chapter(2, Level(5, 1, 2), ())], Level(5, 1, 2)) == ["entries_missing"]
    assert mistakes([Chapter(0, Level(1), ()), Chapter(0, Level(2), ())], Level(2)) == ["sum_differs"]


HELD = Reservation("r", (Promised(HERE, 2), Promised(Place("b", "moda"), 1)), NOW)


def test_a_reservation_is_over_at_its_end_once() -> None:
    """An ended one does not expire as well."""
    moment = timedelta(milliseconds=1)
    assert [HELD.expired(NOW - moment), HELD.expired(NOW), HELD.expired(NOW + moment)] == [False, True, True]
    ended = HELD.ended("released", "k2")
    assert (ended.state, ended.ended_by, ended.lines, ended.expired(NOW + moment)) == (
        "released", "k2", HELD.lines, False,
    )  # fmt: skip


@pytest.mark.parametrize(("state", "kind"), [("collected", "collect"), ("released", "release"), ("expired", "release")])
def test_the_end_of_a_reservation_is_a_step_of_each_line(state: State, kind: Step) -> None:
    """Collected pieces leave; of others only the promise ends."""
    assert steps_to_end(HELD, state) == [LevelStep(kind, HERE, 2), LevelStep(kind, Place("b", "moda"), 1)]
