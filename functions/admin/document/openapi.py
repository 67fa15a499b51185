"""``GET /v1/openapi.json``: the whole HTTP API in OpenAPI 3.1."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from aws_lambda_powertools.event_handler.openapi.models import HTTPBearer

from functions.admin.document import conversation_paths, message_link_paths, sender_paths, stock_paths, tracking_paths
from functions.admin.operation import BEARER
from functions.admin.resolver import resolver

VERSION = "3.1.0"
_ABOUT = (
    "Channels post events with a write key; people and programs that ask questions use the admin key. "
    "See docs/api.md of the repository."
)
_OF_INGEST = {tracking_paths.TAG, message_link_paths.TAG, sender_paths.TAG}
_KINDS = {
    **dict.fromkeys(_OF_INGEST, "Tracking"),
    stock_paths.TAG: "Stock",
    conversation_paths.TAG: "Conversations",
}
"""What the names of shared refusals begin with."""
_NEVER = "422"
"""Powertools writes it into every operation; what cannot be read is answered with 400."""
_UNUSED = ("HTTPValidationError", "ValidationError", "ResponseValidationError")


@cache
def document_text() -> str:
    """The document as it is served, and as docs/openapi.json holds it."""
    return json.dumps(document(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def document() -> dict[str, Any]:
    """The operators' paths from their routes, and those of the other functions beside them."""
    found = resolver().get_openapi_schema(
        title="Kervan",
        version="1",
        openapi_version=VERSION,
        description=_ABOUT,
        security_schemes={BEARER: HTTPBearer(description="the admin key")},
    )
    made: dict[str, Any] = found.model_dump(mode="json", by_alias=True, exclude_none=True)
    components = made["components"]
    components["schemas"] = (
        {name: schema for name, schema in components["schemas"].items() if name not in _UNUSED}
        | tracking_paths.schemas()
        | stock_paths.SECTION.schemas()
        | conversation_paths.SECTION.schemas()
    )
    components["securitySchemes"] |= tracking_paths.SECURITY_SCHEMES | sender_paths.SECURITY_SCHEMES
    made["paths"] |= sender_paths.paths()
    made["paths"] |= tracking_paths.paths() | message_link_paths.paths() | stock_paths.SECTION.paths()
    made["paths"] |= conversation_paths.SECTION.paths()
    made["paths"]["/v1/openapi.json"] = {"get": _itself()}
    components["responses"] = _shared_refusals(made["paths"])
    return made


def _shared_refusals(paths: dict[str, Any]) -> dict[str, Any]:
    """Takes the refusals out of all operations, where they are the same, and gives them by name."""
    refusals: dict[str, Any] = {}
    for operations in paths.values():
        for one in operations.values():
            one["responses"].pop(_NEVER, None)
            for status, response in one["responses"].items():
                if int(status) >= 400 and response.get("content", {}).keys() == {"application/json"}:
                    tag = one["tags"][0]
                    kind = _KINDS.get(tag, "Operators")
                    name = f"{kind}{status}"
                    refusals[name] = response
                    one["responses"][status] = {"$ref": f"#/components/responses/{name}"}
    return refusals


def _itself() -> dict[str, Any]:
    return {
        "operationId": "openapi",
        "summary": "This document",
        "tags": ["document"],
        "security": [],
        "responses": {
            "200": {"description": "OpenAPI 3.1", "content": {"application/json": {"schema": {"type": "object"}}}}
        },
    }
