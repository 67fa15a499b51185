"""Which campaigns there are, and how far each is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from shared.domain.campaigns.campaign import Campaign, Progress, Stopped
from shared.domain.campaigns.definition import is_name
from shared.domain.campaigns.describe import describe_campaign
from shared.domain.definitions.release import Release
from shared.domain.identity.keys import time_text
from shared.http.answers import not_found
from shared.operators.environment import Environment
from shared.stores.campaigns import Campaigns
from shared.stores.releases import Releases


def listed(environment: Environment) -> dict[str, Any]:
    """Every campaign, the newest first."""
    store = Campaigns(environment.catalog)
    release, now = Releases(environment.catalog).current(), environment.clock.now()
    items = [shown(campaign, store.progress(campaign), release, now) for campaign in store.all()]
    return {"items": items, "cursor": None}


def campaign(environment: Environment, name: str) -> dict[str, Any]:
    """One campaign with its definition."""
    found = find(environment, name)
    return now_of(environment, found)


def find(environment: Environment, name: str) -> Campaign:
    """Raises Problem (404) if none of this name was scheduled."""
    found = Campaigns(environment.catalog).get(name) if is_name(name) else None
    if found is None:
        raise not_found("there is no campaign of this name; `kervan campaigns list` names those there are")
    return found


def now_of(environment: Environment, campaign: Campaign) -> dict[str, Any]:
    """One campaign as it stands, with its definition."""
    progress = Campaigns(environment.catalog).progress(campaign)
    release = Releases(environment.catalog).current()
    return shown(campaign, progress, release, environment.clock.now()) | details(campaign)


def shown(campaign: Campaign, progress: Progress, release: Release, now: datetime) -> dict[str, Any]:
    """``open``: handed over and without an outcome yet, or in the end ``uncounted``; ``waiting``: their local time has
    not come."""
    definition = campaign.definition
    return {
        "name": campaign.name,
        "state": progress.standing(campaign),
        "segment": definition.segment,
        "segments": list(definition.included),
        "except": list(definition.excluded),
        "send": definition.send,
        "channels": list(definition.channels),
        "at": _at(definition.at),
        "begins": time_text(campaign.begins),
        "local_time": definition.local_time,
        "scheduled_at": time_text(campaign.scheduled_at),
        "cancelled_at": None if campaign.cancelled_at is None else time_text(campaign.cancelled_at),
        "release": campaign.release,
        "estimate": campaign.estimate,
        "estimate_at_least": campaign.at_least,
        "stopped": None if campaign.stopped is None else stopped_json(campaign.stopped),
        "walked": progress.walked,
        "left_out": progress.excluded,
        "waiting": progress.waiting,
        "handed_over": progress.handed,
        "open": progress.open(campaign, now),
        "uncounted": progress.uncounted(campaign, now),
        "sent": progress.outcomes.get("sent", 0),
        "outcomes": dict(sorted(progress.outcomes.items())),
        "warnings": list(_warnings(campaign, progress, release)),
    }


def details(campaign: Campaign) -> dict[str, Any]:
    definition = campaign.definition
    return {
        "definition": definition.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude={"test"}),
        "says": {"tr": describe_campaign(definition, "tr"), "en": describe_campaign(definition, "en")},
    }


def stopped_json(stopped: Stopped) -> dict[str, Any]:
    """Why a campaign stopped by itself: which of its own messages' reports passed which limit, in per cent."""
    found = stopped.found
    return {
        "because": stopped.because,
        "limit": float(stopped.limit),
        "sent": found.sent,
        "bounced": found.bounced,
        "complained": found.complained,
    }


def _warnings(campaign: Campaign, progress: Progress, release: Release) -> Iterator[str]:
    """A segment that is taken out of the definitions loses its members, and the campaign would end without a word."""
    definition, state = campaign.definition, progress.standing(campaign)
    unsaid = state in {"scheduled", "running"} or (state == "done" and not progress.walked)
    for segment in definition.included if unsaid else ():
        if release.segment(segment) is None:
            gone = f"the segment {segment} is no longer published, so it has no members"
            yield f"{gone}; publish it again, or cancel this"
    for segment in definition.excluded if state in {"scheduled", "running"} else ():
        if release.segment(segment) is None:
            yield f"the segment {segment} is no longer published; it is left out by the rule it had at scheduling"


def _at(at: datetime | str) -> str:
    return at.isoformat() if isinstance(at, datetime) else at
