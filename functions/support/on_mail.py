"""The Lambda function on the queue of mails: SES put each into the bucket, and tells of it by a topic."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from functions.support.environment import Environment, environment
from shared.adapters.counters import count
from shared.adapters.handler_errors import without_values
from shared.adapters.queue_records import Failures, Record, body_of, work_on_each
from shared.domain.conversations.mail_receipt import UnreadableReceipt, read_receipt

log = logging.getLogger("kervan.support")
log.setLevel(logging.INFO)


@without_values
def handler(event: Mapping[str, Any], _context: object) -> Failures:
    """Reads one mail after the other."""
    return work(event, environment)


def work(event: Mapping[str, Any], environment_of: Callable[[], Environment]) -> Failures:
    """Reads the mail of each record."""
    tally: Counter[str] = Counter()

    def take(record: Record) -> bool:
        composed = environment_of()
        tally[composed.mails().receive(read_receipt(body_of(record), composed.bucket), composed.clock.now())] += 1
        return True

    failures = work_on_each(event, take, log, UnreadableReceipt)
    if tally:
        log.info("mails %s", dict(tally))
        count({f"mail_{word}": number for word, number in tally.items()}, function="support-on-mail")
    return failures
