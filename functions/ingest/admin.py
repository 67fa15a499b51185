"""With the admin key: who is this, what happened, who is in a segment (docs/api.md). Loaded when first asked."""

from __future__ import annotations

from functions.ingest.answers import Answer, answer, forbidden, malformed, not_found, unauthorized, wrong_method
from functions.ingest.environment import Environment
from functions.ingest.request import Request, basic_key, bearer_key
from shared.adapters.cursors import InvalidCursor
from shared.domain.events.event import Source

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
            from functions.ingest import coupon_words

            return answer(coupon_words.add_codes(request, environment, name), headers=PRIVATE)
        case ("campaigns", *_):
            from functions.ingest import campaign_words

            return campaign_words.act(request, environment)
        case ("segments", *_):
            from functions.ingest import segment_routes

            return answer(segment_routes.about_draft(request, environment), headers=PRIVATE)
        case ("customers", _, *_, word) if word in WORDS:
            from functions.ingest import link_words

            return link_words.say(request, environment, "/".join(request.path[2:-1]), word, source)
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
    from functions.ingest import switch_routes

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
    from functions.ingest import consents_read, customer_reads, definition_reads, links_read, timeline_read

    match request.path[1:]:
        # An identifier may hold a slash, and API Gateway decodes paths: so all parts but a known last one are its.
        case ("customers", _, *_, "timeline"):
            return timeline_read.timeline(environment, "/".join(request.path[2:-1]), request.query)
        case ("customers", _, *_, "messages"):
            return timeline_read.messages(environment, "/".join(request.path[2:-1]), request.query)
        case ("customers", _, *_, "links"):
            return links_read.links(environment, "/".join(request.path[2:-1]), request.query)
        case ("customers", _, *_, "consents"):
            return consents_read.consents(environment, "/".join(request.path[2:-1]), request.query)
        case ("customers", _, *_, word) if word in WORDS:
            raise wrong_method("POST")
        case ("customers", _, *_):
            return customer_reads.customer(environment, "/".join(request.path[2:]))
        case ("segments", *_):
            from functions.ingest import segment_routes

            return segment_routes.read(request, environment)
        case ("journeys",):
            return definition_reads.journeys(environment)
        case ("campaigns", *name):
            from functions.ingest import campaign_reads

            return campaign_reads.read(environment, name)
        case ("controls" | "coupons", *_):
            from functions.ingest import switch_routes

            return switch_routes.read(request, environment)
        case ("sources",):
            from functions.ingest import source_activity

            return source_activity.sources(environment)
        case ("reports", _):
            raise not_found("there is no report of this name")
        case _:
            raise not_found("there is nothing here; try /v1/customers/user:42, /v1/segments or /v1/journeys")
