"""One Chromium for all tests of this tier. Without it they are skipped, and say why."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, Route, sync_playwright

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
"""Without a GPU: a process that only draws what the others can draw takes a sixth of the time of a page."""
Mode = Literal["light", "dark"]
PageIn = Callable[[int, Mode], Page]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium: install it (on Debian: apt-get install chromium) to see messages as readers do")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def page_in(chromium: Browser) -> Iterator[PageIn]:
    """A page of this width for a reader in light or dark mode. Nothing is loaded from a network."""
    pages: dict[tuple[int, Mode], Page] = {}

    def refuse(route: Route) -> None:
        route.abort()

    def page(width: int, mode: Mode) -> Page:
        if (width, mode) not in pages:
            made = chromium.new_page(viewport={"width": width, "height": 800}, color_scheme=mode)
            made.route("http*://**", refuse)
            pages[width, mode] = made
        return pages[width, mode]

    yield page
    for made in pages.values():
        made.close()
