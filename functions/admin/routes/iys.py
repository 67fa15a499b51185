"""``/v1/iys``: the exchange with Turkey's register of consent."""

from __future__ import annotations

from functions.admin.call import Reply, call_of, given, new_router, reply
from functions.admin.models.iys import IysAgain, IysAnswer, IysList, IysRows, IysRowsAnswer, IysUnreadableList
from functions.admin.operation import operation
from functions.admin.parameters import CursorText, IysState, Limit

router = new_router()
TAG = "iys"


@router.get("/v1/iys", **operation("iys", "How the exchange with IYS stands", TAG, {200: IysAnswer}))
def show() -> Reply:
    from shared.operators import iys

    return reply(iys.iys_standing(call_of(router).environment))


@router.get(
    "/v1/iys/statements",
    **operation(
        "iysStatements", "Recipients whose statements are due, on their way or refused", TAG, {200: IysList}, 400
    ),
)
def list_statements(state: IysState = None, limit: Limit = None, cursor: CursorText = None) -> Reply:
    from shared.operators import iys

    return reply(iys.iys_statements(call_of(router).environment, given(state=state, limit=limit, cursor=cursor)))


@router.get(
    "/v1/iys/unreadable",
    **operation("iysUnreadable", "Changes of IYS that could not be read", TAG, {200: IysUnreadableList}),
)
def unreadable() -> Reply:
    from shared.operators import iys

    return reply(iys.unreadable_changes(call_of(router).environment))


@router.post(
    "/v1/iys/rows",
    **operation("iysRows", "Take rows of the file of IYS; repeating it is safe", TAG, {200: IysRowsAnswer}, 400, 413),
)
def take_rows(wanted: IysRows) -> Reply:
    from shared.operators import iys

    return reply(iys.take_rows(wanted.rows, call_of(router).environment.iys_tasks))


@router.post("/v1/iys/retries", **operation("iysRetries", "Tell IYS once more what it refused", TAG, {200: IysAgain}))
def retry() -> Reply:
    from shared.operators import iys

    environment = call_of(router).environment
    return reply(iys.try_again(environment, environment.iys_tasks))
