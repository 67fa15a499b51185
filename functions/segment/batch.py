"""The events of one identifier that one invocation got."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec import Struct, field

from shared.domain.events.event import Event
from shared.domain.facts.provisional import OrdersFrom, is_provisional
from shared.domain.facts.touching import feature_name
from shared.domain.identity.keys import milliseconds
from shared.domain.profile.customer_item import Folded

LATE = timedelta(hours=1)
"""An event that is older when it is folded is late: what it says of the past is looked at again."""
ORDER_CHANGES = frozenset({"Order Updated", "Order Cancelled", "Order Refunded"})


class Batch(Struct):
    """The events of one partition, as one invocation got them."""

    pk: str
    events: list[Event] = field(default_factory=list)

    def folded(self, orders_from: OrdersFrom) -> list[Folded]:
        """Their names and keys, oldest first: what schedule is told. What a program did has a name of its own; what a
        public source says about orders where only trusted ones count begins and ends nothing."""
        told = [event for event in self.events if not is_provisional(event, orders_from)]
        rows = [(feature_name(event), self.pk, event.sort_key, milliseconds(event.time)) for event in told]
        return sorted(rows, key=lambda row: (row[3], row[2]))

    @property
    def history(self) -> bool:
        """Whether an import marked all of them as history."""
        return all(event.history for event in self.events)


def tells_of_the_past(rows: Iterable[Folded], now: datetime) -> bool:
    """Whether these events may change since when a segment holds: they are late, or speak of an earlier order."""
    late = milliseconds(now - LATE)
    return any(when < late or name in ORDER_CHANGES for name, _, _, when in rows)
