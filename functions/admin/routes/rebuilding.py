"""``/v1/customers/{identifier}/rebuild``: a customer anew from the log."""

from __future__ import annotations

from functions.admin.call import Reply, call_of, new_router, reply
from functions.admin.models.rebuilding import RebuildAnswer
from functions.admin.operation import operation
from functions.admin.parameters import Identifier

router = new_router()


@router.post(
    "/v1/customers/<identifier>/rebuild",
    **operation("rebuild", "Make a customer anew from the log", "customers", {202: RebuildAnswer}, 400, 404),
)
def rebuild(identifier: Identifier) -> Reply:
    from functions.admin import rebuilding

    return reply(rebuilding.rebuild(call_of(router).environment, identifier), 202)
