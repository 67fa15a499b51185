"""Powertools' resolver with the routes of every resource; errors have our own form."""

from __future__ import annotations

import logging
import re
from functools import cache
from typing import Any
from urllib.parse import quote

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError

from functions.admin.call import CALL, Call, Reply
from functions.admin.models.base import RequestModel
from functions.admin.nothing_here import nothing_here
from functions.admin.routes import ROUTERS
from shared.adapters.cursors import InvalidCursor
from shared.http.answers import Answer, malformed
from shared.http.json_body import json_object

logging.getLogger("aws_lambda_powertools").setLevel(logging.CRITICAL)  # it logs paths, which name people
_PARAMETER = re.compile(r"<(\w+)>")
_JSON = {"content-type": "application/json"}
_BODY = "{}"
"""Stands for a body in the event that Powertools gets; ``_body`` reads the real one where a route wants it."""


class Resolver(APIGatewayHttpResolver):
    """Paths as we write them: ``<identifier>`` takes slashes, any other parameter may be empty."""

    @staticmethod
    def _compile_regex(rule: str, base_regex: str = "") -> re.Pattern[str]:
        def group(parameter: re.Match[str]) -> str:
            return f"(?P<{parameter[1]}>{'.*' if parameter[1] == 'identifier' else '[^/]*'})"

        return re.compile(_PARAMETER.sub(group, rule) + base_regex.format("") + r"\Z", re.DOTALL)


@cache
def resolver() -> Resolver:
    """Made with the first request and kept."""
    app = Resolver(enable_validation=True, debug=False, json_body_deserializer=lambda _text: _body(app))
    for router in ROUTERS:
        app.include_router(router)

    def refuse(invalid: RequestValidationError) -> Reply:
        raise malformed(_sentence(app, invalid)) from invalid

    def find_nothing(_missing: NotFoundError) -> Reply:
        raise nothing_here(_call(app).request)

    def refuse_cursor(broken: InvalidCursor) -> Reply:
        raise malformed(str(broken)) from broken

    def leave(failure: Exception) -> Reply:
        raise failure  # else Powertools would log it with its text, which may hold what was sent

    app.exception_handler(RequestValidationError)(refuse)
    app.exception_handler(NotFoundError)(find_nothing)
    app.exception_handler(InvalidCursor)(refuse_cursor)
    app.exception_handler(Exception)(leave)
    return app


def resolve(call: Call) -> Answer:
    """Answer a request of somebody who may ask.

    Raises
    ------
    Problem
        For every request that is refused; any other exception leaves as it is.
    """
    app = resolver()
    app.append_context(**{CALL: call})  # type: ignore[no-untyped-call]
    found: Answer = app.resolve(_event(call), None)  # type: ignore[arg-type] # no route asks for Lambda's context
    return {name: found[name] for name in ("statusCode", "headers", "body", "isBase64Encoded")}


def _event(call: Call) -> dict[str, Any]:
    """What Powertools needs: the path in one spelling, the query as API Gateway joins it, no header."""
    method, parts = call.request.method, call.request.path
    path = "/" + "/".join(quote(part, safe="", errors="surrogatepass") for part in parts)
    return {
        "version": "2.0",
        "rawPath": path,
        "headers": _JSON,
        "queryStringParameters": dict(call.request.query),
        "requestContext": {"http": {"method": method, "path": path}, "stage": "$default"},
        "body": _BODY,
        "isBase64Encoded": False,
    }


def _body(app: Resolver) -> dict[str, Any]:
    return json_object(_call(app).request, at_most=_model(app).most_bytes)


def _call(app: Resolver) -> Call:
    call: Call = app.context[CALL]
    return call


def _model(app: Resolver) -> type[RequestModel]:
    """The model of the body that the current route takes."""
    model: type[RequestModel] = app.context["_route"].dependant.body_params[0].type_
    return model


def _sentence(app: Resolver, invalid: RequestValidationError) -> str:
    """What to do about the first mistake; a field too many comes before all others."""
    errors = invalid.errors()
    if any(error["loc"][0] != "body" for error in errors):
        return "the path or the query holds half a character (a lone surrogate); write whole ones"
    sentences = _model(app).sentences
    first = next((error for error in errors if error["type"] == "extra_forbidden"), None)
    field = "" if first is not None or len(errors[0]["loc"]) < 2 else str(errors[0]["loc"][1])
    return sentences.get(field) or sentences[""]
