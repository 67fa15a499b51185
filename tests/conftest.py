"""How thorough property tests are: quick by default, ``KERVAN_LONG=1`` (``make test-long``) makes them long.

With ``CI`` set the cases are the same on every run, so CI is red only for a reason; elsewhere every run tries new ones.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.support.chromium import executable

if TYPE_CHECKING:
    from playwright.sync_api import Browser

LONG = bool(os.environ.get("KERVAN_LONG"))
SAME = os.environ.get("CI", "").lower() not in {"", "0", "false"}
MUTATED = "MUTANT_UNDER_TEST" in os.environ
"""``make mutate`` only asks whether a test fails, so no smaller example is looked for: that takes minutes."""
# A busy machine is no failure: neither the time of a case nor that of making it up is judged.
settings.register_profile(
    "kervan",
    max_examples=10_000 if LONG else 50,
    deadline=None,
    derandomize=SAME,
    print_blob=True,
    report_multiple_bugs=not MUTATED,
    phases=(Phase.explicit, Phase.generate) if MUTATED else tuple(Phase),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("kervan")
CHROMIUM_ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
"""Without a GPU: a process that only draws what the others can draw takes a sixth of the time of a page."""


def pytest_collection_finish(session: pytest.Session) -> None:
    """What was imported and collected stays: no garbage collection needs to walk over it again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def installed_chromium() -> Iterator[Browser | None]:
    """One Chromium for all tests of a worker: Playwright's loop runs once in a thread, and until the end."""
    path = executable()
    if path is None:
        yield None
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()
