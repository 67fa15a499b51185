"""A function on tables in memory whose calls can fail, and what brings its work again until it is done."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from benchmarks.faults import FAULTS, HALF, Fault, FaultyQueue, FaultyTable, Fuse, Killed
from shared.adapters.indexes import INDEXES
from shared.adapters.memory import MemoryTable

DELIVERIES = 6
"""So often the stream, the queue, the tick or the sender comes at most."""
KINDS = (*FAULTS, HALF)
LEASE = "lease"
Items = Mapping[str, Sequence[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended. ``deliveries``: how often the work came, 0 if it never came to an end."""

    state: Mapping[str, Any]
    deliveries: int
    calls: tuple[str, ...]
    met: bool
    """Whether the fault was met."""


class World:
    """One function with what it is given. A subclass composes it over ``tables`` and ``queues``."""

    title: ClassVar[str]
    function: ClassVar[str]
    again: ClassVar[str]
    """What brings the work again."""
    tables: ClassVar[tuple[str, ...]]
    queues: ClassVar[tuple[str, ...]] = ()
    counters: ClassVar[frozenset[str]] = frozenset({"metrics"})
    """Tables that are not compared: what was counted before a fault may be counted again."""

    def __init__(self, items: Items, faults: Sequence[Fault] = ()) -> None:
        self.memory = {name: MemoryTable(indexes=INDEXES.get(name, ())) for name in self.tables}
        for name, held in items.items():
            self.memory[name].put_many([dict(one) for one in held])
        self.fuse = Fuse(list(faults))
        self.at = {name: FaultyTable(name, held, self.fuse) for name, held in self.memory.items()}
        self.queue = {name: FaultyQueue(name, self.fuse) for name in self.queues}

    def compose(self) -> Any:
        """What a new process makes of its environment."""
        raise NotImplementedError

    def attempt(self, composed: Any) -> bool:
        """One delivery; True if nobody brings the work again."""
        raise NotImplementedError

    def run(self) -> Ended:
        """The work comes until it is done. A process that was killed leaves its leases behind until they are over."""
        composed = self.compose()
        deliveries = 0
        for number in range(1, DELIVERIES + 1):
            try:
                done = self.attempt(composed)
            except Killed:
                composed, done = self.compose(), False
            except Exception:  # noqa: BLE001 - the function failed: its work comes again
                done = False
            if done:
                deliveries = number
                break
            self._leases_are_over()
        self.fuse.faults.clear()
        calls = tuple(self.fuse.calls)
        self.afterwards(composed)
        return Ended(self.state(), deliveries, calls, bool(self.fuse.hit))

    def afterwards(self, composed: Any) -> None:
        """What follows by itself later, in every run."""

    def state(self) -> dict[str, Any]:
        """Everything stored and queued. A message that is queued twice counts once: who reads it knows its id."""
        stored = {
            name: {f"{item['pk']} {item['sk']}": _plain(item) for item in held.items() if item["pk"] != LEASE}
            for name, held in self.memory.items()
            if name not in self.counters
        }
        return {**stored, **{f"queue {name}": sorted(set(held.bodies)) for name, held in self.queue.items()}}

    def _leases_are_over(self) -> None:
        for held in self.memory.values():
            for item in held.items():
                if item["pk"] == LEASE:
                    held.delete(item["pk"], item["sk"])


def _plain(item: Mapping[str, Any]) -> str:
    return json.dumps(item, sort_keys=True, default=repr)
