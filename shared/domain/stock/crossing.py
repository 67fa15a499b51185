"""What a change of levels means for who wants to buy: nothing was left, and now there is something, or little."""

from __future__ import annotations

from collections.abc import Sequence

from shared.domain.stock.level import Level, StockRules
from shared.domain.stock.level_log import Entry


def promisable(level: Level, rules: StockRules) -> int:
    """Pieces that may still be promised to somebody: neither reserved nor safety stock."""
    return max(0, level.available - rules.safety)


def sold_out_since(level: Level, entries: Sequence[Entry], rules: StockRules) -> int:
    """Since when (milliseconds) a level has nothing to promise, as far as the newest part of its log reaches.

    ``entries`` are those that led to ``level``, oldest first; of a level that was never changed there are none.
    """
    since = 0
    for entry in reversed(entries):
        since = entry.at_ms
        level = Level(level.on_hand - entry.change.on_hand, level.reserved - entry.change.reserved)
        if promisable(level, rules) > 0:
            break
    return since
