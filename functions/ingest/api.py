"""The Lambda function behind the HTTP API: events in, carts for the shop, answers for people with the admin key."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from typing import Any

from functions.ingest.answers import Answer, Problem, not_found, preflight, unavailable, wrong_method
from functions.ingest.environment import Environment, environment
from functions.ingest.request import Request, read_request
from functions.ingest.tracking import take
from shared.domain.events.batch import ENDPOINTS
from shared.domain.links.link import is_short
from shared.ports import Throttled

# Not Powertools: its import alone costs a third of this function's cold start. Nothing that was sent is ever logged.
log = logging.getLogger("kervan.ingest")
log.setLevel(logging.INFO)

UNSUBSCRIBE = "unsubscribe"
MESSAGE_LINKS = frozenset({"l", "o"})
READS = frozenset({"customers", "segments", "journeys", "campaigns", "controls", "coupons", "reports", "sources"})
BASKETS = frozenset({"cart", "wishlist"})
DRAFTS = (("preview",), ("explain",))
"""What may be asked about a segment that is not published."""


def handler(event: dict[str, Any], _context: object) -> Answer:
    """Answer one request; every outcome is an answer, no exception leaves."""
    try:
        return respond(read_request(event), environment)
    except Problem as problem:
        return problem.answer()
    except Throttled:
        log.warning("throttled")
        return unavailable().answer()
    except Exception as failure:  # noqa: BLE001 - what was not made durable is sent again, whatever the reason
        where = traceback.extract_tb(failure.__traceback__)[-1]  # not its text: that may hold what was sent
        log.error("failed with %s at %s:%s", type(failure).__name__, where.filename, where.lineno)
        return unavailable().answer()


def respond(request: Request, compose: Callable[[], Environment]) -> Answer:
    """``POST /v1/<type>`` takes events, ``GET /v1/<what>`` reads. ``compose`` gives the environment when needed."""
    version, name = (*request.path, "", "")[:2]
    if version == "v1" and name == UNSUBSCRIBE and len(request.path) == 3:
        return _unsubscribe(request, compose)
    if request.path[0] in MESSAGE_LINKS or (len(request.path) == 1 and is_short(request.path[0])):
        return _message_link(request, compose)
    if version != "v1" or name not in ENDPOINTS.keys() | READS | BASKETS:
        raise not_found("there is no such path; events go to /v1/track, /v1/identify, /v1/page, /v1/batch and so on")
    if request.method == "OPTIONS":
        return preflight()
    if name in READS:
        return _ask(request, name, compose)
    if len(request.path) > 2:
        raise not_found(f"there is nothing below /v1/{name}")
    if name in BASKETS:
        if request.method != "GET":
            raise wrong_method("GET")
        from functions.ingest import basket_reads

        return basket_reads.read(request, name, compose())
    if request.method != "POST":
        raise wrong_method("POST")
    composed: Environment = compose()
    return take(request, name, composed.sources, composed.intake, composed.counters, composed.clock.now())


def _ask(request: Request, name: str, compose: Callable[[], Environment]) -> Answer:
    """With the admin key: GET reads, POST says a word about a link or a campaign."""
    may_post = name == "campaigns" or (name == "customers" and len(request.path) > 3)
    may_post = may_post or (name == "segments" and request.path[2:] in DRAFTS)
    may_post = may_post or (name == "coupons" and len(request.path) == 4)
    may_put = request.path[1:] == ("controls",) or (name == "journeys" and request.path[3:] == ("state",))
    allowed = {"GET", *(["POST"] if may_post else []), *(["PUT"] if may_put else [])}
    if request.method not in allowed:
        raise wrong_method("PUT" if may_put and name == "journeys" else "GET")
    from functions.ingest import admin

    answer = {"GET": admin.read, "POST": admin.act, "PUT": admin.switch}[request.method]
    return answer(request, compose())


def _message_link(request: Request, compose: Callable[[], Environment]) -> Answer:
    """Links and pixels of our own messages: the token is the key."""
    if request.method not in {"GET", "HEAD"}:
        raise wrong_method("GET")
    from functions.ingest.message_links import MessageLinkPages, Reactions, visitor_of
    from shared.stores.short_links import ShortLinks

    composed = compose()
    reactions = Reactions(composed.customers, composed.messages, composed.keys)
    pages = MessageLinkPages(composed.links, ShortLinks(composed.messages), reactions)
    answer = {"l": pages.click, "o": pages.open}.get(request.path[0], pages.short_click)
    token = request.path[-1] if len(request.path) <= 2 else ""
    return answer(request.method, token, visitor_of(request.headers, request.ip), composed.clock.now())


def _unsubscribe(request: Request, compose: Callable[[], Environment]) -> Answer:
    """From the links in our own mail: the token is the key. GET asks, POST refuses."""
    if request.method not in {"GET", "HEAD", "POST"}:
        raise wrong_method("POST")
    from functions.ingest.unsubscribe import unsubscribe

    composed = compose()
    return unsubscribe(
        request.method,
        request.path[2],
        tokens=composed.tokens,
        customers=composed.customers,
        keys=composed.keys,
        now=composed.clock.now(),
    )
