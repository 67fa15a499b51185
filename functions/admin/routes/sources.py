"""``/v1/sources``: what each source sent."""

from __future__ import annotations

from functions.admin.call import Reply, call_of, new_router, reply
from functions.admin.models.sources import Sources
from functions.admin.operation import operation

router = new_router()


@router.get("/v1/sources", **operation("sources", "What each source sent in 24 hours", "sources", {200: Sources}))
def list_sources() -> Reply:
    from shared.operators import sources

    return reply(sources.sources(call_of(router).environment))
