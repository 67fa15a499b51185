"""How long a function waits before it gives records back to a stream, so that an outage does not use up the retries.

AWS counts how often a batch failed, and does not say how soon it comes again. Without a pause an outage of some minutes
can make letters of everything that was read meanwhile, and a person has to redrive them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from shared.adapters.queue_records import Failures
from shared.ports.invocation import TimeLeft

LONGEST_SECONDS = 50.0
MARGIN_SECONDS = 5.0
"""Of the invocation: it must end before it is ended."""


def pause_before_again(
    failures: Failures,
    event: Mapping[str, Any],
    context: TimeLeft,
    *,
    now: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
) -> Failures:
    """Wait for as long as the first record that failed is old, at most ``LONGEST_SECONDS``; then the failures.

    A record that is tried for the first time is given back at once; each further time it waits about twice as long.
    """
    failed = {one["itemIdentifier"] for one in failures["batchItemFailures"]}
    changes = [record["dynamodb"] for record in event["Records"]]
    first = next((change for change in changes if change.get("SequenceNumber") in failed), None)
    if first is not None:
        age = now() - float(first.get("ApproximateCreationDateTime", now()))
        left = context.get_remaining_time_in_millis() / 1_000 - MARGIN_SECONDS
        seconds = min(age, LONGEST_SECONDS, left)
        if seconds > 0:
            sleep(seconds)
    return failures
