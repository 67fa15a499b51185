"""How a route stands in the OpenAPI document."""

from __future__ import annotations

from typing import Any

from functions.admin.models.base import ErrorAnswer

BEARER = "adminKey"
"""The security scheme of every operation."""
_ERRORS = {
    400: "something of the request cannot be read; the message says what",
    401: "no admin key, or one that nobody holds",
    403: "a write key",
    404: "it is not there",
    405: "another method, or nothing to post here; `allow` says which",
    409: "it contradicts what is there",
    413: "the body is too large",
    503: "nothing may be called durable now: send it again after `retry-after` seconds",
}
_ALWAYS = (401, 403, 405, 503)


def operation(name: str, summary: str, tag: str, answers: dict[int, Any], *errors: int) -> dict[str, Any]:
    """Arguments of a route's decorator: ``answers`` gives the model of each status that is no error."""
    statuses = sorted({*_ALWAYS, *errors})
    return {
        "operation_id": name,
        "summary": summary,
        "tags": [tag],
        "security": [{BEARER: []}],
        "responses": {
            **{status: _content("the answer", model) for status, model in answers.items()},
            **{status: _content(_ERRORS[status], ErrorAnswer) for status in statuses},
        },
    }


def _content(description: str, model: Any) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"model": model}}}
