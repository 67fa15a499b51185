"""What one event, timer or message costs: read from the table in docs/benchmarks.md, so no figure stands twice."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
_ROW = re.compile(r"^\| (?P<part>[^|]+) \| (?P<what>[^|]+) \| (?P<value>[0-9.]+)[^|]*\|")


class NotMeasured(LookupError):
    """The table has no such row: the benchmark and this module differ."""


@cache
def _table() -> dict[tuple[str, str], float]:
    found = (_ROW.match(line) for line in PAGE.read_text("utf-8").splitlines())
    return {(row["part"].strip(), row["what"].strip()): float(row["value"]) for row in found if row}


def measured(part: str, what: str) -> float:
    """The value of a row.

    Raises
    ------
    NotMeasured
        If there is none.
    """
    try:
        return _table()[part, what]
    except KeyError as absent:
        raise NotMeasured(f"docs/benchmarks.md has no row {part!r}, {what!r}") from absent


IDLE = 0.34 / 0.707
"""The machine of the table was not idle: a call that took it 0.707 ms takes an idle one 0.34 ms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """Attributes
    ----------
    ingest_writes, decide_writes, decide_reads, decide_calls
        Units and requests per event; events of many people come together, so those of a decision are for one event.
    timer_writes, interest_writes
        Part of ``decide_writes``: what goes to the tables ``timers`` and ``interests``.
    decide_cpu, message_cpu
        Seconds of a whole idle core.
    message_writes, message_calls
        Units and requests per message.
    lake_bytes
        Handed on per event.
    compact_cpu
        Seconds of a whole idle core per event.
    """

    ingest_writes: float
    decide_writes: float
    decide_reads: float
    decide_calls: float
    timer_writes: float
    interest_writes: float
    decide_cpu: float
    message_writes: float
    message_calls: float
    message_cpu: float
    timer_fired_writes: float
    timer_fired_calls: float
    timer_fired_cpu: float
    lake_bytes: float
    compact_cpu: float


def costs() -> Costs:
    """As the table says; the parts that notes name are written here."""
    return Costs(
        ingest_writes=measured("ingest", "batch of 25: all units per event"),
        decide_writes=measured("segment", "user and browser, settled: write units"),
        decide_reads=measured("segment", "user and browser, settled: read units"),
        decide_calls=5.5,
        timer_writes=0.17,
        interest_writes=0.37,
        decide_cpu=IDLE
        * measured("the wire included", "an event fully processed (a user with a browser, one by one)")
        / 1e3,
        message_writes=measured("messages", "e-mail: write units"),
        message_calls=measured("messages", "e-mail: requests"),
        message_cpu=IDLE * measured("messages", "e-mail: the wire included") / 1e3,
        timer_fired_writes=measured("timers", "fire one, everything: write units")
        + measured("timers", "fire one, by a worker: units of timers"),
        timer_fired_calls=measured("timers", "fire one, everything: requests"),
        timer_fired_cpu=IDLE * measured("timers", "fire one: processor time") / 1e3,
        lake_bytes=measured("lake", "bytes handed on per event"),
        compact_cpu=IDLE * measured("lake", "compaction, processor per event") / 1e3,
    )
