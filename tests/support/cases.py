"""How many cases a property test tries, by the profile that ``tests/conftest.py`` chose."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

LONG = bool(os.environ.get("KERVAN_LONG"))

UNIT = [pytest.mark.unit, *([pytest.mark.long] if LONG else [])]
"""Marks of a module whose properties ``make test-long`` runs as well, with more cases."""


def cases(usual: int, long: int = 2_000) -> settings:
    """So many cases in ``make test``, and so many in ``make test-long``."""
    return settings(max_examples=long if LONG else usual, deadline=None)
