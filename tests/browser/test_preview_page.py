"""The page of `kervan messages preview`."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli import paths
from cli.preview.from_folder import preview_of_folder
from cli.preview.page import preview_page
from tests.browser.conftest import Mode, PageIn

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    shown = preview_of_folder(paths.project() / "definitions", "cart-offer", "two", language=None, channel=None)
    target = tmp_path_factory.mktemp("page") / "page.html"
    target.write_text(preview_page(shown), "utf-8")
    return target


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1600])
def test_the_page_fits_and_shows_both_modes(page_in: PageIn, file: Path, width: int, mode: Mode) -> None:
    """Four frames, two of them dark whatever this machine prefers; pictures are in it; nothing sticks out."""
    page = page_in(width, mode)
    page.goto(file.as_uri(), wait_until="load")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    frames = page.frames[1:]
    assert len(frames) == 4
    grounds = [frame.evaluate("getComputedStyle(document.body).backgroundColor") for frame in frames]
    assert grounds == ["rgb(246, 242, 236)", "rgb(21, 19, 17)"] * 2
    for frame in frames:
        assert frame.evaluate("[...document.images].every((image) => image.complete && image.naturalWidth > 1)")
    assert page.evaluate("[...document.images].every((image) => image.complete && image.naturalWidth > 1)")


def test_a_lock_screen_shows_lines_and_cuts_the_rest(page_in: PageIn, file: Path) -> None:
    """Android one line of title and body, iOS one of title and at most four of body."""
    page = page_in(1600, "light")
    page.goto(file.as_uri(), wait_until="load")
    lines = page.evaluate(
        """[...document.querySelectorAll('.locked')].map((phone) => [phone.classList.contains('ios'),
          ...['b', 'span'].map((part) => Math.round(phone.querySelector('.words ' + part).getBoundingClientRect().height
            / parseFloat(getComputedStyle(phone.querySelector('.note')).lineHeight)))])"""
    )
    assert len(lines) == 2
    for ios, title, body in lines:
        assert title == 1
        assert 1 <= body <= (4 if ios else 1)
