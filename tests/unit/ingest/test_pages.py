"""The layout of pages: readable in every colour, escaped, in the language of the reader."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.ingest import page_style
from functions.ingest.page import PageStyle, page
from functions.ingest.page_style import page_language
from functions.ingest.page_texts import TEXTS
from shared.domain.definitions.brand import LEAST_CONTRAST, Brand, contrast
from tests.support.cases import also_long, cases
from tests.unit.ingest.test_preferences import received
from tests.unit.notify.world import SHOP

pytestmark = pytest.mark.unit

HOSTILE = "<script>alert(1)</script>\"'&{}"


def test_every_value_in_a_page_is_escaped() -> None:
    """Whatever the shop wrote into its answers is text."""
    shop, who = received()
    shop.publish(SHOP.model_copy(update={"name": HOSTILE, "address": HOSTILE, "languages": ("tr", HOSTILE)}))
    who.pages = replace(who.pages, catalog=shop.catalog)
    page_style._kept.clear()
    body = who.get()["body"]
    assert "alert(1)" in body
    assert "<script" not in body
    assert HOSTILE not in body


COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@also_long
@cases(100)
@given(COLOURS, COLOURS)
def test_whatever_colours_a_shop_has_its_pages_can_be_read(colour: str, background: str) -> None:
    """Text, hints, links and what stands on buttons reach WCAG AA, in light and in dark."""
    text = "#000000" if contrast("#000000", background) >= LEAST_CONTRAST else "#ffffff"
    style = page(PageStyle(brand=Brand(colour=colour, background=background, text=text)), "tr", "T", "")["body"]
    themes = [dict(re.findall(r"--([a-z-]+):(#[0-9a-f]{6});", part)) for part in style.split("@media")[:2]]
    for theme in themes:
        for ink, paper in (
            ("text", "card"), ("text", "background"), ("quiet", "card"), ("quiet-outside", "background"),
            ("link", "card"), ("link-outside", "background"), ("on-button", "button"),
        ):  # fmt: skip
            assert contrast(theme[ink], theme[paper]) >= LEAST_CONTRAST, (ink, paper)
        assert contrast(theme["button"], theme["card"]) >= 3


def test_a_logo_may_be_loaded_from_its_host_and_nothing_else() -> None:
    """The policy names the host of the logo."""
    made = page(PageStyle("Shop", Brand(logo="https://cdn.shop.example/a.png")), "en", "T", "")
    assert "img-src https://cdn.shop.example;" in made["headers"]["content-security-policy"]
    assert '<img class="logo" src="https://cdn.shop.example/a.png" alt="Shop">' in made["body"]


@pytest.mark.parametrize(
    ("query", "said", "accepted", "expected"),
    [
        ({"lang": "en"}, "tr", "tr", "en"),
        ({"lang": "xx"}, "tr", "en", "tr"),
        ({}, "", "en-GB,tr;q=0.5", "en"),
        ({}, "de", "fr", "tr"),
        ({"lang": "<b>"}, "", "", "tr"),
    ],
)
def test_the_language_of_a_page(query: dict[str, str], said: str, accepted: str, expected: str) -> None:
    """The address, the customer, the browser, the shop."""
    assert page_language(query, said, {"accept-language": accepted}, PageStyle()) == expected


def test_both_languages_say_the_same_things() -> None:
    """No sentence is missing in one of them."""
    assert TEXTS["tr"].keys() == TEXTS["en"].keys()
