"""docs/import.md lists every form, and its example works."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cli.importing.exports.recognise import NAMES

pytestmark = pytest.mark.unit
DOCUMENT = (Path(__file__).parents[3] / "docs" / "import.md").read_text()
[MAPPING] = re.findall(r"```yaml\n(.*?)```", DOCUMENT, re.DOTALL)


@pytest.mark.parametrize("name", NAMES)
def test_every_form_is_documented(name: str) -> None:
    """A form that is not in the document fails here."""
    assert f"`{name}`" in DOCUMENT
