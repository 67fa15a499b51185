"""Pages of the Chromium of `tests/conftest.py`. Without one the tests of this tier are skipped, and say why."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, Route

Mode = Literal["light", "dark"]
PageIn = Callable[[int, Mode], Page]


@pytest.fixture(scope="session")
def chromium(installed_chromium: Browser | None) -> Browser:
    if installed_chromium is None:
        pytest.skip("no Chromium: install it (on Debian: apt-get install chromium) to see messages as readers do")
    return installed_chromium


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
