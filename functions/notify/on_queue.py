"""The worker of one channel: messages handed over by schedule, from the channel's queue."""

from __future__ import annotations

import logging
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from functions.notify.campaign_counts import CampaignCounts
from functions.notify.environment import Environment, environment
from functions.notify.service import TryAgain
from shared.adapters.counters import count
from shared.domain.messages.request import SendRequest

log = logging.getLogger("kervan.notify")
log.setLevel(logging.INFO)

Failures = dict[str, list[dict[str, str]]]


def handler(event: Mapping[str, Any], _context: object) -> Failures:
    """Work on a batch; what could not be brought to an outcome is offered again, in the end it is a dead letter."""
    return work(event, environment)


def work(event: Mapping[str, Any], compose: Callable[[], Environment]) -> Failures:
    """Each record on its own: one that cannot be read, or that fails, holds up no other."""
    tally: Counter[tuple[str, str]] = Counter()
    counts = CampaignCounts()
    records = event.get("Records", ())
    failed = [record["messageId"] for record in records if not _handled(record, compose, tally, counts)]
    if tally and (campaigns := compose().campaigns) is not None:
        counts.write(campaigns, compose().channel)
    for (channel, reason), amount in tally.items():
        count({"messages": amount}, channel=channel, outcome=reason)
    return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}


def _handled(
    record: Mapping[str, Any],
    compose: Callable[[], Environment],
    tally: Counter[tuple[str, str]],
    counts: CampaignCounts,
) -> bool:
    """False if the queue is to offer it again. Nothing of the customer is ever logged."""
    try:
        request = SendRequest.model_validate_json(record.get("body") or "")
        composed = compose()
        if request.channel != composed.channel:
            log.error("unreadable: a request for another channel")
            return False
        now = composed.clock.now()
        outcome = composed.notifying.handle(request, now)
        counts.note(request, outcome, now)
    except ValidationError as unreadable:
        log.error("unreadable: %d fields are wrong", unreadable.error_count())  # not its text: that holds data
    except TryAgain as later:
        log.warning("again: %s", later.reason)
    except Exception as failure:  # noqa: BLE001  whatever it was, the queue offers it again and the others go on
        where = traceback.extract_tb(failure.__traceback__)[-1]
        log.error("failed with %s at %s:%s", type(failure).__name__, where.filename, where.lineno)
    else:
        reason = getattr(outcome.outcome, "reason", "")
        log.info("%s %s %s", outcome.message_id, outcome.state.value, reason)
        tally[composed.channel, reason or outcome.state.value.lower()] += 1
        return True
    return False
