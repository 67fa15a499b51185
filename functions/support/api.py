"""The Lambda function behind the agents' paths of the HTTP API."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from functions.support import asked_changes, asked_messages, chat
from functions.support.authorize import authorize
from functions.support.environment import Environment, environment
from shared.adapters.cursors import InvalidCursor
from shared.adapters.handler_errors import without_values
from shared.domain.conversations.conversation import NAME_LENGTH, State
from shared.http.always_answer import always_answer
from shared.http.answers import Answer, Problem, answer, malformed, not_found, preflight, wrong_method
from shared.http.json_body import json_object
from shared.http.request import Request
from shared.operators import conversations
from shared.operators.conversation_files import file_link
from shared.operators.paging import limit_of

# Not Powertools and no models: agents' pages ask every three seconds. Nothing that was sent is ever logged.
log = logging.getLogger("kervan.support")
log.setLevel(logging.INFO)

RESOURCES = frozenset({"conversations", "chat"})
"""What may follow ``/v1/``; the HTTP API sends these paths here (infra/api.py)."""
MOST_BYTES = 100_000
MOST_BYTES_OF_ANSWERS = 5_600_000
"""With files, in base64; a Lambda function takes 6 MB."""
MOST_LISTED = 200
STATES = (*(state.value for state in State), "spam")
RECEIVED, CHAT = "messages", "chat"
_PRIVATE = {"cache-control": "private, no-store"}
Route = Callable[[Environment, Request], dict[str, Any]]
ACTIONS: dict[str, Callable[[Environment, str, dict[str, Any]], dict[str, Any]]] = {
    "replies": asked_messages.reply,
    "notes": asked_messages.note,
    "assignment": asked_changes.assign,
    "state": asked_changes.set_state,
    "details": asked_changes.set_details,
    "merge": asked_changes.merge,
    "presence": asked_messages.presence,
}
"""What may be posted below a conversation."""


@without_values
def handler(event: dict[str, Any], _context: object) -> Answer:
    """Answer one request; every outcome is an answer, no exception leaves."""
    return always_answer(event, lambda request: route(request, environment), log)


def route(request: Request, environment_of: Callable[[], Environment]) -> Answer:
    """``environment_of`` gives the environment when needed.

    Raises
    ------
    Problem
        For every request that is refused.
    """
    if request.path[0] != "v1" or len(request.path) < 2 or request.path[1] not in RESOURCES:
        raise not_found("there is no such path; try /v1/conversations")
    if request.method == "OPTIONS":
        return preflight()
    composed = environment_of()
    if request.path[1] == CHAT:
        return answer(_chat(composed, request), headers=_PRIVATE)
    authorize(request, composed, also_sources=request.path[2:] == (RECEIVED,))
    found = _route(request)
    if isinstance(found, Problem):
        raise found
    try:
        return answer(found(composed, request), headers=_PRIVATE)
    except InvalidCursor as broken:
        raise malformed(str(broken)) from broken


def _chat(composed: Environment, request: Request) -> dict[str, Any]:
    """Visitors write with the key of the page, and read with the token of their chat."""
    if len(request.path) > 2:
        raise not_found("there is nothing below /v1/chat")
    match request.method:
        case "POST":
            return chat.write(composed, request, _body(request))
        case "GET":
            return chat.read(composed, request)
        case _:
            raise wrong_method("GET", "POST", "OPTIONS")


def _route(request: Request) -> Route | Problem:
    """What answers the request, or why nothing does."""
    match (request.method, *request.path[2:]):
        case ("GET",):
            return _pool
        case (_,):
            return wrong_method("GET")
        case ("POST", "messages"):
            return lambda composed, asked: asked_messages.receive(composed, _body(asked))
        case (_, "messages"):
            return wrong_method("POST")
        case ("GET", id_) if id_:
            return lambda composed, _asked: conversations.show(composed, id_)
        case (_, id_) if id_:
            return wrong_method("GET")
        case ("GET", id_, "canned-answers") if id_:
            return lambda composed, asked: asked_messages.canned(composed, id_, asked.query)
        case ("GET", id_, "files", message, number) if id_:
            return lambda composed, _asked: file_link(composed, composed.links, id_, message, number)
        case (_, _, "files", _, _) | (_, _, "canned-answers"):
            return wrong_method("GET")
        case ("POST", id_, action) if id_ and action in ACTIONS:
            most = MOST_BYTES_OF_ANSWERS if action == "replies" else MOST_BYTES
            return lambda composed, asked: ACTIONS[action](composed, id_, json_object(asked, at_most=most))
        case (_, _, action) if action in ACTIONS:
            return wrong_method("POST")
        case _:
            return not_found(f"there is nothing here; below a conversation there are {', '.join(ACTIONS)}")


def _pool(composed: Environment, request: Request) -> dict[str, Any]:
    """``state`` is open if it is left out; ``assignee`` may be empty: nobody's. ``order=due``: who is due first."""
    state = request.query.get("state", "open")
    if state not in STATES:
        raise malformed(f"state must be one of {', '.join(STATES)}")
    limit = min(limit_of(request.query), MOST_LISTED)
    order = request.query.get("order")
    if order is not None:
        if order != "due" or not request.query.keys() <= {"order", "limit", "cursor"}:
            raise malformed(
                "order must be due, and takes no state and no assignee: it lists who is to be answered next"
            )
        return conversations.due(composed, limit, request.query.get("cursor") or None)
    agent = request.query.get("assignee")
    if agent is not None and len(agent) > NAME_LENGTH:
        raise malformed(f"assignee must be a name of at most {NAME_LENGTH} characters")
    if agent is not None and "state" in request.query:
        raise malformed("give state or assignee; a desk shows all that is not closed")
    return conversations.pool(composed, state, agent, limit, request.query.get("cursor") or None)


def _body(request: Request) -> dict[str, Any]:
    return json_object(request, at_most=MOST_BYTES)
