"""Dry runs that somebody asked for: how far each is and what came of it, in the catalog for a week.

``dryruns`` / ``<id>``: the run, its counts so far, and where it goes on (the console makes it, ``simulation`` goes on
with it, each on condition of its version). ``dryruns#<id>`` / ``part#<number>``: some of its customers, by their keys,
with what they would have got and what they got.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from shared.domain.identity.keys import milliseconds
from shared.ports import Conflict, Page, Table

PK, BELOW, PART = "dryruns", "dryruns#", "part#"
KEPT = timedelta(days=7)
State = Literal["waiting", "running", "done", "stopped", "failed"]
OPEN = ("waiting", "running")
DIED = "died"
"""The error of a run whose last try failed."""
STILL = timedelta(minutes=10)
"""A part takes seconds: who did not move for so long lost his worker, and waits for the queue to bring it again."""
LAST_TRY = timedelta(hours=3)
"""The queue brings it five times, half an hour apart. Who did not move for so long is not brought any more."""
Life = Literal["moves", "still", "dead"]
Counts = Mapping[str, int]
"""By words that are joined with ``|``: ``<step>|<channel>|<state>|<reason>``, or one word."""


@dataclass(frozen=True, slots=True)
class Totals:
    """What came of the customers so far. ``would`` and ``was``: messages of the dry run, and those that really were;
    ``units`` those that would be billed; ``left_out``: customers with too many events for a run."""

    customers: int = 0
    events: int = 0
    left_out: int = 0
    begun: int = 0
    would: Counts = field(default_factory=dict)
    was: Counts = field(default_factory=dict)
    ends: Counts = field(default_factory=dict)
    not_begun: Counts = field(default_factory=dict)
    units: Counts = field(default_factory=dict)

    def __add__(self, other: Totals) -> Totals:
        return Totals(*(_sum(getattr(self, one.name), getattr(other, one.name)) for one in fields(Totals)))


@dataclass(frozen=True, slots=True)
class DryRunJob:
    """``content``: the journey as JSON; ``release``: of everything beside it. ``shard`` and ``after``: where it goes
    on; ``of_shard``: customers of that shard so far; ``parts``: how many were stored."""

    id: str
    journey: str
    content: str
    release: int
    draft: bool
    since: int
    until: int
    limit: int
    agreed: bool
    sms_price: float
    by: str
    at: str
    state: State = "waiting"
    error: str = ""
    shard: int = 0
    after: str = ""
    of_shard: int = 0
    parts: int = 0
    totals: Totals = Totals()
    version: int = 0
    touched: int = 0

    def life(self, now: datetime) -> Life:
        """Whether it still moves, waits for its next try, or comes to no end any more. Who is over moves."""
        if self.error == DIED:
            return "dead"
        still = milliseconds(now) - self.touched if self.state in OPEN else 0
        if still > LAST_TRY / timedelta(milliseconds=1):
            return "dead"
        return "still" if still > STILL / timedelta(milliseconds=1) else "moves"

    def share_done(self, shards: int) -> float:
        """From 0 to 1: customers of those who were asked for, or parts of the table, whichever is further."""
        if self.state == "done":
            return 1.0
        taken = self.totals.customers + self.totals.left_out
        return min(1.0, max(taken / max(1, self.limit), self.shard / shards))


class DryRuns:
    def __init__(self, catalog: Table) -> None:
        self._table = catalog

    def get(self, name: str) -> DryRunJob | None:
        item = self._table.get(PK, name)
        return None if item is None else _read(item)

    def all(self) -> list[DryRunJob]:
        """Those of the last week, the newest first."""
        return sorted(map(_read, self._table.query(PK).items), key=lambda one: one.at, reverse=True)

    def put(self, job: DryRunJob, now: datetime) -> DryRunJob:
        """Writes it on condition of the version that was read; Conflict if somebody else did."""
        after = replace(job, version=job.version + 1, touched=milliseconds(now))
        totals = json.dumps(asdict(after.totals))
        item = {**asdict(after), "totals": totals, "sms_price": str(after.sms_price), "expires": _expires(now)}
        self._table.put({"pk": PK, "sk": job.id, **item}, expect={"version": job.version or None})
        return after

    def stop(self, name: str, now: datetime) -> DryRunJob | None:
        """Ends one that is not over; tried again while it moves on."""
        for _ in range(5):
            job = self.get(name)
            if job is None or job.state not in OPEN:
                return job
            try:
                return self.put(replace(job, state="stopped"), now)
            except Conflict:
                continue
        raise Conflict("the dry run kept moving on")

    def put_part(self, job: DryRunJob, people: Sequence[Mapping[str, Any]], now: datetime) -> None:
        """Before the run moves on: a part that is made again is written over itself."""
        item = {"people": json.dumps(list(people)), "expires": _expires(now)}
        self._table.put({"pk": BELOW + job.id, "sk": f"{PART}{job.parts:05d}", **item})

    def parts(self, name: str, *, limit: int, cursor: str | None = None) -> Page:
        """A page of parts; each is a list of customers as JSON."""
        page = self._table.query(BELOW + name, prefix=PART, limit=limit, cursor=cursor)
        return Page([{"people": json.loads(item["people"])} for item in page.items], page.cursor)


def _expires(now: datetime) -> int:
    return milliseconds(now + KEPT) // 1000


def _read(item: Mapping[str, Any]) -> DryRunJob:
    known = {one.name for one in fields(DryRunJob)}
    values = {name: value for name, value in item.items() if name in known}
    totals = Totals(**json.loads(item["totals"]))
    return DryRunJob(**{**values, "totals": totals, "sms_price": float(item["sms_price"])})


def _sum(one: Any, other: Any) -> Any:
    if isinstance(one, Mapping):
        return {word: one.get(word, 0) + other.get(word, 0) for word in sorted({*one, *other})}
    return one + other
