"""Rows into batches within the API's limits, in order, each with the place in the file where the next one begins."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from cli.importing.rows import Row, Unreadable
from shared.domain.events.refusals import Refused

BATCH_EVENTS = 250
"""Ten of DynamoDB's batches: half a second for the function, so that none comes near its timeout."""
BATCH_BYTES = 450 * 1024
BATCH_ROWS = 1_000
"""Rejected ones too: a file of nothing but broken rows goes on step by step."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that is not in, and why."""

    line: int
    reason: str
    text: str


@dataclass(slots=True)
class Batch:
    """Rows in a row: what is sent, and what was refused on this side. ``lines`` and ``texts`` are of each event's row;
    ``rows`` counts the rows that are sent."""

    rows: int = 0
    lines: list[int] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    events: list[bytes] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    end: int = 0
    next_line: int = 1
    position: int = 0
    size: int = 0

    def has_room(self, events: list[bytes]) -> bool:
        """The events of one row stay together."""
        size = self.size + sum(map(len, events))
        return not self.events or (len(self.events) + len(events) <= BATCH_EVENTS and size < BATCH_BYTES)


Make = Callable[[dict[str, Any]], list[bytes]]
"""The content of a row into events; it raises Refused with the reason."""


def batches(rows: Iterable[Row | Unreadable], make: Make, position: Callable[[], int]) -> Iterator[Batch]:
    """Every row is in exactly one batch; ``position`` says how much of the file was read."""
    batch = Batch()
    for row in rows:
        events: list[bytes] = []
        reason = ""
        if isinstance(row, Unreadable):
            reason = row.reason
        else:
            try:
                events = make(row.content)
            except Refused as refused:
                reason = str(refused)
        if (events and not batch.has_room(events)) or len(batch.rejected) >= BATCH_ROWS:
            yield batch
            batch = Batch()
        if not events:
            batch.rejected.append(Rejected(row.line, reason, row.text))
        else:
            batch.rows += 1
            batch.lines += [row.line] * len(events)
            batch.texts += [row.text] * len(events)
            batch.events += events
            batch.size += sum(map(len, events)) + len(events)
        batch.end, batch.next_line, batch.position = row.end, row.next_line, position()
    if batch.events or batch.rejected:
        yield batch
