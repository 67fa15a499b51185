"""Notices, before a change is written, that it may be news for somebody: a timer then looks again a minute later.

The timer is armed first: a crash after it loses nothing, and what is over within the minute is never announced.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter

from shared.domain.identity.keys import milliseconds, safe_id
from shared.domain.interests.announcement import About
from shared.domain.products.product import Product
from shared.domain.stock.crossing import promisable, sold_out_since
from shared.domain.stock.movement import Place
from shared.stores.products import StoredProduct
from shared.stores.stock_changes import Change, RulesOf
from shared.stores.stock_items import StoredLevel
from shared.stores.timers import Arming, Timers

SETTLE = timedelta(minutes=1)
MOST_LOW = 100
"""The largest threshold of a shop: a level that keeps more asks nothing."""


class StockWatch:
    """Looks at changes of levels. ``low``: the threshold of the shop, 0 for none."""

    def __init__(
        self, levels: Callable[[str], Iterable[StoredLevel]], timers: Timers, rules: RulesOf, low: Callable[[], int]
    ) -> None:
        self._levels, self._timers, self._rules, self._low = levels, timers, rules, low

    def __call__(self, changes: Sequence[Change], at: datetime) -> None:
        """Arm what these changes may have to announce. Costs nothing unless a level gets its first piece, or few are
        left: then the levels of the sku are read."""
        ordered = sorted(changes, key=attrgetter("stored.place.sku"))
        for sku, group in groupby(ordered, key=attrgetter("stored.place.sku")):
            self._look(sku, list(group), at)

    def _look(self, sku: str, changes: list[Change], at: datetime) -> None:
        pairs = [
            (self._of(one.stored), promisable(one.after, self._rules(one.stored.place.location))) for one in changes
        ]
        rose = any(before == 0 < after for before, after in pairs)
        fell = any(after < before and after <= MOST_LOW for before, after in pairs)
        low = self._low() if fell else 0
        if not rose and not low:
            return
        stored: dict[Place, StoredLevel] = {level.place: level for level in self._levels(sku)}
        stored |= {one.stored.place: one.stored for one in changes}
        total = sum(map(self._of, stored.values()))
        then = total + sum(after - before for before, after in pairs)
        if total == 0 < then:
            self._sold_out(sku, list(stored.values()), at)
        elif total > low >= then > 0:
            self._timers.arm_many([arming("low", sku, milliseconds(looks_at(at)), looks_at(at))])

    def _sold_out(self, sku: str, stored: list[StoredLevel], at: datetime) -> None:
        """The first pieces of a sku that nobody had heard of are no news; nor those that were missing for a moment."""
        known = [level for level in stored if level.version and not level.view.untracked]
        since = max((self._since(level) for level in known), default=0)
        if known and since <= milliseconds(at - SETTLE):
            self._timers.arm_many([arming("back", sku, since, looks_at(at))])

    def _of(self, level: StoredLevel) -> int:
        return promisable(level.level, self._rules(level.place.location))

    def _since(self, level: StoredLevel) -> int:
        return sold_out_since(level.level, level.chapter.entries, self._rules(level.place.location))


class PriceWatch:
    """Looks at products that are about to be written."""

    def __init__(self, timers: Timers) -> None:
        self._timers = timers

    def __call__(self, changes: Sequence[tuple[StoredProduct, Product]], at: datetime) -> None:
        dropped = [
            after.id
            for before, after in changes
            if after.currency == before.product.currency and after.costs < before.product.costs
        ]
        self._timers.arm_many([arming("price", id_, milliseconds(at), looks_at(at)) for id_ in dropped])


def arming(about: About, product: str, episode: int, due: datetime, part: str = "") -> Arming:
    """The timer of an announcement: the same product within the same minute is one timer."""
    return Arming("stock", due, safe_id(product), part + about, step=f"{episode}:{product}")


def looks_at(at: datetime) -> datetime:
    """When a change is looked at again: a minute later or a little more, on the full minute."""
    later = at + 2 * SETTLE
    return later.replace(second=0, microsecond=0)
