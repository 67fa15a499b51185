"""Today: what goes out, what waits, what does not work, and the switch that stops everything."""

from __future__ import annotations

from functions.console.page import page
from functions.console.rights import Right
from functions.console.shop import shop_of
from functions.console.visit import Visit
from shared.http.answers import Answer
from shared.operators.channels import channels
from shared.operators.controls import controls
from shared.operators.journeys import journeys
from shared.operators.segment_state import segment_state
from shared.queries.due_cases import due_cases
from shared.stores.releases import Releases


def show(visit: Visit) -> Answer:
    """The switches, the channels and the health; what waits is counted by a request of its own."""
    environment = visit.environment
    release = Releases(environment.catalog).current()
    return page(
        visit,
        "today.html",
        shop=shop_of(release),
        release=release.number,
        controls=controls(environment),
        channels=channels(environment)["items"],
        state=segment_state(environment.catalog, release),
        due=due_cases(environment.catalog, environment.clock.now()) if visit.may(Right.PEOPLE_RIGHTS) else None,
    )


def waiting(visit: Visit) -> Answer:
    """How many enrollments of each journey wait, and when the next is due."""
    environment = visit.environment
    release = Releases(environment.catalog).current()
    found = journeys(environment)["items"]
    return page(visit, "today_waiting.html", shop=shop_of(release), journeys=found)
