"""Reports of a channel by the hour, and whether commercial messages stopped because of them.

In ``metrics``: ``reputation#<channel>`` / ``<hour>``, counters; ``reputation#<channel>#<what>`` / ``<digest of an
address>``, when it was last reported of this recipient. Both are removed after the window. In ``catalog``:
``provider#<channel>`` / ``suspension``: since when and why, or when an operator let it go on.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from shared.domain.identity.keys import milliseconds, moment, time_text
from shared.domain.messages.reputation import WINDOW, Feedback, Suspension
from shared.ports import Conflict, Table
from shared.stores import breakers, sending_quota
from shared.stores.breakers import partition

SK = "suspension"
COUNTS = ("sent", "bounced", "complained")


class Reports:
    """Counters in the table ``metrics``: many writers, who only add."""

    def __init__(self, metrics: Table, channel: str) -> None:
        self._table = metrics
        self._pk = f"reputation#{channel}"

    def count(self, what: str, now: datetime) -> None:
        """One report; ``what`` is one of ``COUNTS``. A report that comes twice counts twice."""
        expires = milliseconds(now + 2 * WINDOW) // 1000
        self._table.add(self._pk, _hour(now), {what: 1}, set_to={"expires": expires})

    def is_new(self, what: str, recipient: str, now: datetime) -> bool:
        """Whether this is the first report of its kind about a recipient in the window: one who complains of each
        message is one who complains. ``recipient`` is the keyed digest of an address.

        A read and a write. Of two reports at the same moment one is the first.
        """
        pk = f"{self._pk}#{what}"
        [known, *_] = [*self._table.query(pk, prefix=recipient).items, {}]
        last = known.get("at")
        if last is not None and now - moment(last) < WINDOW:
            return False
        expires = milliseconds(now + 2 * WINDOW) // 1000
        noted = self._table.add(pk, recipient, {"count": 1}, set_to={"at": milliseconds(now), "expires": expires})
        return noted["count"] == int(known.get("count", 0)) + 1

    def since(self, begin: datetime, now: datetime) -> Feedback:
        """What was counted in the hours from ``begin`` on: at most 169 items, some five read units."""
        found, cursor = Feedback(), None
        while True:
            page = self._table.query(
                self._pk, at_least=_hour(begin), cursor=cursor, below=_hour(now + timedelta(hours=1))
            )
            for item in page.items:
                found += Feedback(*(int(item.get(name, 0)) for name in COUNTS))
            cursor = page.cursor
            if cursor is None:
                return found


class Suspensions:
    """The stop of a channel's commercial messages."""

    def __init__(self, catalog: Table, channel: str) -> None:
        self._table = catalog
        self.key = suspension_key(channel)

    def read(self) -> tuple[Suspension | None, datetime | None]:
        """The suspension, if there is one, and when an operator last ended one."""
        item = self._table.get(*self.key) or {}
        return read_suspension(item), resumed_at(item)

    def suspend(self, suspension: Suspension) -> bool:
        """Stops, unless it is stopped; whether this call did it."""
        item = self._table.get(*self.key) or {}
        if read_suspension(item) is not None:
            return False
        found = suspension.found
        wanted: dict[str, Any] = {
            "pk": self.key[0],
            "sk": SK,
            "version": int(item.get("version", 0)) + 1,
            "since": milliseconds(suspension.at),
            "because": suspension.because,
            **{name: getattr(found, name) for name in COUNTS},
            **{name: item[name] for name in ("resumed", "by") if name in item},
        }
        try:
            self._table.put(wanted, expect={"version": item.get("version")})
        except Conflict:
            return False
        return True

    def resume(self, now: datetime, by: str) -> None:
        """Ends it; reports of before do not count any more."""
        version = int((self._table.get(*self.key) or {}).get("version", 0))
        item = {"pk": self.key[0], "sk": SK, "version": version + 1, "resumed": milliseconds(now), "by": by}
        self._table.put(item)


def suspension_key(channel: str) -> tuple[str, str]:
    """The key of a channel's suspension in the catalog."""
    return partition(channel), SK


def beside_switches(channel: str) -> list[tuple[str, str]]:
    """What a worker reads together with the switches."""
    keys = [(partition(channel), breakers.SK), suspension_key(channel)]
    return [*keys, sending_quota.KEY] if channel == sending_quota.CHANNEL else keys


def read_suspension(item: Mapping[str, Any]) -> Suspension | None:
    """The suspension of an item, if marketing is held back."""
    if "since" not in item:
        return None
    return Suspension(moment(item["since"]), item["because"], Feedback(*(int(item[name]) for name in COUNTS)))


def resumed_at(item: Mapping[str, Any]) -> datetime | None:
    """When an operator last let marketing go on, if ever."""
    return moment(item["resumed"]) if "resumed" in item else None


def _hour(when: datetime) -> str:
    return time_text(when)[:13]
