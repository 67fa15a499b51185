"""The folder `definitions`, checked once for all tests of a process: that takes more than a second."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from cli.definitions.folder import check_folder
from shared.domain.definitions.bundle import Bundle

DEFINITIONS = Path(__file__).parents[2] / "definitions"


@cache
def ready_bundle() -> Bundle:
    """What is published of it."""
    checked = check_folder(DEFINITIONS)
    assert checked.bundle is not None, checked.problems
    return checked.bundle
