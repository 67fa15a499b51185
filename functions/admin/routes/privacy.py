"""``/v1/customers/{identifier}/export`` and ``/erasure``, ``/v1/erasures``: the rights of a person."""

from __future__ import annotations

from functions.admin.call import Reply, call_of, given, new_router, reply
from functions.admin.models.erasures import ErasureAnswer, ErasureList, ErasureRequest
from functions.admin.models.export import Export
from functions.admin.operation import operation
from functions.admin.parameters import CursorText, ErasureId, Identifier, Limit

router = new_router()
TAG = "privacy"


@router.get(
    "/v1/customers/<identifier>/export",
    **operation("export", "Everything that is known of a person; events by pages", TAG, {200: Export}, 400, 404),
)
def show_export(identifier: Identifier, limit: Limit = None, cursor: CursorText = None) -> Reply:
    from functions.admin import export

    return reply(export.export(call_of(router).environment, identifier, given(limit=limit, cursor=cursor)))


@router.post(
    "/v1/customers/<identifier>/erasure",
    **operation("erase", "Erase a person", TAG, {200: ErasureAnswer, 202: ErasureAnswer}, 400, 404, 413),
)
def erase(identifier: Identifier, request: ErasureRequest) -> Reply:
    from functions.admin import erasures

    call = call_of(router)
    return reply(*erasures.ask_erasure(call.environment, identifier, request, call.source))


@router.get("/v1/erasures", **operation("erasures", "Erasures, the newest first", TAG, {200: ErasureList}, 400))
def list_erasures(limit: Limit = None, cursor: CursorText = None) -> Reply:
    from functions.admin import erasures

    return reply(erasures.list_erasures(call_of(router).environment, given(limit=limit, cursor=cursor)))


@router.get(
    "/v1/erasures/<erasure_id>", **operation("erasure", "One erasure, as its proof", TAG, {200: ErasureAnswer}, 404)
)
def show_erasure(erasure_id: ErasureId) -> Reply:
    from functions.admin import erasures

    return reply(erasures.erasure(call_of(router).environment, erasure_id))
