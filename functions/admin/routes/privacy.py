"""``/v1/customers/{identifier}/export``, ``/erasure`` and ``/cases``, ``/v1/erasures`` and ``/v1/cases``: the rights of
a person."""

from __future__ import annotations

from functions.admin.call import Reply, call_of, given, new_router, reply
from functions.admin.models.cases import CaseActionRequest, CaseAnswer, CaseList, CaseRequest, CustomerCases
from functions.admin.models.erasures import ErasureAnswer, ErasureList, ErasureRequest
from functions.admin.models.export import Export
from functions.admin.operation import operation
from functions.admin.parameters import CaseId, CaseStateText, CursorText, ErasureId, Identifier, Limit

router = new_router()
TAG = "privacy"


@router.get(
    "/v1/customers/<identifier>/export",
    **operation("export", "Everything that is known of a person; events by pages", TAG, {200: Export}, 400, 404),
)
def show_export(identifier: Identifier, limit: Limit = None, cursor: CursorText = None) -> Reply:
    from shared.operators import export

    return reply(export.export(call_of(router).environment, identifier, given(limit=limit, cursor=cursor)))


@router.post(
    "/v1/customers/<identifier>/erasure",
    **operation("erase", "Erase a person", TAG, {200: ErasureAnswer, 202: ErasureAnswer}, 400, 404, 413),
)
def erase(identifier: Identifier, request: ErasureRequest) -> Reply:
    from functions.admin import cases

    call = call_of(router)
    return reply(*cases.erase(call.environment, identifier, request, call.source))


@router.get("/v1/erasures", **operation("erasures", "Erasures, the newest first", TAG, {200: ErasureList}, 400))
def list_erasures(limit: Limit = None, cursor: CursorText = None) -> Reply:
    from shared.operators import erasures

    return reply(erasures.list_erasures(call_of(router).environment, given(limit=limit, cursor=cursor)))


@router.get(
    "/v1/erasures/<erasure_id>", **operation("erasure", "One erasure, as its proof", TAG, {200: ErasureAnswer}, 404)
)
def show_erasure(erasure_id: ErasureId) -> Reply:
    from shared.operators import erasures

    return reply(erasures.erasure(call_of(router).environment, erasure_id))


@router.post(
    "/v1/customers/<identifier>/cases",
    **operation("openCase", "Note what a person asks for", TAG, {200: CaseAnswer, 201: CaseAnswer}, 400, 404, 413),
)
def open_case(identifier: Identifier, request: CaseRequest) -> Reply:
    from functions.admin import cases

    call = call_of(router)
    return reply(*cases.open_case(call.environment, identifier, request, call.source))


@router.get(
    "/v1/customers/<identifier>/cases",
    **operation("customerCases", "What a person asked for, the newest first", TAG, {200: CustomerCases}, 400),
)
def customer_cases(identifier: Identifier) -> Reply:
    from shared.operators import cases

    return reply(cases.cases_of(call_of(router).environment, identifier))


@router.get("/v1/cases", **operation("cases", "Requests of people, the newest first", TAG, {200: CaseList}, 400))
def list_cases(limit: Limit = None, cursor: CursorText = None, state: CaseStateText = None) -> Reply:
    from shared.operators import cases

    return reply(cases.list_cases(call_of(router).environment, given(limit=limit, cursor=cursor, state=state)))


@router.get("/v1/cases/<case_id>", **operation("case", "One case with its log", TAG, {200: CaseAnswer}, 404))
def show_case(case_id: CaseId) -> Reply:
    from functions.admin import cases

    return reply(cases.show(call_of(router).environment, case_id))


@router.post(
    "/v1/cases/<case_id>",
    **operation("decideCase", "Carry a case out, refuse it, or lift it", TAG, {200: CaseAnswer}, 400, 404, 409, 413),
)
def decide_case(case_id: CaseId, request: CaseActionRequest) -> Reply:
    from functions.admin import cases

    call = call_of(router)
    return reply(cases.decide(call.environment, case_id, request, call.source))
