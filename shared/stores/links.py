"""What explains links and undoes them: the events behind claims, the names of owners, and released identifiers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from shared.domain.events.event import Event
from shared.domain.facts.encoding import decode
from shared.domain.identity.claims import Stamp
from shared.domain.identity.keys import CLAIM, EVENT_PREFIX, FACTS, NO_TIME_SLOT, PARTED, moment, time_text
from shared.ports import Item, Table
from shared.stores.event_items import UnreadableEvent, read_event

VERDICTS_KEPT = 20
"""Verdicts (event ids) per link by which a retry is known, however late it comes."""
UNTIMED_AT_MOST = 1_000
"""Events without a time of their own that are searched for one by its id: they lie in one slot."""


class Links:
    """Reads of ``customers`` that only operators ask for."""

    def __init__(self, customers: Table) -> None:
        self._customers = customers

    def event(self, partition: str, stamp: Stamp) -> Event | None:
        """The event behind a claim, found by the stamp that the claim keeps; None if the event is gone."""
        when, short_id = stamp
        timed = f"{EVENT_PREFIX}{time_text(moment(when))}#"
        return self._search(partition, timed, short_id) or self._search(
            partition, f"{EVENT_PREFIX}{NO_TIME_SLOT}#", short_id
        )

    def parted(self, owner: str) -> list[str]:
        """Keys of the identifiers that were ever released from this owner, in the order of their keys."""
        found: list[str] = []
        cursor = None
        while True:
            page = self._customers.query(owner, prefix=PARTED, cursor=cursor)
            found += [item["sk"].removeprefix(PARTED) for item in page.items]
            cursor = page.cursor
            if cursor is None:
                return found

    def verdict_times(self, owner: str, child: str) -> dict[str, int]:
        """The latest verdicts on one link: event id to time, oldest first."""
        item = self._customers.get(owner, PARTED + child)
        return {} if item is None else dict(item["words"])

    def names(self, keys: Iterable[str]) -> dict[str, str]:
        """The plain identifiers behind keys, as far as an event or a claim told them."""
        wanted = list(dict.fromkeys(keys))
        items = self._customers.get_many([(key, sort) for key in wanted for sort in (CLAIM, FACTS)]) if wanted else []
        names: dict[str, str] = {}
        for item in items:
            name = decode(item["data"]).name if item["sk"] == FACTS else item.get("name", "")
            if name:
                names[item["pk"]] = name
        return names

    def _search(self, partition: str, prefix: str, short_id: str) -> Event | None:
        cursor = None
        seen = 0
        while seen < UNTIMED_AT_MOST:
            page = self._customers.query(partition, prefix=prefix, limit=100, cursor=cursor)
            for item in page.items:
                seen += 1
                try:
                    event = read_event(item)
                except UnreadableEvent:
                    continue
                if event.id == short_id:
                    return event
            cursor = page.cursor
            if cursor is None:
                break
        return None


def parted_item(owner: str, child: str, verdict_times: Mapping[str, int]) -> Item:
    """The mark of an operator's verdict, with the newest ones. Only the child's claim counts."""
    newest = sorted(verdict_times.items(), key=lambda entry: entry[1])[-VERDICTS_KEPT:]
    return {"pk": owner, "sk": PARTED + child, "words": [[event, when] for event, when in newest]}
