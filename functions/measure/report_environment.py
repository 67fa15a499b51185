"""What lives as long as the Lambda environment of reports: the lake's bucket, and copies of its files."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import gettempdir

from functions.measure.kept_objects import KeptObjects
from shared.adapters.s3_objects import s3_objects
from shared.ports.objects import Objects

ENGINE_SHARE = 0.6
"""Of the function's memory; the rest is Python's, and DuckDB's beside what it counts."""
KEPT_BYTES = 3_000_000_000
"""Copies of files that are kept for the next report; the rest of ``/tmp`` is for what the engine puts aside."""


@dataclass(frozen=True, slots=True)
class ReportEnvironment:
    """``scratch``: where the engine may write. ``memory_mb``: what it may use."""

    objects: Objects
    scratch: Path
    memory_mb: int


@cache
def environment() -> ReportEnvironment:
    scratch = Path(gettempdir())
    memory = int(os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "2048"))
    kept = KeptObjects(s3_objects(os.environ["KERVAN_LAKE_BUCKET"]), scratch / "kept", KEPT_BYTES)
    return ReportEnvironment(kept, scratch, int(memory * ENGINE_SHARE))
