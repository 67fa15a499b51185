"""Where withdrawals of public sources lie, by source and hour: an operator finds those of an attack without reading
every customer. ``withdrawals#<source>#<day>#<shard>`` / ``<hour>#<owner>#<address>`` in the table ``metrics``.

A pointer is written before its statement, so that no withdrawal is without one: a crash between leaves a pointer to
nothing. It holds digests alone, and one stands for all withdrawals of a customer and address within an hour.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import Struct

from shared.domain.consent.consent_events import ConsentRecord
from shared.domain.identity.keys import shard_of
from shared.ports import Table

PARTITION = "withdrawals"
SHARDS = 8
"""Of a day. Each is a part of a walk, so several can be walked side by side: all pointers of a customer lie in one."""
KEEP = timedelta(days=90)
"""How long after a withdrawal it can be found."""
MOST_QUERIES = 40
"""Of one page, though nothing was found: a source without withdrawals costs one for each day."""
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


class Pointer(Struct, frozen=True):
    """``owner``: the partition of the event; ``address``: that of the address which it named, or empty. ``hour``: in
    which the withdrawal reached us, as it begins."""

    owner: str
    address: str
    hour: datetime

    def of_hour(self, when: datetime) -> bool:
        """Whether what reached us then is found by this pointer."""
        return hour_of(when) == self.hour


class Pointers:
    """The pointers of all public sources."""

    def __init__(self, metrics: Table) -> None:
        self._table = metrics

    def put(self, records: Iterable[ConsentRecord]) -> None:
        """Durable when it returns; one request for up to 25. Of grants and trusted sources nothing is written.

        Raises
        ------
        Throttled
            If the table does not take them now: then the statements must not be stored either.
        """
        items = [_item(one) for one in records if one.consent.public and not one.consent.granted]
        distinct = {(item["pk"], item["sk"]): item for item in items}
        if distinct:
            self._table.put_many(list(distinct.values()))

    def page(
        self, source: str, begin: datetime, end: datetime, *, behind: str, most: int
    ) -> tuple[list[Pointer], str | None]:
        """Pointers of the hours from ``begin`` to ``end`` in the shard of a mark (``first_mark`` begins), by day and
        hour; and the mark behind which the next page begins, None at the end. A page may be empty and not the last.

        Raises
        ------
        ValueError
            If ``behind`` is no mark.
        """
        found: list[Pointer] = []
        queries = 0
        since, shard, last = _read_mark(behind)
        for day in _days(begin, end):
            place = f"{day:%Y-%m-%d}"
            if place < since:
                continue
            last = last if place == since else ""
            low = last + "\0" if last else f"{max((begin - day) // _HOUR, 0):02}#"
            below = f"{min((end - day) // _HOUR, 23):02}#~"
            more = True
            while more:
                if len(found) >= most or queries >= MOST_QUERIES:
                    return found, f"{place}#{shard}#{last}"
                queries += 1
                partition = f"{PARTITION}#{source}#{place}#{shard}"
                page = self._table.query(partition, at_least=low, below=below, limit=most - len(found))
                found += [_read(item["sk"], day) for item in page.items]
                more = page.cursor is not None and bool(page.items)
                if page.items:
                    last = page.items[-1]["sk"]
                    low = last + "\0"
        return found, None


def hour_of(when: datetime) -> datetime:
    """The beginning of its hour."""
    return when.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def first_mark(shard: int) -> str:
    """Behind which the first page of a shard begins."""
    return f"#{shard}#"


def shard_of_mark(mark: str) -> int:
    """
    Raises
    ------
    ValueError
        If it is none.
    """
    return _read_mark(mark)[1]


def mark_behind(pointer: Pointer) -> str:
    """Behind which a page goes on that stopped at this pointer."""
    when, owner = pointer.hour, pointer.owner
    return f"{when:%Y-%m-%d}#{shard_of(owner, SHARDS)}#{when:%H}#{owner}#{pointer.address}"


def _days(begin: datetime, end: datetime) -> Iterator[datetime]:
    day = hour_of(begin).replace(hour=0)
    while day <= end:
        yield day
        day += _DAY


def _read_mark(mark: str) -> tuple[str, int, str]:
    """The day and the shard of a mark, and the last sort key there that was given out."""
    day, shard, last = mark.split("#", 2)
    if int(shard) not in range(SHARDS):
        raise ValueError("there is no such shard")
    return day, int(shard), last


def _item(record: ConsentRecord) -> dict[str, Any]:
    said, owner = record.consent, record.partitions[0]
    when = hour_of(said.received_at)
    address = said.address_key if said.address_key != owner else ""
    return {
        "pk": f"{PARTITION}#{said.source}#{when:%Y-%m-%d}#{shard_of(owner, SHARDS)}",
        "sk": f"{when:%H}#{owner}#{address}",
        "expires": int((when + KEEP).timestamp()),
    }


def _read(sort_key: str, day: datetime) -> Pointer:
    hour, owner, address = sort_key.split("#")
    return Pointer(owner, address, day + int(hour) * _HOUR)
