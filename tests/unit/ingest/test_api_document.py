"""docs/api.md says what the API does: every path is in it, and its examples work."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from functions.admin.api import RESOURCES
from functions.ingest.api import BASKETS
from shared.domain.events.batch import ENDPOINTS
from shared.domain.identity.customer_token import TokenKeys
from shared.stores.token_issuers import allow
from tests.unit.admin.test_questions import fold, told
from tests.unit.ingest.test_feedback import Mail
from tests.unit.ingest.world import NOW, STORE_KEY, World

pytestmark = pytest.mark.unit

DOCUMENT = (Path(__file__).parents[3] / "docs" / "api.md").read_text()
POSTS = re.findall(r"curl \"\$KERVAN(/v1/\w+)\".*? -d '(.*?)'\n```", DOCUMENT, re.DOTALL)


@pytest.mark.parametrize("name", sorted(ENDPOINTS.keys() | BASKETS | RESOURCES - {"reports"}))
def test_every_path_is_documented(name: str) -> None:
    """A path that is not in the document fails here."""
    assert f"/v1/{name}" in DOCUMENT


@pytest.mark.parametrize(("path", "body"), POSTS)
def test_the_examples_work(path: str, body: str) -> None:
    """What the document sends is taken, and the batch answers what the document shows."""
    status, answer = World().post(path, body, key=STORE_KEY)
    assert (status, answer["success"]) == (200, True)
    if path == "/v1/batch":
        assert json.dumps(answer) in DOCUMENT


def test_there_are_examples() -> None:
    """The examples are found in the document."""
    assert len(POSTS) == 3


IDENTITY = (Path(__file__).parents[3] / "docs" / "identity.md").read_text()
SIGNING = re.findall(r"```python\n(import jwt.*?)```", DOCUMENT, re.DOTALL)


def fields(found: Any) -> set[str]:
    """The names of all fields, however deep."""
    if isinstance(found, dict):
        return set(found).union(*map(fields, found.values()))
    return set().union(*map(fields, found)) if isinstance(found, list) else set()


def shown(heading: str) -> set[str]:
    """The fields of the JSON that the document shows below a heading."""
    part = DOCUMENT.partition(f"# {heading}\n")[2]
    return fields(json.loads(re.findall(r"```json\n(.*?)```", part, re.DOTALL)[0]))


def test_what_the_document_shows_is_answered() -> None:
    """Every field of the examples of cart, timeline and consents is in a real answer."""
    mail = Mail()
    world = mail.world
    told(world, event="Product Added", properties={"product_id": "p-1"}, context={"device": {"id": "D1"}})
    told(world, event="Consent Granted", properties={"channel": "email", "text_version": "1"})
    fold(world)
    assert shown("The cart on every channel") <= fields(world.get("/v1/cart", STORE_KEY, {"user": "42"})[1])
    assert shown("Consent with its proof") <= fields(world.get("/v1/customers/user:42/consents")[1])
    assert shown("The timeline") <= fields(world.get("/v1/customers/user:42/timeline")[1])


def test_the_example_signs_what_is_taken() -> None:
    """The token that the document's Python makes with a well-known library opens the cart."""
    (code,) = SIGNING
    world = World()
    world.clock.time = datetime.now(UTC)
    allow(world.catalog, "server", NOW)
    made: dict[str, Any] = {"SIGNING_SECRET": TokenKeys(b"s" * 64).signing_secret("server", 1)}
    exec(code, made)  # noqa: S102 - our own document
    assert world.get("/v1/cart", made["token"]) == (200, {"items": [], "updated_at": None})


@pytest.mark.parametrize("field", ["contested_from", "said", "verdict", "member", "owner", "state", "since", "trusted"])
def test_links_are_documented(field: str) -> None:
    """A field of a link that is not in the document fails here, and one that is gone fails too."""
    world = World()
    told(world, event="Cart Viewed", context={"device": {"id": "D1"}})
    fold(world)
    assert field in fields(world.get("/v1/customers/user:42/links")[1])
    assert re.search(rf"`(links\[\]\.)?{field}\b", IDENTITY)
