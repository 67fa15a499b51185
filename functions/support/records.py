"""The records of a queue, one after the other: what failed is offered again, and in the end a dead letter."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from shared.adapters.error_kinds import kind_of

log = logging.getLogger("kervan.support")
log.setLevel(logging.INFO)

Failures = dict[str, list[dict[str, str]]]


def work_on_each(
    event: Mapping[str, Any], work: Callable[[str], str], unreadable: type[Exception]
) -> tuple[Failures, Counter[str]]:
    """What failed, and how often ``work`` said each word.

    ``work`` gets the body of a record. A body that it refuses with ``unreadable`` fails too, so that it becomes a dead
    letter. Nothing about a customer is written to the log.
    """
    failed: list[dict[str, str]] = []
    tally: Counter[str] = Counter()
    for record in event.get("Records", ()):
        try:
            tally[work(str(record.get("body") or ""))] += 1
        except unreadable:
            log.error("unreadable: %s", unreadable.__name__)
            failed.append({"itemIdentifier": record["messageId"]})
        except Exception as error:  # noqa: BLE001  whatever it was, the queue offers it again
            log.warning("will try again: %s", kind_of(error))
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}, tally
