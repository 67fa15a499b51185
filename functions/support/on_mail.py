"""The Lambda function on the queue of mails: SES put each into the bucket, and tells of it by a topic."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from functions.support.environment import Environment, environment
from shared.adapters.counters import count
from shared.adapters.error_kinds import kind_of
from shared.domain.conversations.mail_receipt import UnreadableReceipt, read_receipt

log = logging.getLogger("kervan.support")
log.setLevel(logging.INFO)

Failures = dict[str, list[dict[str, str]]]


def handler(event: Mapping[str, Any], _context: object) -> Failures:
    """Reads one mail after the other; what failed is offered again, and in the end a dead letter."""
    return work(event, environment)


def work(event: Mapping[str, Any], environment_of: Callable[[], Environment]) -> Failures:
    """Nothing about a customer is written to the log."""
    failed: list[dict[str, str]] = []
    tally: Counter[str] = Counter()
    for record in event.get("Records", ()):
        try:
            composed = environment_of()
            receipt = read_receipt(str(record.get("body") or ""), composed.bucket)
            tally[composed.mails().receive(receipt, composed.clock.now())] += 1
        except UnreadableReceipt:
            log.error("unreadable: a notification about no mail of ours")
            failed.append({"itemIdentifier": record["messageId"]})
        except Exception as error:  # noqa: BLE001  whatever it was, the queue offers it again
            log.warning("will try again: %s", kind_of(error))
            failed.append({"itemIdentifier": record["messageId"]})
    if tally:
        log.info("mails %s", dict(tally))
        count({f"mail_{word}": number for word, number in tally.items()}, function="support-on-mail")
    return {"batchItemFailures": failed}
