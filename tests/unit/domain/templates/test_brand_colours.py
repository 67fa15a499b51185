"""The colours of an e-mail: whatever a shop chooses, what is written can be read."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.domain.definitions.brand import LEAST_CONTRAST, Brand, contrast
from shared.domain.templates.brand_colours import CARD, brand_view, readable

pytestmark = pytest.mark.unit

COLOURS = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06x}")
STANDS_ON = {
    "ink": ("card", "tint"), "quiet": ("card", "tint"), "accent": ("card", "tint"),
    "on_colour": ("colour",), "page_text": ("background",), "page_quiet": ("background",),
    "dark_ink": ("dark_card", "dark_page", "dark_tint"), "dark_quiet": ("dark_card", "dark_page", "dark_tint"),
    "dark_accent": ("dark_card", "dark_page", "dark_tint"),
}  # fmt: skip


@given(colour=COLOURS, background=COLOURS, text=COLOURS)
@example(colour="#ffe14d", background="#ffffff", text="#000000")
@example(colour="#000000", background="#000000", text="#ffffff")
@example(colour="#7f7f7f", background="#101010", text="#ffffff")
def test_every_text_can_be_read_on_what_it_stands_on(colour: str, background: str, text: str) -> None:
    """At least 4.5, in light and in dark mode, for every brand that may be published."""
    try:
        brand = Brand(colour=colour, background=background, text=text)
    except ValidationError:
        return
    shown = brand_view(brand) | {"card": CARD}
    for ink, grounds in STANDS_ON.items():
        for ground in grounds:
            assert contrast(shown[ink], shown[ground]) >= LEAST_CONTRAST, (ink, shown[ink], ground, shown[ground])


@given(wanted=COLOURS, ground=COLOURS)
def test_a_colour_that_can_be_read_stays(wanted: str, ground: str) -> None:
    """Only what cannot be read is changed, and then it can be."""
    found = readable(wanted, ground)
    assert (found == wanted) == (contrast(wanted, ground) >= LEAST_CONTRAST)
    assert contrast(found, ground) >= LEAST_CONTRAST


def test_templates_read_the_brand_as_it_is_published() -> None:
    """The logo and the colour of buttons are the shop's own; the font is written as CSS takes it."""
    shown = brand_view(Brand(logo="https://shop.example/logo.png", colour="#123456", font="georgia"))
    assert (shown["logo"], shown["colour"], shown["on_colour"]) == (
        "https://shop.example/logo.png",
        "#123456",
        "#ffffff",
    )
    assert shown["font"].startswith("Georgia")
