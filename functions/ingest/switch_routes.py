"""Which of the switches and coupons a path means."""

from __future__ import annotations

from functions.ingest import controls_words, coupon_words
from functions.ingest.answers import not_found, wrong_method
from functions.ingest.environment import Environment
from functions.ingest.request import Request
from shared.domain.events.event import Source


def read(request: Request, environment: Environment) -> object:
    """``GET /v1/controls``, ``/v1/coupons``, ``/v1/coupons/{name}/codes/{code}``.

    Raises
    ------
    Problem
        404 for anything else.
    """
    match request.path[1:]:
        case ("controls",):
            return controls_words.controls(environment)
        case ("coupons",):
            return coupon_words.coupons(environment)
        case ("coupons", name, "codes", text):
            return coupon_words.code(environment, name, text)
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
            return controls_words.change(request, environment, source)
        case ("journeys", name, "state"):
            return controls_words.switch_journey(request, environment, name, source)
        case _:
            raise wrong_method("GET")
