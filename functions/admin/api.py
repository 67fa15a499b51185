"""The Lambda function behind the operators' paths of the HTTP API."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from functions.admin.environment import Environment, environment
from shared.http.always_answer import always_answer
from shared.http.answers import Answer, not_found, preflight, wrong_method
from shared.http.request import Request

log = logging.getLogger("kervan.admin")
log.setLevel(logging.INFO)

RESOURCES = frozenset({"customers", "segments", "journeys", "campaigns", "controls", "coupons", "reports", "sources"})
"""What may follow ``/v1/``; the HTTP API sends these paths here (infra/api.py)."""
DRAFTS = (("preview",), ("explain",))
"""What may be asked about a segment that is not published."""


def handler(event: dict[str, Any], _context: object) -> Answer:
    """Answer one request; every outcome is an answer, no exception leaves."""
    return always_answer(event, lambda request: respond(request, environment), log)


def respond(request: Request, compose: Callable[[], Environment]) -> Answer:
    """GET reads, POST and PUT change; all of it with the admin key. ``compose`` gives the environment when needed.

    Raises
    ------
    Problem
        For every request that is refused.
    """
    version, name = (*request.path, "", "")[:2]
    if version != "v1" or name not in RESOURCES:
        raise not_found("there is no such path; try /v1/customers/user:42, /v1/segments or /v1/journeys")
    if request.method == "OPTIONS":
        return preflight()
    may_post = name == "campaigns" or (name == "customers" and len(request.path) > 3)
    may_post = may_post or (name == "segments" and request.path[2:] in DRAFTS)
    may_post = may_post or (name == "coupons" and len(request.path) == 4)
    may_put = request.path[1:] == ("controls",) or (name == "journeys" and request.path[3:] == ("state",))
    allowed = {"GET", *(["POST"] if may_post else []), *(["PUT"] if may_put else [])}
    if request.method not in allowed:
        raise wrong_method("PUT" if may_put and name == "journeys" else "GET")
    from functions.admin import routes

    route = {"GET": routes.read, "POST": routes.act, "PUT": routes.switch}[request.method]
    return route(request, compose())
