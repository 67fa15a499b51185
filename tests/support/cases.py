"""How many cases a property test tries, by the profile that ``tests/conftest.py`` chose."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeVar

import pytest
from hypothesis import settings

Test = TypeVar("Test", bound=Callable[..., None])
LONG = bool(os.environ.get("KERVAN_LONG"))

UNIT = [pytest.mark.unit, *([pytest.mark.long] if LONG else [])]
"""Marks of a module whose properties ``make test-long`` runs as well, with more cases."""


def cases(usual: int, long: int = 2_000) -> settings:
    """So many cases in ``make test``, and so many in ``make test-long``."""
    return settings(max_examples=long if LONG else usual, deadline=None)


def also_long(test: Test) -> Test:
    """``make test-long`` runs this test as well, in a module whose others it leaves out."""
    return pytest.mark.long(test) if LONG else test
