"""The Lambda function on the queue of mails: SES put each into the bucket, and tells of it by a topic."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from functions.support.environment import Environment, environment
from functions.support.records import Failures, log, work_on_each
from shared.adapters.counters import count
from shared.domain.conversations.mail_receipt import UnreadableReceipt, read_receipt


def handler(event: Mapping[str, Any], _context: object) -> Failures:
    """Reads one mail after the other."""
    return work(event, environment)


def work(event: Mapping[str, Any], environment_of: Callable[[], Environment]) -> Failures:
    """Reads the mail of each record."""

    def receive(body: str) -> str:
        composed = environment_of()
        return composed.mails().receive(read_receipt(body, composed.bucket), composed.clock.now())

    failures, tally = work_on_each(event, receive, UnreadableReceipt)
    if tally:
        log.info("mails %s", dict(tally))
        count({f"mail_{word}": number for word, number in tally.items()}, function="support-on-mail")
    return failures
