"""What the table ``interests`` holds of a person: that he may care about a product, and that he was told of it."""

from __future__ import annotations

from collections.abc import Sequence

from shared.domain.events.event import Event
from shared.domain.facts.facts import Facts
from shared.domain.facts.fold import Features, facts_of
from shared.domain.interests.announcement import EVENTS
from shared.domain.interests.interest import interests_of
from shared.ports import Table
from shared.stores.interests import Interests, told_key
from shared.stores.stock_events import SOURCE

NO_FEATURES = Features()


class InterestErasure:
    def __init__(self, interests: Table) -> None:
        self._table = interests
        self._interests = Interests(interests)

    def erase(self, home: str, events: Sequence[Event]) -> int:
        """Deletes what these events of one identifier led to; returns how many items there were.

        Every item is made from one event, so the log names all of them.
        """
        shown = [one for event in events for one in interests_of(facts_of(event, NO_FEATURES))]
        return self._interests.forget(home, shown) + self._forget_told(home, events)

    def _forget_told(self, home: str, events: Sequence[Event]) -> int:
        """The notes that he was told; his log names them."""
        told = {
            (told_key(about, str(event.properties.get("sku"))), home)
            for event in events
            for about, name in EVENTS.items()
            if event.name == name and event.source == SOURCE
        }
        found = [(item["pk"], item["sk"]) for item in self._table.get_many(sorted(told))] if told else []
        if found:
            self._table.delete_many(found)
        return len(found)

    def erase_shown(self, home: str, facts: Facts) -> int:
        """The same for what facts show: a worker may have noted it when the log was gone already."""
        return self._interests.forget(home, interests_of(facts))
