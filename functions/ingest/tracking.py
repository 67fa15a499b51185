"""The seven endpoints that tracking SDKs post to."""

from __future__ import annotations

from datetime import datetime

import orjson

from functions.ingest.service import Intake
from functions.ingest.stored_log import log_stored
from shared.adapters.counters import count
from shared.domain.events.batch import BATCH, ENDPOINTS, split_body
from shared.domain.events.event import Source
from shared.domain.events.quota import PAUSED, UNLIMITED, over_quota
from shared.domain.events.refusals import Malformed, TooLarge
from shared.domain.events.request_body import read_body
from shared.http.answers import Answer, Problem, answer, forbidden, malformed, too_large, too_many, unauthorized
from shared.http.request import Request, basic_key
from shared.stores.public_consents import StoredInPart
from shared.stores.source_counters import SourceCounters
from shared.stores.sources import Registered, Sources


def accept(
    request: Request, endpoint: str, sources: Sources, intake: Intake, counters: SourceCounters, now: datetime
) -> Answer:
    """Answer one post, and count it. The key in the header is checked before the body is read.

    Raises
    ------
    Problem
        For everything that is not taken.
    Throttled
        If a table does not keep up: nothing may be called durable then.
    """
    key = basic_key(request.headers)
    writer: Registered | None = None
    source: Source | None = None
    try:
        writer = None if key is None else _writer(sources, key)
        source = writer.source if writer is not None else None
        raw = request.body()
        body = read_body(raw, orjson.loads)
        if writer is None:
            writer = _writer(sources, body.get("writeKey") if isinstance(body, dict) else None)
            source = writer.source
        batch = split_body(body, ENDPOINTS[endpoint], len(raw))
    except Malformed as broken:
        counters.note(source, now, refused=("unreadable_request",))
        raise malformed(str(broken)) from broken
    except TooLarge as large:
        counters.note(source, now, refused=("request_too_large",))
        raise too_large(str(large)) from large
    except Problem:
        counters.note(None, now, refused=("unknown_key",))
        raise
    _check_quota(counters, writer, now)
    try:
        taken = intake.accept(batch, writer.source, now)
    except StoredInPart as part:
        if part.withdrawn:
            counters.note(writer.source, now, withdrawn=part.withdrawn)
            _count_withdrawn(writer.source, part.withdrawn)
        raise
    log_stored(request, taken)
    refused = tuple(one.code for one in taken.rejected)
    said = tuple(one.said for one in taken.warnings)
    counters.note(
        writer.source, now, taken.accepted, refused, said, taken.guarded, taken.owners, writer.quota, taken.withdrawn
    )
    _count_withdrawn(writer.source, taken.withdrawn)
    warnings = [one.as_json() for one in taken.warnings]
    if ENDPOINTS[endpoint] == BATCH:
        rejected = [one.as_json() for one in taken.rejected]
        return answer({"success": True, "accepted": taken.accepted, "rejected": rejected, "warnings": warnings})
    if taken.rejected:
        raise Problem(400, "invalid_event", taken.rejected[0].reason)
    return answer({"success": True, **({"warnings": warnings} if warnings else {})})


def _count_withdrawn(source: Source, withdrawn: int) -> None:
    """Whoever holds a public key can withdraw for others: many withdrawals ring an alarm."""
    if not source.trusted:
        count({"consents_withdrawn_public": withdrawn}, function="ingest-api")


def _check_quota(counters: SourceCounters, writer: Registered, now: datetime) -> None:
    """Refuse a request of a source that has reached its quota, before anything of it is stored.

    Raises
    ------
    Problem
        429, with the seconds after which it may be sent again.
    """
    if writer.quota == UNLIMITED:
        return
    reached = over_quota(
        writer.quota, counters.sent(writer.source, now, day=writer.quota.events_per_day is not None), now
    )
    if reached is not None:
        counters.note(writer.source, now, refused=("over_quota",), quota=writer.quota)
        if writer.quota == PAUSED:
            raise too_many("the shop has paused this source", reached.retry_after)
        what = reached.limit.replace("_", " ")
        raise too_many(f"this source may send {reached.most:,} {what}", reached.retry_after)


def _writer(sources: Sources, key: object) -> Registered:
    found = sources.find(key) if isinstance(key, str) else None
    if found is None:
        raise unauthorized()
    if found.kind != "write":
        raise forbidden("this key reads customers; send events with a write key")
    return found
