"""The Lambda function behind ``/console``: pages for people who are signed in."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from functions.console.environment import Environment, environment
from functions.console.page import MENU, ROOT, page, redirect
from functions.console.read_once import ReadOnce
from functions.console.routes import find_route
from functions.console.static_files import static_file
from functions.console.visit import Visit, read_visit
from shared.adapters.cursors import InvalidCursor
from shared.adapters.handler_errors import without_values
from shared.domain.events.refusals import Malformed, TooLarge
from shared.http.answers import Answer, Problem, malformed, unavailable
from shared.http.edge import edge_key, from_edge
from shared.http.request import Request, read_request
from shared.ports import Throttled

log = logging.getLogger("kervan.console")
log.setLevel(logging.INFO)
_OWN_TEXT = {400, 401, 403, 404, 405, 409, 503}


@without_values
def handler(event: dict[str, Any], _context: object) -> Answer:
    """Answer one request; every outcome is a page, no exception leaves."""
    try:
        request = from_edge(read_request(event), edge_key())
    except Problem as problem:
        return problem.answer()
    return route(request, environment)


def route(request: Request, environment_of: Callable[[], Environment]) -> Answer:
    """Static files to everybody, pages to who is signed in; what is refused is a page too."""
    if request.path[:2] == ("console", "static"):
        try:
            return static_file(request)
        except Problem as problem:
            return problem.answer()
    try:
        visit = read_visit(request, environment_of())
    except Exception as failure:  # noqa: BLE001 - without an environment there is no page to show
        _tell(failure)
        return unavailable().answer()
    try:
        return _answer(visit)
    except Problem as problem:
        return _refused(visit, problem)
    except (Malformed, TooLarge, InvalidCursor) as broken:
        return _refused(visit, malformed(str(broken)))
    except Throttled:
        log.warning("throttled")
        return _refused(visit, unavailable())
    except Exception as failure:  # noqa: BLE001 - whatever it is, the person gets a page
        _tell(failure)
        return _refused(visit, unavailable())


def _answer(visit: Visit) -> Answer:
    """Finds the page; asks for a sign-in, the right and the form's token before anything of it is read."""
    request = visit.request
    route, parts = find_route(request)
    if route.right is not None:
        if visit.session is None:
            return redirect(visit, _sign_in_path(request))
        first = next((path for _, path, _, right in MENU if visit.may(right)), "")
        if request.path == (ROOT[1:],) and first:  # who may not see today begins with the first page of the menu
            return redirect(visit, ROOT + first)
        visit.demand(route.right)
    if request.method == "POST" and route.checked:
        visit.check_form()
    return route.view()(_reading_once(visit) if request.method == "GET" else visit, *parts)


def _reading_once(visit: Visit) -> Visit:
    """The parts of a page ask for the same customer, release or list several times: each is read once for a page."""
    environment = visit.environment
    once = replace(
        environment,
        customers=ReadOnce(environment.customers),
        catalog=ReadOnce(environment.catalog),
        iys=environment.iys.read_by(ReadOnce),
    )
    return replace(visit, environment=once)


def _sign_in_path(request: Request) -> str:
    """With the way back for a page; a form that was sent too late is not sent again."""
    if request.method != "GET" or len(request.path) < 2:
        return f"{ROOT}/sign-in"
    from urllib.parse import quote, urlencode

    asked = "/" + "/".join(quote(part, safe="") for part in request.path)
    if request.query and request.headers.get("hx-request") != "true":
        asked += f"?{urlencode(request.query)}"
    return f"{ROOT}/sign-in?{urlencode({'next': asked})}"


def _refused(visit: Visit, problem: Problem) -> Answer:
    status = problem.status if problem.status in _OWN_TEXT else 400
    template = "error_part.html" if visit.partial else "error.html"
    answer = page(visit, template, problem.status, error=status)
    answer["headers"] |= {name: value for name, value in problem.headers.items() if name in {"allow", "retry-after"}}
    return answer


def _tell(failure: Exception) -> None:
    where = traceback.extract_tb(failure.__traceback__)[-1]  # not its text: that may hold what was sent
    log.error("failed with %s at %s:%s", type(failure).__name__, where.filename, where.lineno)
