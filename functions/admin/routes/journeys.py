"""``/v1/journeys``: whether journeys run, and the switch of each."""

from __future__ import annotations

from functions.admin.call import Reply, call_of, new_router, reply
from functions.admin.models.journeys import Journeys, JourneyState, StateRequest
from functions.admin.operation import operation
from functions.admin.parameters import JourneyName

router = new_router()
TAG = "journeys"


@router.get(
    "/v1/journeys", **operation("journeys", "Journeys, and how many enrollments wait where", TAG, {200: Journeys})
)
def list_journeys() -> Reply:
    from shared.operators import journeys

    return reply(journeys.journeys(call_of(router).environment))


@router.put(
    "/v1/journeys/<name>/state",
    **operation("switchJourney", "Run, pause or stop a journey at once", TAG, {200: JourneyState}, 400, 404, 413),
)
def switch_journey(name: JourneyName, wanted: StateRequest) -> Reply:
    from shared.operators import journeys

    call = call_of(router)
    return reply(journeys.switch(call.environment, name, wanted.state, call.source))
