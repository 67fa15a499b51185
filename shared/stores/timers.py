"""Timers: everything that is due later is one item, found again by its due time (docs/architecture.md#timers).

Item: ``pk`` = ``<kind>#<shard>``, ``sk`` = ``<due>#<home>#<ref>``, ``revision``. Arming is one unconditional
write; what is pending costs nothing until it is due. A tick asks each shard once, and leases those that have work
(``timer_leases``). Who arms never arms for the past: what is to be done at once is due now.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import AbstractContextManager, closing
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, NamedTuple, get_args

from msgspec import Struct

from shared.domain.identity.keys import milliseconds, moment, shard_of, time_text
from shared.ports import Conflict, Table
from shared.ports.invocation import Invocation
from shared.stores.timer_leases import Gap, Lease, gaps, leased

Kind = Literal["flip", "journey", "stock", "support"]
KINDS: tuple[Kind, ...] = get_args(Kind)
SHARDS = 8
"""Per kind. The number only grows: timers armed before are in lower shards, and every shard is asked."""
PAGE = 25
BULK = 1_000
"""Timers in one query when many are due: some 100 KB."""
FLIP_REF = "segments"
MARGIN_MS = 10_000
"""A page of timers must fit into what is left of an invocation."""
LATEST = datetime(9999, 12, 31, 23, 59, 59, 999_000, UTC)


class Arming(NamedTuple):
    """What ``arm`` takes, for many at once."""

    kind: Kind
    due: datetime
    home: str
    ref: str
    revision: int = 0
    step: str = ""


class Timer(Struct, frozen=True):
    """One due moment. ``revision`` is what it was armed with; deleting asks for it, so that a newer arming survives."""

    kind: Kind
    due: datetime
    home: str
    ref: str
    revision: int
    pk: str
    sk: str
    step: str = ""


class Due(Struct, frozen=True):
    """The oldest due timers of a shard, at most a page; ``more`` if there are more."""

    shard: str
    timers: list[Timer]
    more: bool


Pages = Generator[list[Timer], None, None]


class Timers:
    """The table ``timers``. TimerFirer is at-least-once: what a timer does must be safe to repeat."""

    def __init__(self, table: Table, shards: int = SHARDS) -> None:
        self._table = table
        self._shards = shards

    def arm(self, kind: Kind, due: datetime, home: str, ref: str, revision: int = 0, step: str = "") -> None:
        """Durable when it returns. Arming the same moment again overwrites it. Fires no earlier than ``due``."""
        self._table.put(self.item(kind, due, home, ref, revision, step))

    def arm_many(self, armings: Sequence[Arming]) -> None:
        """Arms many timers, 25 in a request."""
        items = [self.item(*arming) for arming in armings]
        self._table.put_many(list({(item["pk"], item["sk"]): item for item in items}.values()))

    def arm_flip(self, due: datetime, root: str) -> None:
        """When a membership of this customer may change with time alone (docs/segments.md)."""
        self.arm("flip", due, root, FLIP_REF)

    def item(self, kind: Kind, due: datetime, home: str, ref: str, revision: int, step: str = "") -> dict[str, Any]:
        """The stored item of a timer."""
        pk = f"{kind}#{shard_of(home, self._shards)}"
        named = {"step": step} if step else {}
        return {"pk": pk, "sk": f"{time_text(_whole(due))}#{home}#{ref}", "revision": revision, **named}

    def armed(self, arming: Arming) -> Timer:
        """The timer that arming makes, without asking."""
        return _timer(self.item(*arming))

    def delete(self, timer: Timer) -> bool:
        """Deletes a timer. False if it was armed again meanwhile, or is gone: both are fine."""
        try:
            self._table.delete(timer.pk, timer.sk, expect={"revision": timer.revision})
        except Conflict:
            return False
        return True

    def standing(self, timers: Sequence[Timer]) -> list[Timer]:
        """Those of the timers that are still stored as they were armed."""
        found = self._table.get_many([(timer.pk, timer.sk) for timer in timers])
        revisions = {(item["pk"], item["sk"]): int(item["revision"]) for item in found}
        return [timer for timer in timers if revisions.get((timer.pk, timer.sk)) == timer.revision]

    def drain(self, kind: Kind, now: datetime, *, owner: str, until: datetime, page: int = PAGE) -> Pages:
        """Pages of what is due by ``now``, shard by shard, oldest first, each shard under a lease until ``until``.

        Each timer comes once per drain, deleted or not. A shard that somebody else drains is left out. The caller
        deletes what it has done, and closes the iterator when its time is over; that gives the lease back. Every minute
        another shard is the first, so that a drain that never reaches the end starves none.
        """
        for shard in self._rotated(kind, now):
            if not self._table.query(shard, below=_below(now), limit=1).items:
                continue
            with leased(self._table, shard, owner, now, until) as lease:
                if lease is not None:
                    yield from self._pages(shard, Gap("", None), now, page)

    def fire_each(
        self, kind: Kind, now: datetime, invocation: Invocation, fire: Callable[[Timer], str]
    ) -> tuple[Counter[str], list[Exception]]:
        """Calls ``fire`` with each timer that is due, and deletes it then; what is left waits for the next tick.

        Returns how often ``fire`` answered each word, and what it raised: such a timer stays armed and keeps no other
        waiting.
        """
        until = now + timedelta(milliseconds=invocation.get_remaining_time_in_millis())
        done, failed = Counter[str](), list[Exception]()
        with closing(self.drain(kind, now, owner=invocation.aws_request_id, until=until)) as pages:
            for page in pages:
                for timer in page:
                    try:
                        done[fire(timer)] += 1
                        self.delete(timer)
                    except Exception as broken:  # noqa: BLE001 - whatever it was, the others go on
                        failed.append(broken)
                if invocation.get_remaining_time_in_millis() < MARGIN_MS:
                    break
        return done, failed

    def due(self, kind: Kind, now: datetime) -> Iterator[Due]:
        """What each shard has due by ``now``: its oldest timers, at most a page. One read unit per shard, whatever is
        pending. Every minute another shard is the first, so that a tick that never reaches the end starves none."""
        for shard in self._rotated(kind, now):
            found = self._table.query(shard, below=_below(now), limit=PAGE + 1).items
            if found:
                oldest = [_timer(item) for item in found[:PAGE]]
                yield Due(shard, oldest, more=len(found) > PAGE)

    def leased(self, shard: str, *, owner: str, now: datetime, until: datetime) -> AbstractContextManager[Lease | None]:
        """The lease of a shard, to work on it or to hand it over; None if somebody else has it."""
        return leased(self._table, shard, owner, now, until)

    def not_handed(self, lease: Lease, now: datetime, *, page: int = BULK) -> Iterator[tuple[Gap, list[Timer]]]:
        """Pages of due timers that no worker has, oldest first, each with the gap between marks that it lies in."""
        for gap in gaps(lease.marks, milliseconds(now)):
            stood = False
            for timers in self._pages(lease.shard, gap, now, page):
                stood = True
                yield gap, timers
            if not stood and gap.upto is not None:
                lease.forget(gap)

    def _rotated(self, kind: Kind, now: datetime) -> list[str]:
        first = milliseconds(now) // 60_000
        return [f"{kind}#{(first + place) % self._shards}" for place in range(self._shards)]

    def _pages(self, shard: str, gap: Gap, now: datetime, page: int) -> Pages:
        above = f"{gap.above} " if gap.above else None  # the sign before every other that a key may hold
        below = _below(now) if gap.upto is None else f"{gap.upto} "
        cursor = None
        while True:
            found = self._table.query(shard, at_least=above, below=below, limit=page, cursor=cursor)
            if found.items:
                yield [_timer(item) for item in found.items]
            cursor = found.cursor
            if cursor is None:
                return


def _below(now: datetime) -> str:
    """The sign after '#': what is due at this very millisecond is due."""
    return f"{time_text(now)}$"


def _whole(due: datetime) -> datetime:
    """The whole millisecond at or after it: a timer that fires a little early would find nothing due."""
    floor = moment(milliseconds(due))
    return floor if floor in (due, LATEST) else moment(milliseconds(due) + 1)


def timer_of(pk: str, sk: str, revision: int, step: str = "") -> Timer:
    """The timer behind a key, and what it was armed with.

    Raises
    ------
    ValueError
        If this is the key of no timer.
    """
    due, home, ref = sk.split("#", 2)
    when = datetime.fromisoformat(due).astimezone(UTC)
    named = pk.partition("#")[0]
    kind: Kind = next((one for one in KINDS if one == named), "journey")
    return Timer(kind, moment(milliseconds(when)), home, ref, int(revision), pk, sk, step)


def _timer(item: dict[str, Any]) -> Timer:
    return timer_of(item["pk"], item["sk"], item["revision"], item.get("step", ""))
