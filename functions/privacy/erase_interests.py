"""What the table ``interests`` holds of a person: that he may care about a product, and that he was told of it."""

from __future__ import annotations

from collections.abc import Sequence

from shared.domain.events.event import Event
from shared.domain.facts.facts import Facts
from shared.domain.facts.fold import Features, facts_of
from shared.domain.interests.interest import interests_of
from shared.ports import Table
from shared.stores.interests import Interests

NO_FEATURES = Features()


class InterestErasure:
    def __init__(self, interests: Table) -> None:
        self._interests = Interests(interests)

    def erase(self, home: str, events: Sequence[Event]) -> int:
        """Deletes what these events of one identifier led to; returns how many items there were.

        Every item is made from one event, so the log names all of them.
        """
        shown = [one for event in events for one in interests_of(facts_of(event, NO_FEATURES))]
        return self._interests.forget(home, shown)

    def erase_shown(self, home: str, facts: Facts) -> int:
        """The same for what facts show: a worker may have noted it when the log was gone already."""
        return self._interests.forget(home, interests_of(facts))
