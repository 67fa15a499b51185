"""The Lambda function of every hour: it makes Parquet by day of the rows that came (docs/lake.md#compaction)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from functions.measure.compaction import Compaction
from functions.measure.compaction_environment import Environment, environment
from shared.adapters.counters import count
from shared.adapters.handler_errors import without_values
from shared.domain.identity.keys import milliseconds
from shared.ports.invocation import TimeLeft

log = logging.getLogger("kervan.measure")
log.setLevel(logging.INFO)

MARGIN_MS = 120_000
"""A step must fit into what is left: the files of a batch, or the parts of a day."""
NIGHT_HOUR = 2
"""Of UTC: the hour in which days are merged and erased rows taken out. An event with ``night`` does it at once."""


@without_values
def handler(event: Mapping[str, Any], context: TimeLeft) -> dict[str, Any]:
    """What does not fit into the time is the next hour's; an error leaves every row where it was."""
    return respond(event, context, environment())


def respond(event: Mapping[str, Any], context: TimeLeft, composed: Environment) -> dict[str, Any]:
    now = composed.clock.now()
    done = Compaction(
        composed.objects,
        now_ms=milliseconds(now),
        time_left=lambda: context.get_remaining_time_in_millis() > MARGIN_MS,
        memory_mb=composed.engine_mb,
    ).run(night=now.hour == NIGHT_HOUR or event.get("night") is True)
    log.info("compacted %s", asdict(done))
    count({"lake_raw_files": done.raw_files, "lake_unreadable": done.unreadable}, function="measure-compact")
    return asdict(done)
