"""Journeys as plans: what begins them, their steps, how many wait at each; paused, resumed and stopped here."""

from __future__ import annotations

from typing import get_args

from functions.console.changes import noted
from functions.console.page import ROOT, page, redirect
from functions.console.rights import Right
from functions.console.sending import operator
from functions.console.shop import ShopView, shop_of
from functions.console.visit import Visit
from shared.domain.definitions.release import Release
from shared.domain.journeys.definition import JourneyDefinition
from shared.domain.journeys.describe import describe_start
from shared.domain.journeys.describe_condition import describe_condition
from shared.domain.journeys.describe_step import describe_steps
from shared.http.answers import Answer, malformed, not_found
from shared.operators.journeys import journeys, switch
from shared.stores.drafts import Drafts
from shared.stores.journey_controls import JourneyControls, Switch
from shared.stores.releases import Releases


def show(visit: Visit) -> Answer:
    """The published journeys and whether they run; who waits is counted by a request of its own."""
    release, shop = _release(visit)
    states = JourneyControls(visit.environment.catalog).read()
    listed = [
        (one, describe_start(one, visit.language), states.get(one.journey, "running")) for one in release.journeys
    ]
    return page(visit, "journeys.html", shop=shop, release=release.number, listed=listed)


def counts(visit: Visit) -> Answer:
    """How many enrollments of each journey wait, and at which steps."""
    _, shop = _release(visit)
    return page(visit, "journeys_counts.html", shop=shop, items=journeys(visit.environment)["items"])


def one(visit: Visit, name: str) -> Answer:
    """One journey from its beginning to its end."""
    release, shop = _release(visit)
    definition = _journey(release, name)
    state = JourneyControls(visit.environment.catalog).read().get(name, "running")
    stop = definition.stop_when
    return page(
        visit,
        "journey.html",
        shop=shop,
        journey=definition,
        state=state,
        draft=visit.may(Right.EDIT) and Drafts(visit.environment.catalog).get(f"journey/{name}") is not None,
        start=describe_start(definition, visit.language),
        stop=None if stop is None else describe_condition(stop, visit.language),
        steps=list(zip(definition.steps, describe_steps(definition.steps, visit.language), strict=True)),
    )


def confirm(visit: Visit, name: str, state: str) -> Answer:
    """What will happen to those who are in it, before it does."""
    release, shop = _release(visit)
    definition = _journey(release, name)
    _switch(state)
    return page(visit, "journey_switch.html", shop=shop, journey=definition, state=state)


def set_state(visit: Visit, name: str, state: str) -> Answer:
    """Acts at once. A stop ends every enrollment for good, so it asks for the journey's name."""
    wanted = _switch(state)
    if wanted == "stopped" and visit.form.get("name", "").strip() != name:
        raise malformed("the name is not that of the journey")
    with noted(visit, f"journey.{wanted}", {"journey": name[:100]}):
        switch(visit.environment, name, wanted, operator(visit))
    return redirect(visit, f"{ROOT}/journeys/{name}")


def _switch(state: str) -> Switch:
    for known in get_args(Switch):
        if state == known:
            return known  # type: ignore[no-any-return]
    raise not_found("a journey runs, is paused or stopped")


def _journey(release: Release, name: str) -> JourneyDefinition:
    found = release.journey(name)
    if found is None:
        raise not_found("there is no such journey")
    return found


def _release(visit: Visit) -> tuple[Release, ShopView]:
    release = Releases(visit.environment.catalog).current()
    return release, shop_of(release)
