"""docs/openapi.json: the HTTP API as a document for programs."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from functions.admin.document.openapi import document_text
from functions.ingest.api import BASKETS
from shared.domain.events.batch import ENDPOINTS
from shared.domain.message_links.message_link import LinkTokens, MessageLink
from shared.stores.short_links import ShortLinks
from tests.unit.ingest.world import NOW, World, http_event

pytestmark = pytest.mark.unit

DOCS = Path(__file__).parents[3] / "docs"
DOCUMENT = json.loads(document_text())


def test_the_document_is_that_of_the_code() -> None:
    """A route or a model that changed without the document fails here."""
    assert (DOCS / "openapi.json").read_text(encoding="utf-8") == document_text(), (
        "docs/openapi.json is stale: run `make openapi` and commit it"
    )


def test_the_document_is_served_to_everybody() -> None:
    """Without a key, at the address that the document names itself; other methods are refused."""
    world = World()
    answer = world.answer(http_event("GET", "/v1/openapi.json", None, {}))
    assert (answer["statusCode"], json.loads(answer["body"])) == (200, DOCUMENT)
    assert world.answer(http_event("POST", "/v1/openapi.json", "{}", {}))["statusCode"] == 405
    assert world.answer(http_event("OPTIONS", "/v1/openapi.json", None, {}))["statusCode"] == 204


def test_every_reference_leads_somewhere() -> None:
    """No schema is named that is not there, and none is there that nothing names."""
    text = json.dumps(DOCUMENT)
    named = set(re.findall(r"#/components/(\w+/\w+)", text))
    there = {f"{kind}/{name}" for kind in ("schemas", "responses") for name in DOCUMENT["components"][kind]}
    assert named == there


def test_operations_have_names_of_their_own() -> None:
    """Programs are generated from them."""
    names = [one["operationId"] for operations in DOCUMENT["paths"].values() for one in operations.values()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("path", DOCUMENT["paths"])
def test_every_operation_says_how_it_refuses(path: str) -> None:
    """Each names its key or that it needs none, and what it answers without one."""
    for one in DOCUMENT["paths"][path].values():
        responses: dict[str, Any] = one["responses"]
        keys = [key for alternative in one["security"] for key in alternative]
        assert ("401" in responses) == bool(keys)
        assert all(key in DOCUMENT["components"]["securitySchemes"] for key in keys)
        assert "422" not in responses


def test_what_sdks_post_to_is_in_it() -> None:
    """All endpoints of the tracking API but the short names that the browser's SDK uses, and the carts."""
    names = {name for name in ENDPOINTS if len(name) > 1} | BASKETS
    assert {f"/v1/{name}" for name in names} <= DOCUMENT["paths"].keys()


TOKENS = LinkTokens(b"s" * 64)
LINK = MessageLink("m-1", 1, "https://shop.example/p/1")
MESSAGE_LINKS = {
    "/l/{token}": (TOKENS.make(LINK), "broken"),
    "/o/{token}.gif": (TOKENS.pixel("m-1"), "broken"),
    "/{link}": (TOKENS.short(LINK), "aB3dE6gH9j", "favicon.ico"),
}


@pytest.mark.parametrize("path", MESSAGE_LINKS)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_links_of_messages_are_answered_as_documented(path: str, method: str) -> None:
    """Each status, content type and header is in the document, and every status of the document is answered."""
    world = World()
    ShortLinks(world.messages).put_all([(TOKENS.short(LINK), LINK)], NOW)
    documented = DOCUMENT["paths"][path]["get"]["responses"]
    met = set()
    for value in MESSAGE_LINKS[path]:
        answer = world.answer(http_event(method, re.sub(r"\{\w+\}", value, path), None, {}))
        response = documented[str(answer["statusCode"])]
        kind = answer["headers"].get("content-type", "").partition(";")[0]
        assert (kind in response["content"]) if "content" in response else not kind
        assert response.get("headers", {}).keys() <= answer["headers"].keys()
        met.add(str(answer["statusCode"]))
    assert met == documented.keys() - {"503"}


def test_answers_hold_exactly_their_fields() -> None:
    """A key that is not in the document is not in an answer."""
    customer = DOCUMENT["components"]["schemas"]["Customer"]
    assert customer["additionalProperties"] is False
    assert set(customer["required"]) == set(customer["properties"])
