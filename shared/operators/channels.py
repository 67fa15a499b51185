"""``/v1/channels``: whether the provider of each channel is called now, what holds marketing up, and its resumption."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from shared.domain.events.event import Source
from shared.domain.identity.keys import time_text
from shared.domain.messages.breaker import Phase
from shared.domain.messages.reputation import Suspension
from shared.domain.messages.request import CHANNELS, Channel
from shared.domain.messages.sending_quota import commercial_per_day
from shared.domain.messages.warm_up import daily_limit, day_of
from shared.http.answers import not_found
from shared.operators.environment import Environment
from shared.stores import breakers, sending_quota
from shared.stores.allowances import of_day
from shared.stores.releases import Releases
from shared.stores.reputation import Suspensions, beside_switches, read_suspension

STATES = {Phase.CLOSED: "sending", Phase.OPEN: "provider_down", Phase.RECOVERING: "recovering"}


def channels(environment: Environment) -> dict[str, Any]:
    """Every channel, in one request to the table."""
    release = Releases(environment.catalog).current()
    now = environment.clock.now()
    day, warm_up = now.date(), {}
    if release is not None:
        today = day_of(now, ZoneInfo(release.shop.time_zone))
        day, warm_up = today, {name: daily_limit(one, today) for name, one in release.shop.warm_up.items()}
    keys = [key for channel in CHANNELS for key in (*beside_switches(channel), _day_key(channel, day))]
    found = {(item["pk"], item["sk"]): item for item in environment.catalog.get_many(keys)}
    return {"items": [_shown(channel, found, day, warm_up.get(channel)) for channel in CHANNELS]}


def resume(environment: Environment, channel: str, source: Source) -> dict[str, Any]:
    """Lets the commercial messages of a channel go on.

    Raises
    ------
    Problem
        404 for a channel that there is not.
    """
    if channel not in CHANNELS:
        raise not_found("there is no such channel; write email, sms or push")
    Suspensions(environment.catalog, channel).resume(environment.clock.now(), source.name)
    return next(one for one in channels(environment)["items"] if one["channel"] == channel)


def _day_key(channel: str, day: date) -> tuple[str, str]:
    return breakers.partition(channel), of_day(day)


def _shown(
    channel: Channel, found: Mapping[tuple[str, str], Mapping[str, Any]], day: date, limit: int | None
) -> dict[str, Any]:
    breaker_key, suspended_key, *_ = beside_switches(channel)
    breaker = breakers.read_breaker(found.get(breaker_key, {}))
    suspension = read_suspension(found.get(suspended_key, {}))
    reserved = int(found.get(_day_key(channel, day), {}).get("reserved", 0))
    out = breaker.phase is not Phase.CLOSED
    return {
        "channel": channel,
        "state": STATES[breaker.phase],
        "since": _text(breaker.opened_at) if out else None,
        "next_probe_at": _text(breaker.probe_at) if breaker.phase is Phase.OPEN else None,
        "cause": breaker.cause if out else None,
        "suspended": None if suspension is None else _suspended(suspension),
        "warm_up": None if limit is None else {"daily": limit, "used": min(reserved, limit)},
        "quota": _quota(found.get(sending_quota.KEY, {})) if channel == sending_quota.CHANNEL else None,
    }


def _quota(item: Mapping[str, Any]) -> dict[str, Any] | None:
    """What SES said last; None if it was not asked yet."""
    quota = sending_quota.read_quota(item)
    if quota is None:
        return None
    return {
        "at": time_text(quota.at),
        "per_day": quota.per_day,
        "per_second": quota.per_second,
        "sent_in_24h": quota.sent,
        "for_marketing": None if quota.per_day is None else commercial_per_day(quota.per_day),
        "production": quota.production,
        "enabled": quota.enabled,
    }


def _suspended(suspension: Suspension) -> dict[str, Any]:
    counts = suspension.found
    return {
        "since": time_text(suspension.at),
        "because": suspension.because,
        "sent": counts.sent,
        "bounced": counts.bounced,
        "complained": counts.complained,
    }


def _text(when: datetime | None) -> str | None:
    return None if when is None else time_text(when)
