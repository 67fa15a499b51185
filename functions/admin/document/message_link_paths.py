"""Paths of links and pixels in messages, answered by ``functions/ingest``, in the OpenAPI document."""

from __future__ import annotations

from typing import Any

from functions.admin.document.tracking_paths import errors, json_content

TAG = "message links"
_PAGE = {"text/html": {"schema": {"type": "string"}}}
_PICTURE = {"image/gif": {"schema": {"type": "string", "format": "binary"}}}
_TOKEN = {"type": "string", "minLength": 1}
_SHORT = {"type": "string", "pattern": "^[A-Za-z0-9]{10}$"}
_SENT_ON = {
    "description": "the click is an event of the customer; on to where the message leads",
    "headers": {"location": {"required": True, "schema": {"type": "string", "format": "uri"}}},
}
_NO_LINK = {"description": "the link is not valid", "content": _PAGE}
_NO_PATH = {
    "description": "no such link; in JSON if the path cannot be one",
    "content": _PAGE | json_content("ErrorAnswer"),
}
_SHOWN = {"description": "a picture of one point; the open is an event of the customer", "content": _PICTURE}
_NOT_OURS = {"description": "the same picture; the token is not valid", "content": _PICTURE}


def paths() -> dict[str, Any]:
    """Operations by path and method. HEAD is answered like GET, and records nothing."""
    return {
        "/l/{token}": _get("followLink", "A link in a message", ("token", _TOKEN), {302: _SENT_ON, 404: _NO_LINK}),
        "/o/{token}.gif": _get("openPixel", "The pixel of an e-mail", ("token", _TOKEN), {200: _SHOWN, 404: _NOT_OURS}),
        "/{link}": _get("followShortLink", "A link in an SMS", ("link", _SHORT), {302: _SENT_ON, 404: _NO_PATH}),
    }


def _get(name: str, summary: str, parameter: tuple[str, dict[str, Any]], answers: dict[int, Any]) -> dict[str, Any]:
    named, schema = parameter
    return {
        "get": {
            "operationId": name,
            "summary": summary,
            "tags": [TAG],
            "security": [],
            "parameters": [{"name": named, "in": "path", "required": True, "schema": schema}],
            "responses": {**{str(status): answer for status, answer in answers.items()}, **errors(503)},
        }
    }
