"""What to say where no route is, per resource."""

from __future__ import annotations

from shared.http.answers import Problem, not_found, wrong_method
from shared.http.request import Request


def nothing_here(request: Request) -> Problem:
    """404 with what is there instead; 405 where something else could be posted or put."""
    match (request.method, *request.path[1:]):
        case ("POST", "campaigns", *_):
            return not_found("there is nothing here; POST to /v1/campaigns, /check, /test or /<name>/cancel")
        case ("POST" | "PUT", *_):
            return wrong_method("GET")
        case (_, "segments", *_):
            return not_found("there is nothing here; try /v1/segments/NAME/members, /explain/user:42 or /upcoming")
        case (_, "campaigns", *_):
            return not_found("there is nothing below a campaign")
        case (_, "controls" | "coupons", *_):
            return not_found("there is nothing here; try /v1/controls, /v1/coupons or /v1/coupons/CART10/codes/<code>")
        case (_, "templates", *_):
            return not_found("there is nothing here; POST to /v1/templates/NAME/preview or /test")
        case (_, "deadletters", *_):
            return not_found("there is nothing here; try /v1/deadletters, /v1/deadletters/email or /email/<id>")
        case (_, "reports", *_):
            return not_found("there is nothing below a report; try /v1/reports/overview")
        case _:
            return not_found("there is nothing here; try /v1/customers/user:42, /v1/segments or /v1/journeys")
