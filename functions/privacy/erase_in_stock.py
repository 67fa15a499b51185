"""What the stock holds of a person: notices of events in his log, and who a pick-up is for."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from shared.domain.events.event import Event
from shared.domain.identity.identifiers import InvalidIdentifier, parse_identifier
from shared.domain.identity.keys import IdentifierKeys, safe_id
from shared.domain.stock.pickup import Pickup
from shared.ports import Table
from shared.stores import stock_events
from shared.stores.pickups import Pickups


class StockErasure:
    """Erases a person from the table ``stock``."""

    def __init__(self, stock: Table, keys: IdentifierKeys) -> None:
        self._stock = stock
        self._keys = keys
        self._pickups = Pickups(stock)

    def erase(self, events: Iterable[Event], homes: Collection[str], nobody: str) -> int:
        """Deletes the notices of these events, and writes ``nobody`` into their pick-ups, whose pieces go on waiting at
        the store. Returns how many items were changed.

        Raises
        ------
        Conflict
            If the store worked on a pick-up at the same moment. Come again.
        """
        told = [event for event in events if event.source == stock_events.SOURCE]
        self._stock.delete_many(sorted({(f"notice#{safe_id(event.message_id)}", stock_events.SK) for event in told}))
        ids = {str(event.properties["pickup_id"]) for event in told if event.properties.get("pickup_id")}
        found = [pickup for id_ in sorted(ids) if (pickup := self._pickups.read(id_)) and self._is_of(pickup, homes)]
        for pickup in found:
            self._pickups.put(replace(pickup, who=nobody, version=pickup.version + 1))
        return len(told) + len(found)

    def _is_of(self, pickup: Pickup, homes: Collection[str]) -> bool:
        try:
            return self._keys(parse_identifier(pickup.who)) in homes
        except InvalidIdentifier:
            return False
