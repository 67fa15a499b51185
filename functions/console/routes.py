"""Which path is which page: the first that fits is taken. Areas with many paths have files of their own."""

from __future__ import annotations

from functions.console.campaign_routes import CAMPAIGN_ROUTES
from functions.console.definition_routes import DEFINITION_ROUTES
from functions.console.rights import Right
from functions.console.route import Route, get, post
from functions.console.service_routes import SERVICE_ROUTES
from functions.console.template_routes import TEMPLATE_ROUTES
from shared.http.answers import Problem, not_found
from shared.http.request import Request

ROUTES = (
    *CAMPAIGN_ROUTES,
    *DEFINITION_ROUTES,
    *TEMPLATE_ROUTES,
    get("sign-in", "sign_in.show", None),
    get("sign-in/start", "sign_in.start", None),
    get("signed-in", "sign_in.finish", None),
    get("enter/*", "sign_in.enter", None),
    post("sign-out", "sign_in.sign_out", None),
    post("appearance", "appearance.choose", None, checked=False),
    get("", "today.show", Right.SEE),
    get("today/waiting", "today.waiting", Right.SEE),
    post("sending/go-on", "sending.go_on", Right.SEND),
    get("sending/*", "sending.confirm", Right.SEND),
    post("sending/*", "sending.switch", Right.SEND),
    get("changes", "changes.show", Right.AUDIT),
    get("iys", "iys.show", Right.SEE_CUSTOMERS),
    get("segments", "segments.show", Right.SEE),
    get("segments/counts", "segments.counts", Right.SEE),
    get("segments/*", "segments.one", Right.SEE),
    get("segments/*/coming", "segments.coming", Right.SEE),
    get("journeys", "journeys.show", Right.SEE),
    get("journeys/counts", "journeys.counts", Right.SEE),
    get("journeys/*", "journeys.one", Right.SEE),
    get("journeys/*/*", "journeys.confirm", Right.SEND),
    post("journeys/*/*", "journeys.set_state", Right.SEND),
    get("customers", "customers.ask", Right.SEE_CUSTOMERS),
    post("customers", "customers.find", Right.SEE_CUSTOMERS),
    get("customers/*", "customer.show", Right.SEE_CUSTOMERS),
    get("customers/*/why/*", "customer.why", Right.SEE_CUSTOMERS),
    get("customers/*/segments/*", "customer.segment", Right.SEE_CUSTOMERS),
    get("customers/*/identity", "customer.identity", Right.SEE_CUSTOMERS),
    get("customers/*/consents", "customer.consent", Right.SEE_CUSTOMERS),
    get("customers/*/consents/proof", "customer.consent_proof", Right.SEE_CUSTOMERS),
    get("customers/*/events", "customer.events", Right.SEE_CUSTOMERS),
    get("customers/*/links/*/*/*", "links.confirm", Right.LINK),
    post("customers/*/links/*/*/*", "links.change", Right.LINK),
    *SERVICE_ROUTES,
)


def find_route(request: Request) -> tuple[Route, tuple[str, ...]]:
    """The route of a request, and what its stars stand for.

    Raises
    ------
    Problem
        404 if there is no such page, 405 if it takes another method.
    """
    path = request.path[1:] or ("",)
    others = set()
    for route in ROUTES:
        parts = route.parts(path)
        if parts is None:
            continue
        if route.method == request.method:
            return route, parts
        others.add(route.method)
    if others:
        raise Problem(405, "method_not_allowed", "this page takes another method", {"allow": ", ".join(sorted(others))})
    raise not_found("there is no such page")
