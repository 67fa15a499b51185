"""The Lambda function behind the paths of stock in the HTTP API."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from functions.stock import levels, movements, reservations
from functions.stock.authorize import authorize
from functions.stock.environment import Environment, environment
from shared.http.always_answer import always_answer
from shared.http.answers import Answer, Problem, answer, not_found, preflight, wrong_method
from shared.http.json_body import json_object
from shared.http.request import Request

# Not Powertools and no models: a till waits for the answer. Nothing that was sent is ever logged.
log = logging.getLogger("kervan.stock")
log.setLevel(logging.INFO)

RESOURCES = frozenset({"stock", "locations"})
"""What may follow ``/v1/``; the HTTP API sends these paths here (infra/api.py)."""
MOST_BYTES = 100_000
_PRIVATE = {"cache-control": "private, no-store"}
Route = Callable[[Environment, Request], dict[str, Any]]


def handler(event: dict[str, Any], _context: object) -> Answer:
    """Answer one request; every outcome is an answer, no exception leaves."""
    return always_answer(event, lambda request: respond(request, environment), log)


def respond(request: Request, compose: Callable[[], Environment]) -> Answer:
    """``compose`` gives the environment when needed.

    Raises
    ------
    Problem
        For every request that is refused.
    """
    if request.path[0] != "v1" or len(request.path) < 2 or request.path[1] not in RESOURCES:
        raise not_found("there is no such path; try /v1/stock/SKU, /v1/stock/movements or /v1/locations")
    if request.method == "OPTIONS":
        return preflight()
    composed = compose()
    authorize(request, composed, only_admin=request.method == "PUT")
    found = _route(request)
    if isinstance(found, Problem):
        raise found
    return answer(found(composed, request), headers=_PRIVATE)


def _route(request: Request) -> Route | Problem:
    """What answers the request, or why nothing does."""
    match (request.method, *request.path[1:]):
        case ("POST", "stock", "movements"):
            return lambda composed, asked: movements.move(composed, _body(asked))
        case ("POST", "stock", "reservations"):
            return lambda composed, asked: reservations.create(composed, _body(asked))
        case ("POST", "stock", "reservations", id_, "release"):
            return lambda composed, asked: reservations.release(composed, id_, _body(asked))
        case ("GET", "stock", "reservations", id_):
            return lambda composed, _asked: reservations.show(composed, id_)
        case ("GET", "stock", "movements" | "reservations"):
            return wrong_method("POST")
        case ("GET", "stock", sku) if sku:
            return lambda composed, _asked: levels.show(composed, sku)
        case ("GET", "locations"):
            return lambda composed, _asked: levels.locations(composed)
        case ("PUT", "locations", name):
            return lambda composed, asked: levels.put_location(composed, name, _body(asked))
        case (_, "locations", _):
            return wrong_method("PUT")
        case ("POST" | "PUT" | "DELETE" | "PATCH", *_):
            return wrong_method("GET")
        case _:
            return not_found("there is nothing here; try /v1/stock/SKU, /v1/stock/movements or /v1/locations")


def _body(request: Request) -> dict[str, Any]:
    return json_object(request, at_most=MOST_BYTES)
