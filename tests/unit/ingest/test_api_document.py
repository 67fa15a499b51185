"""docs/api.md says what the API does: every path is in it, and its examples work."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from functions.ingest.api import READS
from shared.domain.tracking.batch import ENDPOINTS
from tests.unit.ingest.world import STORE_KEY, World

pytestmark = pytest.mark.unit

DOCUMENT = (Path(__file__).parents[3] / "docs" / "api.md").read_text()
POSTS = re.findall(r"curl \"\$KERVAN(/v1/\w+)\".*? -d '(.*?)'\n```", DOCUMENT, re.DOTALL)


@pytest.mark.parametrize("name", sorted(ENDPOINTS.keys() | READS - {"reports"}))
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
