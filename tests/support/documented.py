"""Holds real answers of the operators' API against their models: the document describes what is answered, exactly."""

from __future__ import annotations

import json
from functools import cache
from typing import Any
from urllib.parse import quote

from pydantic import TypeAdapter

from functions.admin.resolver import resolver
from shared.http.request import Request


def check_documented(request: Request, status: int, body: str) -> None:
    """Fails if the status or a field of the answer is not in the models, or one of theirs is missing."""
    answers = _answers(request)
    if answers is None:
        assert status in {204, 401, 403, 404, 405, 503}, f"{status} where no route is"
        return
    assert status in answers, f"{status} is not documented"
    _reader(_model(answers[status])).validate_json(body, strict=True)


def check_content(request: Request, content: Any) -> None:
    """The same for an answer that was good, of which only the content is known."""
    answers = _answers(request)
    assert answers is not None, "no route is there"
    model = next(_model(answer) for status, answer in answers.items() if status < 300)
    _reader(model).validate_json(json.dumps(content), strict=True)


def _answers(request: Request) -> Any:
    """What the document says of the route that a request meets; None if there is none."""
    path = "/" + "/".join(quote(part, safe="", errors="surrogatepass") for part in request.path)
    app = resolver()
    routes = [*app._static_routes, *app._dynamic_routes]
    return next((one.responses for one in routes if one.method == request.method and one.rule.match(path)), None)


def _model(answer: Any) -> Any:
    return answer["content"]["application/json"]["model"]


@cache
def _reader(model: Any) -> TypeAdapter[Any]:
    return TypeAdapter(model)
