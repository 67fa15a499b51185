"""How thorough property tests are: quick by default, ``KERVAN_LONG=1`` (``make test-long``) makes them long.

With ``CI`` set the cases are the same on every run, so CI is red only for a reason; elsewhere every run tries new ones.
"""

from __future__ import annotations

import gc
import os

import pytest
from hypothesis import HealthCheck, settings

LONG = bool(os.environ.get("KERVAN_LONG"))
SAME = os.environ.get("CI", "").lower() not in {"", "0", "false"}
# A busy machine is no failure: neither the time of a case nor that of making it up is judged.
settings.register_profile(
    "kervan",
    max_examples=10_000 if LONG else 50,
    deadline=None,
    derandomize=SAME,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("kervan")


def pytest_collection_finish(session: pytest.Session) -> None:
    """What was imported and collected stays: no garbage collection needs to walk over it again."""
    gc.collect()
    gc.freeze()
