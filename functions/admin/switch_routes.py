"""Which of the switches and coupons a path means."""

from __future__ import annotations

from functions.admin import controls, coupons, journeys
from functions.admin.environment import Environment
from shared.domain.events.event import Source
from shared.http.answers import not_found, wrong_method
from shared.http.request import Request


def read(request: Request, environment: Environment) -> object:
    """``GET /v1/controls``, ``/v1/coupons``, ``/v1/coupons/{name}/codes/{code}``.

    Raises
    ------
    Problem
        404 for anything else.
    """
    match request.path[1:]:
        case ("controls",):
            return controls.controls(environment)
        case ("coupons",):
            return coupons.coupons(environment)
        case ("coupons", name, "codes", text):
            return coupons.code(environment, name, text)
        case ("coupons", _, "codes"):
            raise wrong_method("POST")
        case _:
            raise not_found("there is nothing here; try /v1/controls, /v1/coupons or /v1/coupons/CART10/codes/<code>")


def switch(request: Request, environment: Environment, source: Source) -> object:
    """``PUT /v1/controls`` and ``PUT /v1/journeys/{name}/state``.

    Raises
    ------
    Problem
        405 for any other path.
    """
    match request.path[1:]:
        case ("controls",):
            return controls.change(request, environment, source)
        case ("journeys", name, "state"):
            return journeys.switch(request, environment, name, source)
        case _:
            raise wrong_method("GET")
