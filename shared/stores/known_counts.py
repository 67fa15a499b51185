"""What an environment knows of counters that many environments add to: enough for quotas, without a request."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from shared.ports import Table

log = logging.getLogger("kervan.sources")

PARTITION = "sources"
CountKey = tuple[str, str, datetime]
"""source, trust, hour"""
MOST_OWNERS = 50_000
"""Identifiers that an environment remembers: some 6 MB."""
_EVENTS = "events"


class KnownCounts:
    """The counters as they stood when this environment last added to them; the hours before are read once an hour."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._held: dict[CountKey, dict[str, int]] = {}
        self._before: dict[CountKey, int] = {}

    def learn(self, key: CountKey, updated: Mapping[str, int]) -> None:
        """Keep what a write answered. Counters only grow, so a later answer is never smaller."""
        self._forget_before(key[2])
        self._held.setdefault(key, {}).update(updated)

    def minute(self, key: CountKey, minute: int) -> int:
        """Events of a minute of the hour."""
        return self._held.get(key, {}).get(f"seen#{minute:02}", 0)

    def new(self, key: CountKey, minute: int) -> int:
        """Identifiers of a minute of the hour that were new to who counted them."""
        return self._held.get(key, {}).get(f"new#{minute:02}", 0)

    def day(self, key: CountKey) -> int:
        """Accepted events of the day. If the table does not answer, the hours before this one count as none until the
        next hour: a quota is no reason to lose an event, nor to ask with each request."""
        if key not in self._before:
            try:
                self._before[key] = self._read_before(key)
            except Exception as error:  # noqa: BLE001 - as above
                log.warning("the day's count is not known: %s", type(error).__name__)
                self._before[key] = 0
        return self._before[key] + self._held.get(key, {}).get(_EVENTS, 0)

    def _read_before(self, key: CountKey) -> int:
        """The hours of the day before this one."""
        source, trust, hour = key
        midnight = hour.replace(hour=0)
        if midnight == hour:
            return 0
        total, cursor = 0, None
        while True:
            page = self._table.query(PARTITION, at_least=hour_text(midnight), below=hour_text(hour), cursor=cursor)
            own = (item for item in page.items if (item["source"], item["trust"]) == (source, trust))
            total += sum(int(item.get(_EVENTS, 0)) for item in own)
            cursor = page.cursor
            if cursor is None:
                return total

    def _forget_before(self, hour: datetime) -> None:
        """Hours that are over are asked for no more; the last one may still be written late."""
        old = hour - timedelta(hours=1)
        for kept in (self._held, self._before):
            for key in [key for key in kept if key[2] < old]:
                del kept[key]


class SeenOwners:
    """The identifiers that this environment saw lately. One that it did not see is new to it, wherever it is known."""

    def __init__(self, most: int = MOST_OWNERS) -> None:
        self._most = most
        self._seen: OrderedDict[str, None] = OrderedDict()

    def new(self, owners: Iterable[str]) -> int:
        """How many of these were not seen; they are now."""
        found = 0
        for owner in owners:
            if owner in self._seen:
                self._seen.move_to_end(owner)
                continue
            found += 1
            self._seen[owner] = None
            if len(self._seen) > self._most:
                self._seen.popitem(last=False)
        return found


def hour_text(hour: datetime) -> str:
    """An hour at the beginning of a sort key."""
    return f"{hour:%Y-%m-%dT%H}"
