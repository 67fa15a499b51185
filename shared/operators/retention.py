"""``GET /v1/retention``: how long people are kept, and what the walks through all customers found."""

from __future__ import annotations

from typing import Any, Protocol

from shared.domain.identity.keys import time_text
from shared.ports import Table
from shared.stores.releases import Releases
from shared.stores.retention_log import COUNTS, RetentionLog, Walk


class Environment(Protocol):
    """What retention is answered from."""

    @property
    def catalog(self) -> Table: ...


def retention(environment: Environment) -> dict[str, Any]:
    """The rules, the walk that is going on or was the last one, and former ones, the newest first."""
    rules = Releases(environment.catalog).current().shop.retention
    log = RetentionLog(environment.catalog)
    current = log.current()
    return {
        "rules": rules.model_dump(),
        "walk": None if current is None else _walk_json(current),
        "log": [_walk_json(one) for one in log.ended()],
    }


def _walk_json(walk: Walk) -> dict[str, Any]:
    return {
        "begun_at": time_text(walk.begun_at),
        "ended_at": None if walk.ended_at is None else time_text(walk.ended_at),
        "carried_out": walk.carried_out,
        **{name: walk.counts.get(name, 0) for name in COUNTS},
    }
