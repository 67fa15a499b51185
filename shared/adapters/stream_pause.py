"""How long a function waits before it gives records back to a stream, so that an outage does not use up the retries.

AWS counts how often a batch failed, and does not say how soon it comes again. Without a pause an outage of some minutes
can make letters of everything that was read meanwhile, and a person has to redrive them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from shared.adapters.queue_records import Failures, keys_of, offered_again
from shared.ports.invocation import TimeLeft

SHORT_SECONDS = 1.0
LONGEST_SECONDS = 50.0
MARGIN_SECONDS = 5.0
"""Of the invocation: it must end before it is ended."""
MOST_KNOWN = 1_000
"""Records that failed, as a process knows them."""


class StreamPause:
    """Waits the longer, the longer this process has seen a record fail: a second first, then about twice as long each
    time. So a conflict in a long backlog costs a second, and a record of a busy partition does not use up its attempts
    in minutes because others go well."""

    def __init__(self, now: Callable[[], float] = time.time, sleep: Callable[[float], None] = time.sleep) -> None:
        self._now, self._sleep = now, sleep
        self._failing: dict[str, float] = {}

    def around(self, work: Callable[[], Failures], event: Mapping[str, Any], context: TimeLeft) -> Failures:
        """What ``work`` answers or raises, after the pause: AWS counts both as an attempt. A secret that cannot be read
        when the process begins raises."""
        try:
            failures = work()
        except Exception:
            self.before_again(offered_again([event["Records"][0]["dynamodb"]["SequenceNumber"]]), event, context)
            raise
        return self.before_again(failures, event, context)

    def before_again(self, failures: Failures, event: Mapping[str, Any], context: TimeLeft) -> Failures:
        """Wait if a record failed; then the failures. Never longer than the record is old, or the invocation has."""
        failed = keys_of(failures)
        changes = [record["dynamodb"] for record in event["Records"]]
        first = next((change for change in changes if change.get("SequenceNumber") in failed), None)
        if first is None:
            for change in changes:
                self._failing.pop(change.get("SequenceNumber"), None)
            return failures
        now, number = self._now(), first["SequenceNumber"]
        if len(self._failing) >= MOST_KNOWN:
            self._failing.clear()
        since = self._failing[number] = min(self._failing.get(number, now), now)
        age = now - float(first.get("ApproximateCreationDateTime", now))
        left = context.get_remaining_time_in_millis() / 1_000 - MARGIN_SECONDS
        seconds = min(age, max(SHORT_SECONDS, now - since), LONGEST_SECONDS, left)
        if seconds > 0:
            self._sleep(seconds)
        return failures
