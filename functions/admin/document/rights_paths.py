"""The page on which a person asks for his rights, for the OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ERROR = {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorAnswer"}}}
PAGE = {"text/html": {"schema": {"type": "string"}}}
LANGUAGE = {"name": "lang", "in": "query", "required": False, "schema": {"type": "string", "enum": ["tr", "en"]}}
TOKEN = {"name": "token", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
FORM = {"application/x-www-form-urlencoded": {"schema": {"type": "object"}}}


def paths(tag: str, errors: Mapping[str, Any]) -> dict[str, Any]:
    """``/privacy`` and ``/privacy/{token}``."""
    asked = {"tags": [tag], "security": []}
    # What is no form at all is answered as by the rest of the API.
    old = {"400": {"description": "the link, the code or the form is wrong or too old", "content": ERROR | PAGE}}
    return {
        "/privacy": {
            "get": _operation("showRights", "The form for the address", asked, [LANGUAGE], {}),
            "post": _operation("askForRightsLink", "Sends a link, if the address proves a customer; the answer is the "
                               "same for all", asked, [LANGUAGE], {**errors, **old}, form=True),
        },
        "/privacy/{token}": {
            "get": _operation("showRightsLink", "Shows, and changes nothing", asked, [TOKEN, LANGUAGE], old),
            "post": _operation("actByRightsLink", "Sends the code, takes it, and carries out what is confirmed", asked,
                               [TOKEN, LANGUAGE], {**errors, **old}, form=True),
        },
    }  # fmt: skip


def _operation(
    name: str,
    summary: str,
    asked: Mapping[str, Any],
    parameters: list[dict[str, Any]],
    more: Mapping[str, Any],
    *,
    form: bool = False,
) -> dict[str, Any]:
    answers = {"200": {"description": "a page", "content": PAGE}, **more}
    found = {"operationId": name, "summary": summary, **asked, "parameters": parameters, "responses": answers}
    return {**found, "requestBody": {"required": True, "content": FORM}} if form else found
