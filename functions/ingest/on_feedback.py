"""The Lambda function behind EventBridge's rule for SES: one report at a time, given again if it fails."""

from __future__ import annotations

import logging
from functools import cache
from typing import Any

from functions.ingest.environment import environment
from functions.ingest.feedback import Feedback
from shared.stores.ledger import Ledger

log = logging.getLogger("kervan.ingest")
log.setLevel(logging.INFO)


@cache
def feedback() -> Feedback:
    composed = environment()
    return Feedback(composed.customers, Ledger(composed.messages), composed.keys)


def handler(event: dict[str, Any], _context: object) -> None:
    """Take one report. What is raised makes Lambda try again, and keeps the report for a redrive at last."""
    taken = feedback().take(event.get("detail"), environment().clock.now())
    if not taken:
        log.info("a report about no message of ours: %s", str(event.get("detail-type"))[:60])
