"""``POST /v1/hooks/shops/{connector}``: what a shop's platform reports, signed with its secret (docs/connectors.md)."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from functions.ingest.service import Intake, Taken
from functions.ingest.stored_log import log_stored
from shared.adapters.counters import count
from shared.domain.connectors.connector import NAME, Connector
from shared.domain.connectors.delivery import (
    MOST_BYTES,
    UnreadableDelivery,
    is_ping,
    is_signed,
    read_content,
    says_host,
    translate,
)
from shared.domain.connectors.mapping import Search
from shared.domain.connectors.shop_jobs import shop_jobs
from shared.domain.connectors.translation import Translation
from shared.domain.events.batch import Batch
from shared.domain.events.event_time import TOLERATED_SKEW
from shared.domain.events.quota import over_quota
from shared.domain.events.size_limits import BATCH_EVENTS, EVENT_BYTES, event_bytes
from shared.domain.identity.keys import milliseconds
from shared.http.answers import Answer, answer, malformed, too_many, unauthorized
from shared.http.request import Request
from shared.http.request_body import body_of
from shared.ports import Queue
from shared.stores.connectors import Connectors
from shared.stores.source_counters import SourceCounters

log = logging.getLogger("kervan.ingest")
MOST_SAID = 20
"""Warnings of one answer: who looks at deliveries in the shop's log sees them."""


def no_mapping(_expression: str, _content: Any) -> Any:
    """For platforms whose form is known."""
    raise ValueError("this connector has no mapping")


@dataclass(frozen=True, slots=True)
class ShopHooks:
    """``secrets`` gives the secrets of one connector; ``queue`` is stock's work queue; ``search`` is JMESPath."""

    connectors: Connectors
    secrets: Callable[[str], Mapping[str, str]]
    intake: Intake
    counters: SourceCounters
    queue: Callable[[], Queue]
    search: Callable[[], Search]

    def receive(self, request: Request, name: str, now: datetime) -> Answer:
        """Store what a shop tells. The same delivery again, or an older one, changes nothing.

        What was taken and cannot be used is told in the answer and counted; it is no error, because shops stop to
        report to an address that answers with errors.

        Raises
        ------
        Problem
            401 whatever is wrong with the proof, an unknown name included; 400 for a body that cannot be read, 413 for
            one that is too large, 429 beyond the connector's quota.
        Throttled
            If a table or the queue does not take it now; shops deliver it again.
        """
        body = body_of(request, at_most=MOST_BYTES)
        if is_ping(request.headers.get("content-type", ""), body):
            return answer({"success": True})
        connector = self._proven(request, name, body, now)
        self._check_quota(connector, now)
        try:
            content = read_content(body)
        except UnreadableDelivery as broken:
            self.counters.note(connector.source, now, refused=("unreadable_request",))
            raise malformed(str(broken)) from broken
        search = no_mapping if connector.mapping is None else self.search()
        told = translate(connector, request.headers, content, search, milliseconds(now))
        told.bound(milliseconds(now + TOLERATED_SKEW))
        taken = self._store(request, connector, told, now)
        reasons = [{"field": said.field, "reason": said.reason} for said in told.unusable]
        reasons += [
            {"field": f"events.{one.index}.{one.said.field}", "reason": one.said.reason} for one in taken.warnings
        ]
        reasons += [{"field": f"events.{no.index}", "reason": no.reason} for no in taken.rejected]
        return answer(
            {
                "success": True,
                "events": taken.accepted,
                "products": len(told.products) if connector.stock else 0,
                "levels": len(told.levels) if connector.stock else 0,
                "warnings": reasons[:MOST_SAID],
            }
        )

    def _proven(self, request: Request, name: str, body: bytes, now: datetime) -> Connector:
        connector = self.connectors.named(name) if re.fullmatch(NAME, name) else None
        secrets = self.secrets(connector.secrets) if connector else {}
        if connector is None or not is_signed(connector, secrets, request.headers, request.query, body, now):
            count({"webhook_unproven": 1}, function="ingest-api")
            self.counters.note(None if connector is None else connector.source, now, refused=("bad_signature",))
            raise unauthorized("the connector is unknown, or the body is not signed with its secret")
        if not says_host(connector, request.headers):
            self.counters.note(connector.source, now, refused=("bad_signature",))
            raise unauthorized("the delivery is of another shop than that of the connector")
        return connector

    def _check_quota(self, connector: Connector, now: datetime) -> None:
        quota = connector.limits
        if quota is None:
            return
        sent = self.counters.sent(connector.source, now, day=quota.events_per_day is not None)
        reached = over_quota(quota, sent, now)
        if reached is not None:
            self.counters.note(connector.source, now, refused=("over_quota",), quota=quota)
            raise too_many(
                f"this shop may send {reached.most:,} {reached.limit.replace('_', ' ')}", reached.retry_after
            )

    def _store(self, request: Request, connector: Connector, told: Translation, now: datetime) -> Taken:
        """Events first, then what stock works on: either may be stored without the other if the shop has to deliver it
        again, and storing it twice is harmless."""
        events = told.events[:BATCH_EVENTS]
        if len(told.events) > BATCH_EVENTS:
            told.warn("events[]", f"are more than {BATCH_EVENTS}; the rest is left out", "too_many")
        oversize = frozenset(place for place, one in enumerate(events) if event_bytes(one) > EVENT_BYTES)
        taken = self.intake.accept(Batch(events, None, oversize), connector.source, now)
        jobs = list(shop_jobs(connector.connector, told)) if connector.stock else []
        if jobs:
            self.queue().send_many(jobs)
        refused = tuple(one.code for one in taken.rejected)
        warned = (*told.unusable, *(one.said for one in taken.warnings))
        quota = connector.limits
        self.counters.note(
            connector.source, now, taken.accepted, refused, warned, taken.guarded, taken.owners, quota, taken.withdrawn
        )
        log.info("a shop told %d events and %d jobs", taken.accepted, len(jobs))
        log_stored(request, taken)
        return taken
