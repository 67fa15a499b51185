"""Timers: everything that is due later is one item, found again by its due time (design 5).

Item: ``pk`` = ``<kind>#<shard>``, ``sk`` = ``<due>#<home>#<ref>``, ``revision``. Arming is one unconditional
write; what is pending costs nothing until it is due. A tick asks each shard once, and leases those that have work.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from shared.domain.keys import milliseconds, moment, shard_of, time_text
from shared.ports import Conflict, Table

Kind = Literal["flip", "journey"]
SHARDS = 8
"""Per kind. The number only grows: timers armed before are in lower shards, and every shard is asked."""
Arming = tuple[Kind, datetime, str, str, int]
"""(kind, due, home, ref, revision)"""
PAGE = 25
LEASE = "lease"
FLIP_REF = "segments"


@dataclass(frozen=True, slots=True)
class Timer:
    """One due moment. ``revision`` is what it was armed with; deleting asks for it, so that a newer arming survives."""

    kind: Kind
    due: datetime
    home: str
    ref: str
    revision: int
    pk: str
    sk: str


Pages = Generator[list[Timer], None, None]


class Timers:
    """The table ``timers``. Firing is at-least-once: what a timer does must be safe to repeat."""

    def __init__(self, table: Table, shards: int = SHARDS) -> None:
        self._table = table
        self._shards = shards

    def arm(self, kind: Kind, due: datetime, home: str, ref: str, revision: int = 0) -> None:
        """Durable when it returns. Arming the same moment again overwrites it. Fires no earlier than ``due``."""
        self._table.put(self.item(kind, due, home, ref, revision))

    def arm_many(self, armings: Sequence[Arming]) -> None:
        """The same for many, 25 in a request."""
        items = [self.item(*arming) for arming in armings]
        self._table.put_many(list({(item["pk"], item["sk"]): item for item in items}.values()))

    def arm_flip(self, due: datetime, root: str) -> None:
        """When a membership of this customer may change with time alone (design 4)."""
        self.arm("flip", due, root, FLIP_REF)

    def item(self, kind: Kind, due: datetime, home: str, ref: str, revision: int) -> dict[str, Any]:
        """What is stored for a timer."""
        pk = f"{kind}#{shard_of(home, self._shards)}"
        return {"pk": pk, "sk": f"{time_text(_whole(due))}#{home}#{ref}", "revision": revision}

    def delete(self, timer: Timer) -> bool:
        """False if it was armed anew meanwhile, or is gone: both are well."""
        try:
            self._table.delete(timer.pk, timer.sk, expect={"revision": timer.revision})
        except Conflict:
            return False
        return True

    def drain(self, kind: Kind, now: datetime, *, owner: str, until: datetime, page: int = PAGE) -> Pages:
        """Pages of what is due by ``now``, shard by shard, oldest first, each shard under a lease until ``until``.

        Each timer comes once per drain, deleted or not. A shard that somebody else drains is left out. The caller
        deletes what it has done, and closes the iterator when its time is over; that gives the lease back. Every minute
        another shard is the first, so that a drain that never reaches the end starves none.
        """
        first = milliseconds(now) // 60_000
        below = f"{time_text(now)}$"  # the sign after '#': what is due at this very millisecond is due
        for place in range(self._shards):
            shard = f"{kind}#{(first + place) % self._shards}"
            if not self._table.query(shard, below=below, limit=1).items:
                continue
            with self._leased(shard, owner, now, until) as mine:
                cursor = None
                while mine:
                    found = self._table.query(shard, below=below, limit=page, cursor=cursor)
                    if found.items:
                        yield [_timer(kind, item) for item in found.items]
                    cursor = found.cursor
                    if cursor is None:
                        break

    @contextmanager
    def _leased(self, shard: str, owner: str, now: datetime, until: datetime) -> Iterator[bool]:
        mine = self._lease(shard, owner, now, until)
        try:
            yield mine
        finally:
            if mine:
                self._release(shard, owner)

    def _lease(self, shard: str, owner: str, now: datetime, until: datetime) -> bool:
        """True if this owner alone may drain the shard until then. Taking a free lease is one write."""
        lease = {"pk": LEASE, "sk": shard, "owner": owner, "until": milliseconds(until)}
        try:
            self._table.put(lease, expect={"pk": None})
        except Conflict:
            held = self._table.get(LEASE, shard)
            if held is not None and held["until"] > milliseconds(now):
                return False
            expect = {"pk": None} if held is None else {"owner": held["owner"], "until": held["until"]}
            try:
                self._table.put(lease, expect=expect)
            except Conflict:
                return False
        return True

    def _release(self, shard: str, owner: str) -> None:
        try:
            self._table.delete(LEASE, shard, expect={"owner": owner})
        except Conflict:
            return  # it ran out, and another has it


def _whole(due: datetime) -> datetime:
    """The whole millisecond at or after it: a timer that fires a little early would find nothing due."""
    floor = moment(milliseconds(due))
    return floor if floor == due else moment(milliseconds(due) + 1)


def _timer(kind: Kind, item: dict[str, Any]) -> Timer:
    due, home, ref = item["sk"].split("#", 2)
    when = datetime.fromisoformat(due).astimezone(UTC)
    return Timer(kind, moment(milliseconds(when)), home, ref, int(item["revision"]), item["pk"], item["sk"])
