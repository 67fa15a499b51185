"""``/v1/sources``: what each source sent, and taking back forged withdrawals of one."""

from __future__ import annotations

from functions.admin.call import Reply, call_of, new_router, reply
from functions.admin.models.sources import Sources, TakeBackAnswer, TakeBackRequest
from functions.admin.operation import operation
from functions.admin.parameters import SourceName

router = new_router()
SECONDS = 12.0
"""For one part of a taking back; the function has 25 seconds."""


@router.get("/v1/sources", **operation("sources", "What each source sent in 24 hours", "sources", {200: Sources}))
def list_sources() -> Reply:
    from shared.operators import sources

    return reply(sources.sources(call_of(router).environment))


@router.post(
    "/v1/sources/<name>/take-back",
    **operation(
        "takeWithdrawalsBack",
        "Take forged withdrawals of a public source back",
        "sources",
        {200: TakeBackAnswer},
        400,
        404,
        409,
        413,
    ),
)
def take_back(name: SourceName, asked: TakeBackRequest) -> Reply:
    import time

    from functions.admin import taking_back

    until = time.monotonic() + SECONDS
    call = call_of(router)
    return reply(taking_back.take_back(call.environment, name, asked, call.source, lambda: time.monotonic() < until))
