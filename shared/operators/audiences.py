"""``GET /v1/audiences``: lists at advertising platforms that follow a segment, their size, and what waits."""

from __future__ import annotations

from typing import Any, Protocol

from shared.domain.definitions.audience import Audience
from shared.domain.identity.keys import time_text
from shared.ports import Table
from shared.stores.audience_entries import AudienceEntries, AudienceState
from shared.stores.releases import Releases


class Environment(Protocol):
    """What audiences are answered from."""

    @property
    def catalog(self) -> Table: ...

    @property
    def audiences(self) -> AudienceEntries: ...


def audiences(environment: Environment) -> dict[str, Any]:
    """Those of the shop, and those that are being emptied because the shop has them no more."""
    entries = environment.audiences
    states = {state.name: state for state in entries.states()}
    shop = Releases(environment.catalog).current().shop.audiences
    named = {**{name: state.settings for name, state in states.items()}, **shop}
    return {"items": [_json(name, named[name], states.get(name), entries) for name in sorted(named)], "cursor": None}


def _json(name: str, settings: Audience, state: AudienceState | None, entries: AudienceEntries) -> dict[str, Any]:
    oldest = entries.oldest_due(name)
    return {
        "audience": name,
        "segment": settings.segment,
        "to": settings.to,
        "list": settings.list,
        "size": 0 if state is None else state.size,
        "waiting_since": None if oldest is None else time_text(oldest),
        "failing_since": None if state is None or state.failing is None else time_text(state.failing),
        "problem": None if state is None else state.problem or None,
        "closing": state is not None and state.closing,
        "complete": state is not None and state.walked is not None,
    }
