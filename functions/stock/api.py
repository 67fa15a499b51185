"""The Lambda function behind the paths of stock in the HTTP API."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from functions.stock import returns
from functions.stock.authorize import authorize
from functions.stock.environment import Environment, environment
from shared.adapters.cursors import InvalidCursor
from shared.adapters.handler_errors import without_values
from shared.http.always_answer import always_answer
from shared.http.answers import Answer, Problem, answer, malformed, not_found, preflight, wrong_method
from shared.http.json_body import json_object
from shared.http.request import Request
from shared.operators.stock import levels, movements, pickups, products, reservations

# Not Powertools and no models: a till waits for the answer. Nothing that was sent is ever logged.
log = logging.getLogger("kervan.stock")
log.setLevel(logging.INFO)

RESOURCES = frozenset({"stock", "locations", "products"})
"""What may follow ``/v1/``; the HTTP API sends these paths here (infra/api.py)."""
MOST_BYTES = 100_000
_PRIVATE = {"cache-control": "private, no-store"}
Route = Callable[[Environment, Request], dict[str, Any]]


@without_values
def handler(event: dict[str, Any], _context: object) -> Answer:
    """Answer one request; every outcome is an answer, no exception leaves."""
    return always_answer(event, lambda request: route(request, environment), log)


def route(request: Request, environment_of: Callable[[], Environment]) -> Answer:
    """Answers the request; every path needs a key of the shop. ``environment_of`` is called when it is needed.

    Raises
    ------
    Problem
        For every request that is refused.
    """
    if request.path[0] != "v1" or len(request.path) < 2 or request.path[1] not in RESOURCES:
        raise not_found("there is no such path; try /v1/stock/SKU, /v1/stock/movements or /v1/locations")
    if request.method == "OPTIONS":
        return preflight()
    composed = environment_of()
    admin = authorize(request, composed, only_admin=request.method == "PUT" and request.path[1] == "locations")
    found = _route_of(request, admin=admin)
    if isinstance(found, Problem):
        raise found
    try:
        return answer(found(composed, request), headers=_PRIVATE)
    except InvalidCursor as broken:
        raise malformed(str(broken)) from broken


def _route_of(request: Request, *, admin: bool) -> Route | Problem:
    """What answers the request, or why nothing does."""
    match request.path[1]:
        case "stock" if request.path[2:3] == ("pickups",):
            return _pickups(request, admin=admin)
        case "stock":
            return _stock(request)
        case "locations":
            return _locations(request)
        case _:
            return _products(request)


def _stock(request: Request) -> Route | Problem:
    match (request.method, *request.path[2:]):
        case ("POST", "movements"):
            return lambda composed, asked: movements.move(composed, _body(asked))
        case ("POST", "reservations"):
            return lambda composed, asked: reservations.create(composed, _body(asked))
        case ("POST", "reservations", id_, "release"):
            return lambda composed, asked: reservations.release(composed, id_, _body(asked))
        case ("GET", "reservations", id_):
            return lambda composed, _asked: reservations.show(composed, id_)
        case ("POST", "returns"):
            return lambda composed, asked: returns.take_back(composed, _body(asked))
        case (_, "movements" | "reservations" | "returns") | (_, "reservations", _, "release"):
            return wrong_method("POST")
        case ("GET", sku) if sku:
            return lambda composed, _asked: levels.show(composed, sku)
        case _:
            return _nothing(request, "GET", "try /v1/stock/SKU, /v1/stock/movements or /v1/stock/reservations")


def _pickups(request: Request, *, admin: bool) -> Route | Problem:
    match (request.method, *request.path[3:]):
        case ("POST",):
            return lambda composed, asked: pickups.create(composed, _body(asked))
        case ("GET", id_):
            return lambda composed, _asked: pickups.show(composed, id_)
        case ("POST", id_, "ready"):
            return lambda composed, asked: pickups.ready(composed, id_, _body(asked))
        case ("POST", id_, "collect"):
            return lambda composed, asked: pickups.collect(composed, id_, _body(asked), admin=admin)
        case ("POST", id_, "cancel"):
            return lambda composed, asked: pickups.cancel(composed, id_, _body(asked))
        case _:
            method = "GET" if len(request.path) == 4 else "POST"
            return _nothing(request, method, "try /v1/stock/pickups, or /ready, /collect, /cancel below a pick-up")


def _locations(request: Request) -> Route | Problem:
    match (request.method, *request.path[2:]):
        case ("GET",):
            return lambda composed, _asked: levels.locations(composed)
        case ("PUT", name):
            return lambda composed, asked: levels.put_location(composed, name, _body(asked))
        case _:
            return _nothing(request, "PUT" if len(request.path) == 3 else "GET", "try /v1/locations")


def _products(request: Request) -> Route | Problem:
    match (request.method, *request.path[2:]):
        case ("GET",):
            return lambda composed, asked: products.search(composed, asked.query)
        case ("POST",):
            return lambda composed, asked: products.put_batch(composed, _body(asked, products.MOST_BYTES))
        case ("GET", id_) if id_:
            return lambda composed, _asked: products.show(composed, id_)
        case ("PUT", id_) if id_:
            return lambda composed, asked: products.put_one(composed, id_, _body(asked))
        case _:
            return _nothing(request, "GET", "try /v1/products or /v1/products/SKU")


def _nothing(request: Request, method: str, instead: str) -> Problem:
    """404 with what is there; 405 for another method than that of the path."""
    return not_found(f"there is nothing here; {instead}") if request.method == method else wrong_method(method)


def _body(request: Request, most: int = MOST_BYTES) -> dict[str, Any]:
    return json_object(request, at_most=most)
