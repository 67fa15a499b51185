"""Paths of ``functions/ingest`` in the OpenAPI document."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from functions.admin.document import rights_paths, sign_up_paths
from functions.admin.document.tracking_models import (
    AliasMessage,
    Basket,
    BatchAnswer,
    BatchRequest,
    GroupMessage,
    IdentifyMessage,
    PageMessage,
    TrackingAnswer,
    TrackMessage,
)

TAG = "tracking"
REF = "#/components/schemas/"
WRITE_KEY, BEARER_KEY = "writeKey", "bearerKey"
MESSAGES: dict[str, tuple[type[BaseModel], str]] = {
    "track": (TrackMessage, "What somebody did"),
    "identify": (IdentifyMessage, "Who somebody is"),
    "page": (PageMessage, "What somebody looked at"),
    "screen": (PageMessage, "What somebody looked at in an app"),
    "group": (GroupMessage, "To what somebody belongs"),
    "alias": (AliasMessage, "That two names are one person"),
    "batch": (BatchRequest, "Many messages at once"),
    "import": (BatchRequest, "The old name of batch"),
}
BASKETS = {"cart": "The cart of a customer", "wishlist": "The wishlist of a customer"}
SECURITY_SCHEMES = {
    WRITE_KEY: {"type": "http", "scheme": "basic", "description": "the write key of a source as user name"},
    BEARER_KEY: {
        "type": "http",
        "scheme": "bearer",
        "description": "the write key of a trusted source, or a token that it signed",
    },
}
_ERRORS = {
    400: "it cannot be read, or a single event is refused; the message says why",
    401: "no key, or one that nobody holds; a token that has expired",
    403: "a key of another kind",
    413: "more than 500 KB, compressed or not",
    429: "the source has reached its quota: send it again after `retry-after` seconds",
    503: "nothing may be called durable now: send it again after `retry-after` seconds",
}


def schemas() -> dict[str, Any]:
    """The models by name, as JSON Schema."""
    models: list[type[BaseModel]] = [*{model for model, _ in MESSAGES.values()}, TrackingAnswer, BatchAnswer, Basket]
    made = models_json_schema([(model, "validation") for model in models], ref_template=f"{REF}{{model}}")
    found: dict[str, Any] = made[1]["$defs"]
    return found


def paths() -> dict[str, Any]:
    """Operations by path and method."""
    found: dict[str, Any] = {f"/v1/{name}": {"post": _message(name, *about)} for name, about in MESSAGES.items()}
    found |= {f"/v1/{name}": {"get": _basket(name, summary)} for name, summary in BASKETS.items()}
    return (
        found
        | {"/v1/unsubscribe/{token}": _unsubscribe(), "/p/{token}": _preferences()}
        | sign_up_paths.paths(TAG, WRITE_KEY)
        | rights_paths.paths(TAG, errors(429, 503))
    )


def _message(name: str, model: type[BaseModel], summary: str) -> dict[str, Any]:
    answer = BatchAnswer if model is BatchRequest else TrackingAnswer
    return {
        "operationId": name,
        "summary": summary,
        "tags": [TAG],
        # Without a header the key stands in the body.
        "security": [{WRITE_KEY: []}, {}],
        "requestBody": {"required": True, "content": json_content(model.__name__)},
        "responses": {
            "200": {"description": "it is durable", "content": json_content(answer.__name__)},
            **errors(*_ERRORS),
        },
    }


def _basket(name: str, summary: str) -> dict[str, Any]:
    texts = {
        "user": ("the customer as a user id, with a write key", {"type": "string", "examples": ["42"]}),
        "identifier": ("or as any identifier, such as email:ayse@example.com", {"type": "string"}),
    }
    query = [
        {"name": text, "in": "query", "required": False, "description": about, "schema": schema}
        for text, (about, schema) in texts.items()
    ]
    tag = {"name": "if-none-match", "in": "header", "required": False, "schema": {"type": "string"}}
    return {
        "operationId": name,
        "summary": summary,
        "tags": [TAG],
        "security": [{BEARER_KEY: []}, {WRITE_KEY: []}],
        "parameters": [*query, tag],
        "responses": {
            "200": {
                "description": "empty for somebody who is not known yet",
                "headers": {"etag": {"schema": {"type": "string"}}},
                "content": json_content(Basket.__name__),
            },
            "304": {"description": "nothing changed since that tag"},
            **errors(400, 401, 403, 503),
        },
    }


def _unsubscribe() -> dict[str, Any]:
    """The link in commercial e-mail (RFC 8058)."""
    page = {"text/html": {"schema": {"type": "string"}}}
    token = {"name": "token", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
    about = {"get": ("askToUnsubscribe", "Asks"), "post": ("unsubscribe", "Refuses; twice is harmless")}
    return {
        method: {
            "operationId": name,
            "summary": summary,
            "tags": [TAG],
            "security": [],
            "parameters": [token],
            "responses": {
                "200": {"description": "a page for people", "content": page},
                "404": {"description": "the link is not valid", "content": page},
                **errors(503),
            },
        }
        for method, (name, summary) in about.items()
    }


def _preferences() -> dict[str, Any]:
    """The page of preferences behind the link beside it."""
    page = {"text/html": {"schema": {"type": "string"}}}
    token = {"name": "token", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
    language = {"name": "lang", "in": "query", "required": False, "schema": {"type": "string", "enum": ["tr", "en"]}}
    asked = {"tags": [TAG], "security": [], "parameters": [token, language]}
    broken = {"404": {"description": "the link is not valid", "content": page}}
    form = {"application/x-www-form-urlencoded": {"schema": {"type": "object"}}}
    shown = {"200": {"description": "what holds now, as a form", "content": page}}
    changed = {"303": {"description": "what was touched is changed; back to the page"}}
    return {
        "get": {
            "operationId": "showPreferences",
            "summary": "Shows, and changes nothing",
            **asked,
            "responses": shown | broken | errors(503),
        },
        "post": {
            "operationId": "changePreferences",
            "summary": "Changes what differs from what the page showed",
            **asked,
            "requestBody": {"required": False, "content": form},
            "responses": changed | broken | errors(400, 413, 503),
        },
    }


def errors(*statuses: int) -> dict[str, Any]:
    return {
        str(status): {"description": _ERRORS[status], "content": json_content("ErrorAnswer")} for status in statuses
    }


def json_content(model: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": REF + model}}}
