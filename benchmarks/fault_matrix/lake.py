"""The lake's writer behind a fuse."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.faults import Fuse
from shared.adapters.memory_lake import MemoryLake


class FaultyLake:
    """``LakeWriter``; one call of Firehose for each invocation."""

    def __init__(self, memory: MemoryLake, fuse: Fuse) -> None:
        self._memory, self._fuse = memory, fuse

    def hand_on(self, lines: Sequence[bytes]) -> None:
        some = lines[: len(lines) // 2]
        self._fuse.around(
            "lake.hand_on", lambda: self._memory.hand_on(lines), lambda: self._memory.hand_on(some) if some else None
        )
