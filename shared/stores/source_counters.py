"""Counters per source and hour, in the table ``metrics``: many requests of an environment are one write."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from shared.domain.events.event import Event, Source
from shared.domain.events.quota import Quota, Sent, read_quota
from shared.domain.events.refusals import RefusalCode
from shared.domain.events.source_counts import SourceCounts, read_counts, write_counts
from shared.domain.events.warnings import FieldWarning
from shared.ports import Table
from shared.stores.known_counts import PARTITION, CountKey, KnownCounts, SeenOwners, hour_text

log = logging.getLogger("kervan.sources")

KEEP = timedelta(days=8)
"""How long an hour is kept: so long a source that fell silent is still listed."""
EVERY_SECONDS = 20.0
"""Plain counts of an environment are written at most so often."""
TROUBLE_AT_ONCE = 20
"""Requests with refusals or warnings that are written at once, one more each second: who tries a new integration sees
his mistake in the moment, and a flood of mistakes costs a write a second."""
MOST_PENDING = 500
"""Events; a busy environment writes once per so many, whatever the time."""
DAY_HOURS = 24

_HOUR = timedelta(hours=1)


class HourOfSource(Struct, frozen=True):
    """What one source sent in the hour that begins at ``hour``. ``trust``: ``public`` or ``server``; requests whose
    key is unknown have no name and the trust ``unknown``."""

    source: str
    trust: str
    hour: datetime
    counts: SourceCounts
    quota: Quota | None = None


class SourceCounters:
    """Collects counts of an environment and writes them.

    An environment that ends takes with it what it has not written yet: what came within the last EVERY_SECONDS, at
    most MOST_PENDING events. Refusals and warnings are written with the request that brings them, unless there are
    very many.

    Parameters
    ----------
    table
        The table ``metrics``.
    elapsed
        Seconds of a clock that only goes forward.
    every
        Seconds between two writes of plain counts.
    """

    def __init__(self, table: Table, elapsed: Callable[[], float], *, every: float = EVERY_SECONDS) -> None:
        self._table = table
        self._elapsed = elapsed
        self._every = every
        self._pending: dict[CountKey, SourceCounts] = {}
        self._events = 0
        self._written = float("-inf")
        self._at_once = float(TROUBLE_AT_ONCE)
        self._at_once_since = elapsed()
        self._known = KnownCounts(table)
        self._seen = SeenOwners()
        self._quotas: dict[tuple[str, str], Quota] = {}

    def note(
        self,
        source: Source | None,
        now: datetime,
        accepted: int = 0,
        refused: tuple[RefusalCode, ...] = (),
        warnings: tuple[FieldWarning, ...] = (),
        guarded: int = 0,
        owners: frozenset[str] = frozenset(),
        quota: Quota | None = None,
        withdrawn: int = 0,
    ) -> None:
        """Count one request of ``source`` (None: its key is unknown). Writes if it is time; a table that does not
        answer costs the sender nothing. ``owners``: whose events were accepted; ``quota``: what the source may send,
        kept with the counts for who looks at them; ``withdrawn``: new withdrawals of consent."""
        key = _key_of(source, now)
        if quota is not None:
            self._quotas[key[0], key[1]] = quota
        new = 0 if quota is None or quota.identifiers_per_minute is None else self._seen.new(owners)
        self._pending.setdefault(key, SourceCounts()).note(now, accepted, refused, warnings, guarded, new, withdrawn)
        self._events += accepted + len(refused)
        elapsed = self._elapsed()
        due = elapsed - self._written >= self._every or self._events >= MOST_PENDING
        if due or ((refused or warnings) and self._may_at_once(elapsed)):
            self.flush()

    def _may_at_once(self, elapsed: float) -> bool:
        self._at_once = min(TROUBLE_AT_ONCE, self._at_once + elapsed - self._at_once_since)
        self._at_once_since = elapsed
        if self._at_once < 1:
            return False
        self._at_once -= 1
        return True

    def sent(self, source: Source, now: datetime, *, day: bool) -> Sent:
        """What the source is known to have sent: what the table held at the last write of this environment, and what
        this environment has counted since. What others have counted since then is not known here.

        ``day`` asks for the day too: a request to the table in the first minute of each hour.
        """
        key = _key_of(source, now)
        pending = self._pending.get(key, SourceCounts())
        minute = now.minute
        return Sent(
            events_in_minute=self._known.minute(key, minute) + pending.minutes[minute],
            events_in_day=self._known.day(key) + pending.events if day else 0,
            identifiers_in_minute=self._known.new(key, minute) + pending.identifiers[minute],
        )

    def flush(self) -> None:
        """Write what is pending. What the table does not take now stays pending."""
        self._written = self._elapsed()
        self._events = 0
        for key, counts in list(self._pending.items()):
            try:
                self._known.learn(key, _write(self._table, key, counts, self._quotas.get((key[0], key[1]))))
            except Exception as error:  # noqa: BLE001 - the events are stored; their count may come later
                log.warning("counters of sources wait: %s", type(error).__name__)
                return
            del self._pending[key]


def count_failed(table: Table, source: Source | None, now: datetime) -> None:
    """Count one accepted event that could not be processed, at once: it is rare, and its sender is not told of it.

    A table that does not answer is written to the log: the event is in the failure queue all the same.
    """
    try:
        _write(table, _key_of(source, now), SourceCounts(failed=1))
    except Exception as error:  # noqa: BLE001 - a count may be missing; the stream must go on
        log.warning("a failed event is not counted: %s", type(error).__name__)


def count_erased(table: Table, events: Iterable[Event], now: datetime) -> None:
    """Count accepted events that are refused after all, because the person was erased: their senders are told so."""
    for (source, trusted), number in Counter((event.source, event.trusted) for event in events).items():
        key = _key_of(Source(source, "", trusted=trusted), now)
        try:
            _write(table, key, SourceCounts(refused=Counter({"erased": number})))
        except Exception as error:  # noqa: BLE001 - a count may be missing; the stream must go on
            log.warning("refused events are not counted: %s", type(error).__name__)


def read_hours(table: Table, now: datetime) -> Iterator[HourOfSource]:
    """Every hour that is kept, oldest first. It is a few hundred small items per source at the most."""
    cursor = None
    while True:
        page = table.query(PARTITION, at_least=hour_text(now - KEEP), below=hour_text(now + 2 * _HOUR), cursor=cursor)
        for item in page.items:
            hour = datetime.fromisoformat(item["sk"].split("#", 1)[0] + ":00:00+00:00")
            held = item.get("quota")
            quota = None if held is None else read_quota(held, trusted=item["trust"] == "server")
            yield HourOfSource(item["source"], item["trust"], hour, read_counts(item, hour), quota)
        cursor = page.cursor
        if cursor is None:
            return


def first_hour(now: datetime) -> datetime:
    """The beginning of the 24 hours that are shown: this hour so far, and the 23 before it."""
    return now.replace(minute=0, second=0, microsecond=0) - (DAY_HOURS - 1) * _HOUR


def _key_of(source: Source | None, now: datetime) -> CountKey:
    hour = now.replace(minute=0, second=0, microsecond=0)
    return ("", "unknown", hour) if source is None else (source.name, "server" if source.trusted else "public", hour)


def _write(table: Table, key: CountKey, counts: SourceCounts, quota: Quota | None = None) -> dict[str, int]:
    """Returns the counters that were added to, as they stand in the table now."""
    source, trust, hour = key
    about: dict[str, Any] = {"source": source, "trust": trust, "expires": int((hour + KEEP).timestamp())}
    if quota is not None:
        about["quota"] = quota.as_json()
    return table.add(PARTITION, f"{hour_text(hour)}#{source}#{trust}", write_counts(counts), set_to=about)
