"""Which path is which page, who may open it, and where it is made. A page is loaded with the first visit to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import cast

from functions.console.rights import Right
from shared.http.answers import Answer, Problem, not_found
from shared.http.request import Request

View = Callable[..., Answer]
ANY = "*"


@dataclass(frozen=True, slots=True)
class Route:
    """``path`` is what follows ``/console``; ``*`` takes one part and hands it on. ``right`` is None where nobody has
    to be signed in; ``checked``: a POST needs the form's token."""

    method: str
    path: tuple[str, ...]
    place: str
    right: Right | None
    checked: bool = True

    def view(self) -> View:
        """The function that makes the page: of a module of this package."""
        module, _, name = self.place.partition(".")
        return cast("View", getattr(import_module(f"functions.console.{module}"), name))

    def parts(self, path: tuple[str, ...]) -> tuple[str, ...] | None:
        """What the stars stand for; None if it is another path."""
        if len(path) != len(self.path):
            return None
        pairs = tuple(zip(self.path, path, strict=True))
        if any(wanted not in (ANY, given) for wanted, given in pairs):
            return None
        return tuple(given for wanted, given in pairs if wanted == ANY)


def _get(path: str, place: str, right: Right | None) -> Route:
    return Route("GET", tuple(path.split("/")), place, right)


def _post(path: str, place: str, right: Right | None, *, checked: bool = True) -> Route:
    return Route("POST", tuple(path.split("/")), place, right, checked)


ROUTES = (
    _get("sign-in", "sign_in.show", None),
    _get("sign-in/start", "sign_in.start", None),
    _get("signed-in", "sign_in.finish", None),
    _get("enter/*", "sign_in.enter", None),
    _post("sign-out", "sign_in.sign_out", Right.SEE),
    _post("appearance", "appearance.choose", None, checked=False),
    _get("", "today.show", Right.SEE),
    _get("today/waiting", "today.waiting", Right.SEE),
    _post("sending/go-on", "sending.go_on", Right.SEND),
    _get("sending/*", "sending.confirm", Right.SEND),
    _post("sending/*", "sending.switch", Right.SEND),
    _get("changes", "changes.show", Right.AUDIT),
    _get("segments", "segments.show", Right.SEE),
    _get("segments/counts", "segments.counts", Right.SEE),
    _get("segments/*", "segments.one", Right.SEE),
    _get("segments/*/coming", "segments.coming", Right.SEE),
    _get("journeys", "journeys.show", Right.SEE),
    _get("journeys/counts", "journeys.counts", Right.SEE),
    _get("journeys/*", "journeys.one", Right.SEE),
    _get("journeys/*/*", "journeys.confirm", Right.SEND),
    _post("journeys/*/*", "journeys.set_state", Right.SEND),
    _get("customers", "customers.ask", Right.SEE_CUSTOMERS),
    _post("customers", "customers.find", Right.SEE_CUSTOMERS),
    _get("customers/*", "customer.show", Right.SEE_CUSTOMERS),
    _get("customers/*/why/*", "customer.why", Right.SEE_CUSTOMERS),
    _get("customers/*/segments/*", "customer.segment", Right.SEE_CUSTOMERS),
    _get("customers/*/identity", "customer.identity", Right.SEE_CUSTOMERS),
    _get("customers/*/consents", "customer.consent", Right.SEE_CUSTOMERS),
    _get("customers/*/events", "customer.events", Right.SEE_CUSTOMERS),
    _get("customers/*/links/*/*/*", "links.confirm", Right.LINK),
    _post("customers/*/links/*/*/*", "links.say", Right.LINK),
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
