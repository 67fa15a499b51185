"""One customer at one instant: what every question is asked about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from shared.domain.definitions.shop import Shop
from shared.domain.identity.identifiers import Identifier
from shared.domain.segments.oracle.history import History
from shared.domain.segments.oracle.orders import Bought


@dataclass(frozen=True)
class Instant:
    """``keys`` gives the partition key of an identifier: statements of consent name addresses by it."""

    history: History
    shop: Shop
    now: datetime
    keys: Callable[[Identifier], str]

    def in_window(self, at: datetime, within: timedelta | None) -> bool:
        """Not ahead of now, and less than ``within`` ago (docs/definitions.md#windows)."""
        return at <= self.now and (within is None or self.now - at < within)

    @property
    def zone(self) -> ZoneInfo:
        return self.history.person.zone(self.shop, self.now)

    @property
    def counted_orders(self) -> list[Bought]:
        """Those up to now whose state the shop does not ignore, oldest first."""
        ignored = self.shop.orders_ignore
        return [one for one in self.history.orders if one.state not in ignored and one.at <= self.now]
