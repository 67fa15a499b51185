"""The sign-up form and the page that confirms, in the OpenAPI document."""

from __future__ import annotations

from typing import Any

_PAGE = {"text/html": {"schema": {"type": "string"}}}
_TOKEN = {"name": "token", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
_TEXT = {"type": "string", "maxLength": 320}
_FIELDS = {
    "email": _TEXT, "phone": _TEXT, "text_version": _TEXT, "language": _TEXT, "first_name": _TEXT, "last_name": _TEXT,
    "website": _TEXT, "writeKey": _TEXT, "purposes": {"type": "array", "items": {"type": "string"}, "maxItems": 5},
}  # fmt: skip
_CODE = {
    "type": "object",
    "properties": {"sign_up": _TEXT, "code": _TEXT, "language": _TEXT},
    "required": ["sign_up", "code"],
}
_SUCCESS = {"type": "object", "properties": {"success": {"const": True}}, "required": ["success"]}
_TAKEN = {
    "type": "object",
    "properties": {"success": {"const": True}, "sign_up": {"type": "string"}},
    "required": ["success"],
}
_ERROR = {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorAnswer"}}}


def _errors(**said: str) -> dict[str, Any]:
    return {status.removeprefix("s"): {"description": text, "content": _ERROR} for status, text in said.items()}


def paths(tag: str, write_key: str) -> dict[str, Any]:
    """Operations by path and method."""
    schema = {"type": "object", "properties": _FIELDS, "required": ["text_version"]}
    kinds = ("application/json", "application/x-www-form-urlencoded")
    refused = _errors(
        s400="it cannot be used; the message says why", s401="the key is missing or unknown",
        s413="it is too large", s429="too many from here", s503="nothing is lost; send it again",
    )  # fmt: skip
    subscribe = {
        "operationId": "subscribe",
        "summary": "A sign-up of the shop's form",
        "tags": [tag],
        "security": [{write_key: []}, {}],
        "requestBody": {"required": True, "content": {kind: {"schema": schema} for kind in kinds}},
        "responses": {
            "200": {"description": "to a form of a page: what happens now", "content": _PAGE},
            "202": {
                "description": "taken, whether or not the address is known; a phone's sign-up is named for its code",
                "content": {"application/json": {"schema": _TAKEN}},
            },
            **refused,
        },
    }
    code = {
        "operationId": "confirmByCode",
        "summary": "The code that a text message brought confirms a phone's sign-up",
        "tags": [tag],
        "security": [],
        "requestBody": {"required": True, "content": {kind: {"schema": _CODE} for kind in kinds}},
        "responses": {
            "200": {
                "description": "confirmed; twice is harmless. A form of a page gets a page",
                "content": {"application/json": {"schema": _SUCCESS}, **_PAGE},
            },
            "400": {
                "description": "the code is wrong or too old, or the body cannot be used. A form of a page gets a page",
                "content": _ERROR | _PAGE,
            },
            **_errors(s413="it is too large", s429="too many from here", s503="nothing is lost; send it again"),
        },
    }
    link = {"tags": [tag], "security": [], "parameters": [_TOKEN]}
    answers = {
        "200": {"description": "a page for people", "content": _PAGE},
        "404": {"description": "the link is not valid", "content": _PAGE},
        "410": {"description": "the link has expired", "content": _PAGE},
        **_errors(s503="nothing is lost; send it again"),
    }
    asks = {"operationId": "askToConfirm", "summary": "Asks, and changes nothing", **link, "responses": answers}
    grants = {"operationId": "confirm", "summary": "Confirms; twice is harmless", **link, "responses": answers}
    by_code = {"/v1/subscribe/confirm": {"post": code}}
    return {"/v1/subscribe": {"post": subscribe}, **by_code, "/s/{token}": {"get": asks, "post": grants}}
