"""Templates of a stored release: read only where a message is made, and told where they cannot be read."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from shared.domain.definitions.release import Release, read_release, write_release
from tests.unit.notify.world import SHOP, TEMPLATES

pytestmark = pytest.mark.unit

ROOT = Path(__file__).resolve().parents[4]
WRITTEN = Release(3, SHOP, templates=tuple(TEMPLATES.values()))


def test_they_read_as_they_were_published() -> None:
    """Number, order, names and parts are those of the templates that were written; so is what is written again."""
    read = read_release(write_release(WRITTEN))
    assert read == WRITTEN
    assert read == WRITTEN
    assert read == read_release(write_release(WRITTEN))
    assert (len(read.templates), read.templates[:2]) == (len(TEMPLATES), WRITTEN.templates[:2])
    assert read.template("cart-reminder") == TEMPLATES["cart-reminder"]
    assert read.template("nobody-wrote-this") is None
    assert write_release(read) == write_release(WRITTEN)


def test_other_templates_make_another_release() -> None:
    """A template less, or one changed, is not equal."""
    text = write_release(WRITTEN)
    assert read_release(text) != Release(3, SHOP, templates=WRITTEN.templates[1:])
    assert read_release(text).templates != list(WRITTEN.templates)


def test_a_template_that_cannot_be_read_is_told_each_time() -> None:
    """Segments and journeys of the release go on; whoever needs a template gets the error, also the second time."""
    said = json.loads(write_release(WRITTEN))
    said["templates"][-1]["no_such_field"] = 1
    read = read_release(json.dumps(said))
    assert (read.shop, read.segments) == (SHOP, ())
    for _ in range(2):
        with pytest.raises(ValidationError, match="no_such_field"):
            read.template("cart-reminder")


def test_a_rule_that_cannot_be_read_is_told_at_once() -> None:
    """Only templates wait: a segment or journey of another form refuses the release when it is read."""
    for kind in ("segments", "journeys"):
        said = json.loads(write_release(WRITTEN))
        said[kind] = [{"no_such_field": 1}]
        with pytest.raises(ValidationError):
            read_release(json.dumps(said))


@pytest.mark.parametrize("handler", ["functions.segment.on_events", "functions.segment.on_due"])
def test_segment_imports_no_model_of_templates(handler: str) -> None:
    """They would be a tenth of its cold start."""
    code = f"import sys, {handler}; print('shared.domain.templates.definition' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
