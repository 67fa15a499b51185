"""``/v1/customers/{identifier}/links``, ``/release`` and ``/relink``: why identifiers are one customer."""

from __future__ import annotations

from functions.admin.call import Reply, call_of, given, new_router, reply
from functions.admin.models.links import LinkList, VerdictAnswer, VerdictRequest
from functions.admin.operation import operation
from functions.admin.parameters import CursorText, Identifier, Limit

router = new_router()
TAG = "customers"


@router.get(
    "/v1/customers/<identifier>/links",
    **operation("links", "Why these identifiers are one customer", TAG, {200: LinkList}, 400, 404),
)
def list_links(identifier: Identifier, limit: Limit = None, cursor: CursorText = None) -> Reply:
    from shared.operators import links

    return reply(links.links(call_of(router).environment, identifier, given(limit=limit, cursor=cursor)))


@router.post(
    "/v1/customers/<identifier>/release",
    **operation("release", "Take an identifier from an owner", TAG, {202: VerdictAnswer}, 400, 409, 413),
)
def release(identifier: Identifier, verdict: VerdictRequest) -> Reply:
    return _store(identifier, "release", verdict)


@router.post(
    "/v1/customers/<identifier>/relink",
    **operation("relink", "Bring an identifier back to an owner", TAG, {202: VerdictAnswer}, 400, 409, 413),
)
def relink(identifier: Identifier, verdict: VerdictRequest) -> Reply:
    return _store(identifier, "relink", verdict)


def _store(identifier: str, action: str, verdict: VerdictRequest) -> Reply:
    from shared.operators import link_verdicts

    call = call_of(router)
    wanted = link_verdicts.WantedVerdict(verdict.owner, verdict.reason, verdict.messageId)
    return reply(link_verdicts.store_verdict(call.environment, identifier, action, wanted, call.source), 202)
