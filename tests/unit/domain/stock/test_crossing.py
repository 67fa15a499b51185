"""Since when nothing was left of a level."""

from __future__ import annotations

import pytest

from shared.domain.stock.crossing import promisable, sold_out_since
from shared.domain.stock.level import NO_RULES, Level, StockRules
from shared.domain.stock.level_log import Entry

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("level", "rules", "left"),
    [
        (Level(5, 2), NO_RULES, 3),
        (Level(5, 2, 9), StockRules(safety=2), 1),
        (Level(5, 2), StockRules(safety=3), 0),
        (Level(1, 2), NO_RULES, 0),
    ],
)
def test_what_may_still_be_promised(level: Level, rules: StockRules, left: int) -> None:
    """Neither what is reserved, nor the safety stock, nor what is on its way; never less than nothing."""
    assert promisable(level, rules) == left


@pytest.mark.parametrize(
    ("level", "changes", "rules", "since"),
    [
        (Level(), [], NO_RULES, 0),
        (Level(), [Level(2), Level(-1), Level(-1)], NO_RULES, 3),
        (Level(2, 2), [Level(2), Level(0, 1), Level(0, 1)], NO_RULES, 3),
        (Level(0), [Level(1), Level(-1), Level(0, 0, 5)], NO_RULES, 2),
        (Level(1), [Level(2), Level(-1), Level(0, 0, 5)], StockRules(safety=1), 2),
        (Level(1), [Level(1)], StockRules(safety=1), 1),
        (Level(-2), [Level(-1), Level(-1)], NO_RULES, 1),
        (Level(1, 2), [Level(0, -1), Level(0, 1)], NO_RULES, 1),
    ],
)
def test_since_when_nothing_is_left(level: Level, changes: list[Level], rules: StockRules, since: int) -> None:
    """The change that took the last piece, or the oldest that is known; 0 of a level that never changed."""
    entries = [Entry("sale", f"k{at}", change, at) for at, change in enumerate(changes, start=1)]
    assert sold_out_since(level, entries, rules) == since
