"""One request that may be answered: what was asked, by whom, and with which environment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router

from functions.admin.environment import Environment
from shared.domain.events.event import Source
from shared.http.answers import answer
from shared.http.request import Request

CALL = "call"
PRIVATE = {"cache-control": "private, no-store"}
"""Answers about people stay in no cache."""
Reply = Response[Any]


@dataclass(frozen=True, slots=True)
class Call:
    """``source`` holds the admin key."""

    request: Request
    environment: Environment
    source: Source


def new_router() -> Router:
    """Routes of one resource."""
    return Router()  # type: ignore[no-untyped-call]


def call_of(router: Router) -> Call:
    """The request that a route answers now."""
    return cast("Call", router.context[CALL])


def reply(content: Any, status: int = 200) -> Reply:
    """The JSON of an answer, written here: Powertools would change the form of some values."""
    found = answer(content, status, PRIVATE)
    return Response(found["statusCode"], headers=found["headers"], body=found["body"])


def given(**query: str | None) -> dict[str, str]:
    """The parameters that were sent, as lists read them."""
    return {name.rstrip("_"): text for name, text in query.items() if text is not None}
