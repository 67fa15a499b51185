"""Which question or order a path means (docs/api.md). Loaded with the first request."""

from __future__ import annotations

from functions.admin.environment import Environment
from shared.adapters.cursors import InvalidCursor
from shared.domain.events.event import Source
from shared.http.answers import Answer, answer, forbidden, malformed, not_found, unauthorized, wrong_method
from shared.http.request import Request, basic_key, bearer_key

PRIVATE = {"cache-control": "private, no-store"}
"""Answers about people stay in no cache."""
WORDS = frozenset({"release", "relink"})


def read(request: Request, environment: Environment) -> Answer:
    """Answer one question.

    Raises
    ------
    Problem
        401 without an admin key, 403 with a write key, 404 for what is not there, 400 for what cannot be read.
    """
    _authorize(request, environment)
    try:
        return answer(_route(request, environment), headers=PRIVATE)
    except InvalidCursor as broken:
        raise malformed(str(broken)) from broken


def act(request: Request, environment: Environment) -> Answer:
    """Words about links and campaigns, and questions about segments that are not published.

    Raises
    ------
    Problem
        401 and 403 as for reading, 405 for any other path.
    """
    source = _authorize(request, environment)
    match request.path[1:]:
        case ("coupons", name, "codes"):
            from functions.admin import coupons

            return answer(coupons.add_codes(request, environment, name), headers=PRIVATE)
        case ("campaigns", *_):
            from functions.admin import campaign_scheduling

            return campaign_scheduling.act(request, environment)
        case ("segments", *_):
            from functions.admin import segment_routes

            return answer(segment_routes.about_draft(request, environment), headers=PRIVATE)
        case ("customers", _, *_, word) if word in WORDS:
            from functions.admin import link_verdicts

            return link_verdicts.say(request, environment, "/".join(request.path[2:-1]), word, source)
        case _:
            raise wrong_method("GET")


def switch(request: Request, environment: Environment) -> Answer:
    """``PUT /v1/controls`` or ``PUT /v1/journeys/{name}/state``: acts at once, outside releases.

    Raises
    ------
    Problem
        401 and 403 as for reading, 405 for any other path.
    """
    source = _authorize(request, environment)
    from functions.admin import switch_routes

    return answer(switch_routes.switch(request, environment, source), headers=PRIVATE)


def _authorize(request: Request, environment: Environment) -> Source:
    key = bearer_key(request.headers)
    if key is None:
        key = basic_key(request.headers)
    found = environment.sources.find(key) if key else None
    if found is None:
        raise unauthorized("the admin key is missing or unknown; send it as Authorization: Bearer <admin key>")
    if found.kind != "admin":
        raise forbidden("a write key reads nothing; ask with the admin key")
    return found.source


def _route(request: Request, environment: Environment) -> object:  # noqa: C901 - a table of paths
    from functions.admin import consents, customers, journeys, links, messages, timeline

    match request.path[1:]:
        # An identifier may hold a slash, and API Gateway decodes paths: so all parts but a known last one are its.
        case ("customers", _, *_, "timeline"):
            return timeline.timeline(environment, "/".join(request.path[2:-1]), request.query)
        case ("customers", _, *_, "messages"):
            return messages.messages(environment, "/".join(request.path[2:-1]), request.query)
        case ("customers", _, *_, "links"):
            return links.links(environment, "/".join(request.path[2:-1]), request.query)
        case ("customers", _, *_, "consents"):
            return consents.consents(environment, "/".join(request.path[2:-1]), request.query)
        case ("customers", _, *_, word) if word in WORDS:
            raise wrong_method("POST")
        case ("customers", _, *_):
            return customers.customer(environment, "/".join(request.path[2:]))
        case ("segments", *_):
            from functions.admin import segment_routes

            return segment_routes.read(request, environment)
        case ("journeys",):
            return journeys.journeys(environment)
        case ("campaigns", *name):
            from functions.admin import campaigns

            return campaigns.read(environment, name)
        case ("controls" | "coupons", *_):
            from functions.admin import switch_routes

            return switch_routes.read(request, environment)
        case ("sources",):
            from functions.admin import sources

            return sources.sources(environment)
        case ("reports", _):
            raise not_found("there is no report of this name")
        case _:
            raise not_found("there is nothing here; try /v1/customers/user:42, /v1/segments or /v1/journeys")
