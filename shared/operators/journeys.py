"""``GET /v1/journeys`` and ``PUT /v1/journeys/{name}/state``: whether journeys run, and how many wait where."""

from __future__ import annotations

from typing import Any

from shared.domain.definitions.shop import Strict
from shared.domain.events.event import Source
from shared.domain.messages.request import campaign_switch
from shared.http.answers import not_found
from shared.operators.environment import Environment
from shared.stores.journey_controls import JourneyControls, Switch
from shared.stores.releases import Releases
from shared.stores.waiting_enrollments import Waiting, waiting_enrollments

COUNT_AT_MOST = 10_000


def journeys(environment: Environment) -> dict[str, Any]:
    """The journeys of the current release and those that have runs yet: whether they run, and how many wait where.

    ``live`` counts runs, ``waiting`` them by the step that they wait for (empty: for their end); at least so many where
    ``live_at_least`` says so.
    """
    release = Releases(environment.catalog).current()
    controls = JourneyControls(environment.catalog).read()
    overview = waiting_enrollments(environment.timers, environment.customers, COUNT_AT_MOST)
    published = [definition.journey for definition in release.journeys]
    items = []
    for name in (*published, *sorted(overview.journeys.keys() - set(published))):
        definition, waiting = release.journey(name), overview.journeys.get(name, Waiting())
        items.append(
            {
                "name": name,
                "label": definition.label if definition else {},
                "state": controls.get(name, "running"),
                "live": waiting.live,
                "live_at_least": not overview.complete,
                "waiting": dict(sorted(waiting.steps.items())),
                "next_at": waiting.soonest or None,
                "start": _plain(definition.start) if definition else None,
                "steps": [_plain(step) for step in definition.steps] if definition else [],
                "release": release.number if definition else None,
            }
        )
    return {"items": items, "cursor": None}


def switch(environment: Environment, name: str, state: Switch, source: Source) -> dict[str, Any]:
    """Run, pause or stop a journey at once.

    Raises
    ------
    Problem
        404 for a journey that was never published or switched, and for a campaign: what was cancelled stays so.
    """
    switches = JourneyControls(environment.catalog)
    # A journey that is taken out of the definitions may have runs yet: what was switched once can be switched again.
    known = Releases(environment.catalog).current().journey(name) is not None or name in switches.read()
    if not known or name.startswith(campaign_switch("")):
        raise not_found("there is no journey of this name in the published release")
    switches.set(name, state, environment.clock.now(), source.name)
    return {"name": name, "state": state}


def _plain(part: Strict) -> dict[str, Any]:
    return part.model_dump(mode="json", by_alias=True, exclude_none=True)
