"""``GET /v1/sources``: what each source sent in the last 24 hours, and what of it could not be used."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Protocol, TypeVar

from shared.domain.events.quota import UNLIMITED, Quota
from shared.domain.events.source_counts import SourceCounts
from shared.domain.identity.keys import time_text
from shared.ports import Clock, Table
from shared.stores.releases import Releases
from shared.stores.source_counters import first_hour, read_hours

K = TypeVar("K", str, tuple[str, str])


class Environment(Protocol):
    """What sources are counted in."""

    @property
    def clock(self) -> Clock: ...

    @property
    def catalog(self) -> Table: ...

    @property
    def metrics(self) -> Table: ...


def sources(environment: Environment) -> dict[str, Any]:
    """Every source that was seen within eight days, by name; ``since`` is the beginning of the 24 hours.

    ``events`` were accepted. ``refused`` has reasons, ``warnings`` have fields and reasons, the most frequent first.
    ``withdrawn`` of the events took consents back. ``provisional`` of them wait for the word of a trusted source, as
    ``orders_from`` is now. ``failed`` of them could not be processed. ``busiest_minute``: the most events of one
    minute. ``quota``: what the source may send, as ingest last knew it. Requests with an unknown key have no name.
    """
    now = environment.clock.now()
    since = first_hour(now)
    guards = Releases(environment.catalog).current().shop.orders_from == "trusted"
    found: dict[tuple[str, str], tuple[SourceCounts, SourceCounts]] = {}
    quotas: dict[tuple[str, str], Quota | None] = {}
    busiest: Counter[tuple[str, str]] = Counter()
    for one in read_hours(environment.metrics, now):
        day, kept = found.setdefault((one.source, one.trust), (SourceCounts(), SourceCounts()))
        kept.add(one.counts)
        quotas[one.source, one.trust] = one.quota
        if one.hour >= since:
            day.add(one.counts)
            busy = max(one.counts.minutes.values(), default=0)
            busiest[one.source, one.trust] = max(busiest[one.source, one.trust], busy)
    items = [
        _shown(name, trust, day, kept, guards)
        | {"busiest_minute": busiest[name, trust], "quota": _quota(quotas[name, trust])}
        for (name, trust), (day, kept) in sorted(found.items())
    ]
    return {"items": items, "cursor": None, "since": time_text(since)}


def _shown(name: str, trust: str, day: SourceCounts, kept: SourceCounts, guards: bool) -> dict[str, Any]:
    return {
        "name": name or None,
        "trust": trust,
        "events": day.events,
        "provisional": day.guarded if guards else 0,
        "withdrawn": day.withdrawn,
        "failed": day.failed,
        "refused": [{"reason": code, "count": number} for code, number in _ranked(day.refused)],
        "warnings": [{"field": path, "reason": code, "count": number} for (path, code), number in _ranked(day.warned)],
        "last_seen": time_text(kept.last_seen) if kept.last_seen else None,
    }


def _quota(quota: Quota | None) -> dict[str, int | None] | None:
    return None if quota is None or quota == UNLIMITED else quota.as_json()


def _ranked(counts: Mapping[K, int]) -> list[tuple[K, int]]:
    return sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
