"""``/v1/audiences``: lists at advertising platforms that follow a segment."""

from __future__ import annotations

from functions.admin.call import Reply, call_of, new_router, reply
from functions.admin.models.audiences import AudienceList
from functions.admin.operation import operation

router = new_router()
TAG = "audiences"


@router.get("/v1/audiences", **operation("audiences", "Lists at advertising platforms", TAG, {200: AudienceList}))
def show() -> Reply:
    from shared.operators import audiences

    return reply(audiences.audiences(call_of(router).environment))
