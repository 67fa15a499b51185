"""The worker of one channel: messages handed over by schedule, from the channel's queue."""

from __future__ import annotations

import logging
import re
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from shared.adapters.cold_start import UncollectedImports

with UncollectedImports():
    from pydantic import ValidationError

    from functions.notify.campaign_counts import CampaignCounts
    from functions.notify.environment import Environment, environment
    from functions.notify.service import TryAgain
    from shared.adapters.counters import count
    from shared.adapters.handler_errors import without_values
    from shared.adapters.queue_records import Failures, Record, body_of, offered_again
    from shared.domain.messages.message import Record as Message
    from shared.domain.messages.message import Sent, State
    from shared.domain.messages.request import ANSWERS, SendRequest, queue_of
    from shared.domain.privacy.self_service import JOURNEY as RIGHTS
    from shared.ports import Item
    from shared.ports.invocation import TimeLeft
    from shared.stores.ledger import UNREAD, Found

log = logging.getLogger("kervan.notify")
log.setLevel(logging.INFO)

PROVIDER_ID = re.compile(r"[A-Za-z0-9._:-]{1,100}")


MARGIN_MS = 15_000
"""A message is begun only if so much is left of the invocation: a provider may take eleven seconds to answer. A sender
that is ended in the middle of a call never learns whether the message went out."""


@without_values
def handler(event: Mapping[str, Any], context: TimeLeft) -> Failures:
    """Works on a batch. A message without an outcome is offered again; in the end it is a dead letter."""
    return work(event, environment, lambda: context.get_remaining_time_in_millis() > MARGIN_MS)


def work(
    event: Mapping[str, Any], compose: Callable[[], Environment], time_left: Callable[[], bool] = lambda: True
) -> Failures:
    """Works on each record alone: one that cannot be read, or that fails, does not stop the others.

    The ledger's records of the batch are read in one request, and the events about sent messages are stored in one.
    When there is no ``time_left``, the rest of the batch is offered again, untouched.
    """
    records = event.get("Records", ())
    readable = {place: request for place, record in enumerate(records) if (request := _read(record, compose))}
    batch = _Batch(compose, readable.values()) if readable else None
    done: set[int] = set()
    late = 0
    for place, request in readable.items():
        if not time_left():
            late += 1
        elif batch is not None and batch.handled(place, request):
            done.add(place)
    if late:
        log.warning("again: no time left for %d", late)
    if batch is not None:
        done -= batch.finish()
    return offered_again(record["messageId"] for place, record in enumerate(records) if place not in done)


def _read(record: Record, compose: Callable[[], Environment]) -> SendRequest | None:
    """The request in a record; None if it cannot be read, so that the queue offers it again until it is a dead
    letter."""
    try:
        request = SendRequest.model_validate_json(body_of(record))
        if queue_of(request.channel) == compose().channel:
            return request
        log.error("unreadable: a request for another channel")
    except ValidationError as unreadable:
        log.error("unreadable: %d fields are wrong", unreadable.error_count())  # not its text: that holds data
    except Exception as failure:  # noqa: BLE001  the environment cannot be made; the next batch tries again
        _log_failure(failure)
    return None


class _Batch:
    """The messages of one invocation. Nothing about a customer is written to the log."""

    def __init__(self, compose: Callable[[], Environment], requests: Iterable[SendRequest]) -> None:
        self._composed = compose()
        self._tally: Counter[tuple[str, str]] = Counter()
        self._unknown = 0
        self._counts = CampaignCounts()
        self._told: dict[int, list[Item]] = {}
        self._known = self._ledger_of(requests)

    def handled(self, place: int, request: SendRequest) -> bool:
        """False if the queue is to offer the message again."""
        composed, events = self._composed, list[Item]()
        try:
            now = composed.clock.now()
            read = self._known.pop(request.message_id, UNREAD)
            if request.journey == RIGHTS:
                about_rights = composed.rights().handle(request, now, read=read)
                if about_rights is None:
                    return True
                outcome = about_rights
            elif request.journey == ANSWERS:
                outcome = composed.answering().handle(request, now, read=read)
            else:
                outcome = composed.notifying.handle(request, now, read=read, events=events)
                self._counts.note(request, outcome, now)
        except TryAgain as later:
            log.warning("again: %s", later.reason)
            return False
        except Exception as failure:  # noqa: BLE001  whatever it was, the queue offers it again and the others go on
            _log_failure(failure)
            return False
        if events:
            self._told[place] = events
        reason = getattr(outcome.outcome, "reason", "")
        _log_outcome(request, outcome, reason)
        self._unknown += outcome.state is State.UNKNOWN
        self._tally[composed.channel, reason or outcome.state.value.lower()] += 1
        return True

    def finish(self) -> set[int]:
        """Stores the events, and counts. The places of messages whose events may be missing: offered again, they are
        found sent, and tell it again."""
        unstored: set[int] = set()
        items = {(item["pk"], item["sk"]): item for events in self._told.values() for item in events}
        if items:
            try:
                self._composed.notifying.contexts.customers.put_events(list(items.values()))
            except Exception as failure:  # noqa: BLE001  what was sent stands in the ledger
                _log_failure(failure)
                unstored = set(self._told)
        if self._tally and self._composed.campaigns is not None:
            self._counts.write(self._composed.campaigns, self._composed.channel)
        for (channel, reason), amount in self._tally.items():
            count({"messages": amount}, channel=channel, outcome=reason)
        count({"messages_unknown": self._unknown}, channel=self._composed.channel)
        return unstored

    def _ledger_of(self, requests: Iterable[SendRequest]) -> dict[str, Found]:
        """The records of the batch; empty if they could not be read: each message reads its own then. A campaign's
        message gets its id only with the customer's address."""
        wanted = [request.message_id for request in requests if request.campaign is None]
        if len(wanted) < 2:
            return {}
        try:
            found = self._composed.notifying.ledger.get_many(wanted)
        except Exception as failure:  # noqa: BLE001  one unreadable record holds up no other
            _log_failure(failure)
            return {}
        return {name: found.get(name) for name in wanted}


def _log_outcome(request: SendRequest, outcome: Message, reason: str) -> None:
    """Ids only: they lead from the enrollment to the provider's own name of the message. What a push service of a
    browser answers is an address, and stays in the ledger."""
    said = outcome.outcome.provider_id if isinstance(outcome.outcome, Sent) else ""
    provider = said if PROVIDER_ID.fullmatch(said) else "-"
    enrollment = "-" if request.journey in {RIGHTS, ANSWERS} else request.enrollment
    log.info(
        "%s %s %s enrollment %s provider %s", outcome.message_id, outcome.state.value, reason, enrollment, provider
    )


def _log_failure(failure: Exception) -> None:
    where = traceback.extract_tb(failure.__traceback__)[-1]
    log.error("failed with %s at %s:%s", type(failure).__name__, where.filename, where.lineno)
