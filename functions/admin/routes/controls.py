"""``/v1/controls``: the switches over all messages."""

from __future__ import annotations

from functions.admin.call import Reply, call_of, new_router, reply
from functions.admin.models.controls import ControlsAnswer, ControlsRequest
from functions.admin.operation import operation

router = new_router()
TAG = "controls"


@router.get("/v1/controls", **operation("controls", "What is switched on", TAG, {200: ControlsAnswer}))
def show_controls() -> Reply:
    from shared.operators import controls

    return reply(controls.controls(call_of(router).environment))


@router.put(
    "/v1/controls",
    **operation("changeControls", "Change the switches at once", TAG, {200: ControlsAnswer}, 400, 409, 413),
)
def change_controls(wanted: ControlsRequest) -> Reply:
    from shared.operators import controls

    call = call_of(router)
    return reply(controls.change(call.environment, wanted.model_dump(exclude_unset=True), call.source))
