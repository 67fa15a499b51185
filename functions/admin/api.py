"""The Lambda function behind the operators' paths of the HTTP API."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from functions.admin.authorize import authorize
from functions.admin.environment import Environment, environment
from functions.admin.methods import check_method, check_path
from shared.adapters.handler_errors import without_values
from shared.http.always_answer import always_answer
from shared.http.answers import Answer, not_found, preflight, wrong_method
from shared.http.request import Request

log = logging.getLogger("kervan.admin")
log.setLevel(logging.INFO)

RESOURCES = frozenset(
    {
        "customers",
        "segments",
        "journeys",
        "campaigns",
        "channels",
        "controls",
        "coupons",
        "deadletters",
        "reports",
        "sources",
        "templates",
        "erasures",
        "cases",
        "iys",
        "audiences",
        "retention",
    }
)
"""What may follow ``/v1/``; the HTTP API sends these paths here (infra/api.py)."""
DOCUMENT = ("v1", "openapi.json")


@without_values
def handler(event: dict[str, Any], _context: object) -> Answer:
    """Answer one request; every outcome is an answer, no exception leaves."""
    return always_answer(event, lambda request: route(request, environment), log)


def route(request: Request, environment_of: Callable[[], Environment]) -> Answer:
    """GET reads, POST and PUT change; all of it with the admin key. ``environment_of`` is called when it is needed.

    Raises
    ------
    Problem
        For every request that is refused.
    """
    version, name = (*request.path, "", "")[:2]
    if request.path == DOCUMENT:
        return _document(request)
    if version != "v1" or name not in RESOURCES:
        raise not_found("there is no such path; try /v1/customers/user:42, /v1/segments or /v1/journeys")
    if request.method == "OPTIONS":
        return preflight()
    check_method(request)
    composed = environment_of()
    source = authorize(request, composed)
    check_path(request)
    from functions.admin.call import Call
    from functions.admin.resolver import resolve

    return resolve(Call(request, composed, source))


def _document(request: Request) -> Answer:
    """What this API is; anybody may read that."""
    if request.method == "OPTIONS":
        return preflight()
    if request.method != "GET":
        raise wrong_method("GET")
    from functions.admin.document.openapi import document_text

    headers = {"content-type": "application/json", "cache-control": "public, max-age=300"}
    return {"statusCode": 200, "headers": headers, "body": document_text(), "isBase64Encoded": False}
