"""``/v1/retention``: how long people are kept."""

from __future__ import annotations

from functions.admin.call import Reply, call_of, new_router, reply
from functions.admin.models.retention import RetentionAnswer
from functions.admin.operation import operation

router = new_router()


@router.get(
    "/v1/retention",
    **operation("retention", "How long people are kept, and who is due", "privacy", {200: RetentionAnswer}),
)
def show() -> Reply:
    from shared.operators import retention

    return reply(retention.retention(call_of(router).environment))
