"""What is known of the segments as a whole: how far a backfill is, what the last audit found, how often people buy."""

from __future__ import annotations

from typing import Any

from shared.domain.definitions.release import Release
from shared.domain.identity.keys import moment, time_text
from shared.domain.segments.audit import Audit
from shared.domain.segments.backfill import progress
from shared.ports import Table
from shared.stores.audits import AuditStore
from shared.stores.backfills import BackfillStore
from shared.stores.customers import SHARDS


def segment_state(catalog: Table, current: Release) -> dict[str, Any]:
    """``backfill``, ``shop`` and ``audit``, each None before there was one, and whose word about orders counts
    (``orders_from``). Two requests."""
    audit = AuditStore(catalog).read()
    return {
        "backfill": _backfill(catalog, current),
        "shop": None if audit is None else _shop(audit),
        "audit": None if audit is None else _audit(audit),
        "orders_from": current.shop.orders_from,
    }


def _backfill(catalog: Table, current: Release) -> dict[str, Any] | None:
    found = progress(BackfillStore(catalog).read(), current, SHARDS)
    if found is None:
        return None
    return {
        "release": found.release,
        "state": found.state,
        "done": found.done,
        "failed": found.failed,
        "fraction": round(found.fraction, 3),
        "started_at": _time(found.started_at),
        "finished_at": _time(found.finished_at),
    }


def _shop(audit: Audit) -> dict[str, Any]:
    return {"purchase_cycle_days": audit.purchase_cycle_days, "sampled": len(audit.cycles), "at": _time(audit.at)}


def _audit(audit: Audit) -> dict[str, Any]:
    return {
        "at": _time(audit.at),
        "sampled": audit.sampled,
        "left_out": audit.left_out,
        "mismatches": dict(audit.mismatches),
        "customers": list(audit.roots),
    }


def _time(ms: int | None) -> str | None:
    return None if ms is None else time_text(moment(ms))
