"""Who works on a shard of timers, and how far its timers were handed over to others (docs/architecture.md#timers).

Item: ``pk`` ``lease``, ``sk`` the shard, ``owner``, ``until``, ``handed``: a list of ``[upto, until]``. A mark says
that the timers above the mark before it, up to the sort key ``upto``, are with the workers until then. A timer is never
armed for the past, so nothing new appears below a mark; what still stands when it runs out is handed over once more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from msgspec import Struct

from shared.domain.identity.keys import milliseconds
from shared.ports import Conflict, Table

PK = "lease"


class Mark(Struct, frozen=True):
    """Handed over up to the sort key ``upto``; believed until ``until`` (epoch milliseconds)."""

    upto: str
    until: int


class Gap(Struct, frozen=True):
    """Sort keys above ``above`` (empty: from the beginning) and up to ``upto`` (None: everything that is due).

    ``again``: its timers were handed over before, and the mark ran out.
    """

    above: str
    upto: str | None
    again: bool = False


def gaps(marks: Sequence[Mark], now: int) -> list[Gap]:
    """What no live mark covers, in order.

    >>> gaps([Mark("b", 9), Mark("d", 5), Mark("f", 9)], now=5)
    [Gap(above='b', upto='d', again=True), Gap(above='f', upto=None, again=False)]
    """
    found = []
    above = ""
    for mark in marks:
        if mark.until <= now:
            found.append(Gap(above, mark.upto, again=True))
        above = mark.upto
    return [*found, Gap(above, None)]


def covered(marks: Sequence[Mark], sort_key: str, now: int) -> bool:
    """True if a live mark says that a worker has the timer."""
    mark = next((mark for mark in marks if sort_key <= mark.upto), None)
    return mark is not None and mark.until > now


def with_mark(marks: Sequence[Mark], gap: Gap, mark: Mark) -> tuple[Mark, ...]:
    """The marks after the part of ``gap`` up to ``mark.upto`` was handed over. Neighbours of one end become one."""
    kept = [known for known in marks if known.upto <= gap.above or known.upto > mark.upto]
    ordered = sorted([*kept, mark], key=lambda known: known.upto)
    following = [*ordered[1:], None]
    return tuple(
        known for known, after in zip(ordered, following, strict=True) if after is None or after.until != known.until
    )


class Lease:
    """The right of one owner to a shard. ``marks`` are those that it found and made."""

    def __init__(self, table: Table, shard: str, owner: str, until: datetime, marks: tuple[Mark, ...]) -> None:
        self._table = table
        self.shard = shard
        self.marks = marks
        self._owner = owner
        self._until = milliseconds(until)

    def hand_over(self, gap: Gap, upto: str, until: datetime) -> None:
        """Says that the gap's timers up to this sort key are with the workers; call it when they are.

        Raises
        ------
        Conflict
            If the lease ran out and another has it: they hand the same over once more, which is harmless.
        """
        self.marks = with_mark(self.marks, gap, Mark(upto, milliseconds(until)))
        self._table.put(self._item(self._owner, self._until), expect={"owner": self._owner})

    def forget(self, gap: Gap) -> None:
        """Removes the mark of a gap that is empty and whose mark ran out, with the next write of the lease."""
        self.marks = tuple(mark for mark in self.marks if not gap.above < mark.upto <= (gap.upto or ""))

    def release(self, now: datetime) -> None:
        """Gives the lease back. Marks that are still valid stay."""
        at = milliseconds(now)
        try:
            if any(mark.until > at for mark in self.marks):
                self._table.put(self._item("", at), expect={"owner": self._owner})
            else:
                self._table.delete(PK, self.shard, expect={"owner": self._owner})
        except Conflict:
            return  # it ran out, and another has it

    def _item(self, owner: str, until: int) -> dict[str, object]:
        item: dict[str, object] = {"pk": PK, "sk": self.shard, "owner": owner, "until": until}
        if self.marks:
            item["handed"] = [[mark.upto, mark.until] for mark in self.marks]
        return item


@contextmanager
def leased(table: Table, shard: str, owner: str, now: datetime, until: datetime) -> Iterator[Lease | None]:
    """The lease, given back at the end; None if somebody else has it. Taking a free one is one write."""
    lease = _take(table, shard, owner, now, until)
    try:
        yield lease
    finally:
        if lease is not None:
            lease.release(now)


def _take(table: Table, shard: str, owner: str, now: datetime, until: datetime) -> Lease | None:
    item = {"pk": PK, "sk": shard, "owner": owner, "until": milliseconds(until)}
    try:
        table.put(item, expect={"pk": None})
    except Conflict:
        held = table.get(PK, shard)
        if held is not None and held["until"] > milliseconds(now):
            return None
        kept = {} if held is None or "handed" not in held else {"handed": held["handed"]}
        expect = {"pk": None} if held is None else {"owner": held["owner"], "until": held["until"]}
        try:
            table.put({**item, **kept}, expect=expect)
        except Conflict:
            return None
        marks = tuple(Mark(upto, int(until_ms)) for upto, until_ms in kept.get("handed", ()))
        return Lease(table, shard, owner, until, marks)
    return Lease(table, shard, owner, until, ())
