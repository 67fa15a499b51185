"""How far the walk of retention is, and what former ones found: ``retention`` / ``state`` and ``retention`` /
``log#<time>`` in ``catalog``. Counts only; the state names the place where the walk goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from shared.domain.identity.keys import milliseconds, moment, time_text
from shared.ports import Table

PK, STATE, LOG = "retention", "state", "log#"
KEPT = timedelta(days=3 * 366)
COUNTS = ("looked_at", "customer", "prospect", "kept", "begun")


@dataclass(frozen=True, slots=True)
class Walk:
    """One walk through all live customers. ``counts``: by COUNTS; ``kept``: whose data would be due, but have to stay.
    ``day`` and ``today``: how many erasures began on which day."""

    begun_at: datetime
    shard: int = 0
    cursor: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    day: str = ""
    today: int = 0
    ended_at: datetime | None = None
    carried_out: bool = False


class RetentionLog:
    def __init__(self, catalog: Table) -> None:
        self._catalog = catalog

    def current(self) -> Walk | None:
        """The walk that is going on, or the last one."""
        item = self._catalog.get(PK, STATE)
        return None if item is None else _read(item)

    def put(self, walk: Walk) -> None:
        """Writes it; one that ended goes into the log as well."""
        self._catalog.put({"pk": PK, "sk": STATE, **_content(walk)})
        if walk.ended_at is not None:
            expires = int((walk.ended_at + KEPT).timestamp())
            name = LOG + time_text(walk.begun_at)
            self._catalog.put({"pk": PK, "sk": name, **_content(walk), "expires": expires})

    def ended(self, most: int = 50) -> list[Walk]:
        """Former walks, the newest first."""
        page = self._catalog.query(PK, prefix=LOG, limit=most, newest_first=True)
        return [_read(item) for item in page.items]


def _content(walk: Walk) -> dict[str, Any]:
    return {
        "begun_ms": milliseconds(walk.begun_at), "shard": walk.shard, "counts": dict(walk.counts), "day": walk.day,
        "today": walk.today, "carried_out": walk.carried_out,
        **({"cursor": walk.cursor} if walk.cursor else {}),
        **({"ended_ms": milliseconds(walk.ended_at)} if walk.ended_at is not None else {}),
    }  # fmt: skip


def _read(item: Mapping[str, Any]) -> Walk:
    return Walk(
        moment(int(item["begun_ms"])),
        int(item["shard"]),
        item.get("cursor", ""),
        {name: int(count) for name, count in item["counts"].items()},
        item["day"],
        int(item["today"]),
        moment(int(item["ended_ms"])) if "ended_ms" in item else None,
        bool(item["carried_out"]),
    )
