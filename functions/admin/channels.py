"""``GET /v1/channels``: whether the provider of each channel is called now, and why not."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from functions.admin.environment import Environment
from shared.domain.identity.keys import time_text
from shared.domain.messages.breaker import Breaker, Phase
from shared.domain.messages.request import CHANNELS, Channel
from shared.stores import breakers

STATES = {Phase.CLOSED: "sending", Phase.OPEN: "provider_down", Phase.RECOVERING: "recovering"}


def channels(environment: Environment) -> dict[str, Any]:
    """Every channel, in one request to the table."""
    keys = {channel: (breakers.partition(channel), breakers.SK) for channel in CHANNELS}
    found = {(item["pk"], item["sk"]): item for item in environment.catalog.get_many(list(keys.values()))}
    return {"items": [_shown(channel, breakers.read_breaker(found.get(keys[channel], {}))) for channel in CHANNELS]}


def _shown(channel: Channel, breaker: Breaker) -> dict[str, Any]:
    out = breaker.phase is not Phase.CLOSED
    return {
        "channel": channel,
        "state": STATES[breaker.phase],
        "since": _text(breaker.opened_at) if out else None,
        "next_probe_at": _text(breaker.probe_at) if breaker.phase is Phase.OPEN else None,
        "cause": breaker.cause if out else None,
    }


def _text(when: datetime | None) -> str | None:
    return None if when is None else time_text(when)
