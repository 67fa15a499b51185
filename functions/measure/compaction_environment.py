"""What lives as long as the Lambda environment of compaction."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from shared.adapters.clock import SystemClock
from shared.adapters.s3_objects import s3_objects
from shared.ports import Clock
from shared.ports.objects import Objects


@dataclass(frozen=True, slots=True)
class CompactionSettings:
    """The bucket of the lake, and the memory of the function in MB."""

    bucket: str
    memory_mb: int

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> CompactionSettings:
        """Raises KeyError with the name of the variable that is missing."""
        return cls(
            bucket=environment["KERVAN_LAKE_BUCKET"],
            memory_mb=int(environment.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "2048")),
        )


@dataclass(frozen=True, slots=True)
class Environment:
    """``clock`` is that of the machines also on the laptop: files are named by it."""

    objects: Objects
    clock: Clock
    engine_mb: int


@cache
def environment() -> Environment:
    """Made with the first invocation and kept. Half of the memory is the engine's; Python and buffers take the rest."""
    settings = CompactionSettings.read(os.environ)
    return Environment(s3_objects(settings.bucket), SystemClock(), settings.memory_mb // 2)
