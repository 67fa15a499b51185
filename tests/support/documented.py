"""Holds real answers of the operators' API against their models: the document describes what is answered, exactly."""

from __future__ import annotations

from functools import cache
from typing import Any
from urllib.parse import quote

from pydantic import TypeAdapter

from functions.admin.resolver import resolver
from shared.http.request import Request


def check_documented(request: Request, status: int, body: str) -> None:
    """Fails if the status or a field of the answer is not in the models, or one of theirs is missing."""
    answers = _answers(
        request.method, "/" + "/".join(quote(part, safe="", errors="surrogatepass") for part in request.path)
    )
    if answers is None:
        assert status in {204, 401, 403, 404, 405, 503}, f"{status} where no route is"
        return
    assert status in answers, f"{status} is not documented"
    _reader(answers[status]["content"]["application/json"]["model"]).validate_json(body, strict=True)


def _answers(method: str, path: str) -> Any:
    """What the document says of the route that a request meets; None if there is none."""
    app = resolver()
    routes = [*app._static_routes, *app._dynamic_routes]
    return next((one.responses for one in routes if one.method == method and one.rule.match(path)), None)


@cache
def _reader(model: Any) -> TypeAdapter[Any]:
    return TypeAdapter(model)
