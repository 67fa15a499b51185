"""The look of a shop: only values that are safe in HTML and CSS, and that can be read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.domain.definitions.brand import FONTS, LEAST_CONTRAST, Brand, adjusted, contrast, readable_on
from shared.domain.definitions.shop import Shop

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@pytest.mark.parametrize(
    "given_brand",
    [
        {"colour": "red"},
        {"colour": "#fff"},
        {"colour": "#ffffff;}body{display:none"},
        {"colour": "#12345g"},
        {"colour": "#ffffff\n"},
        {"background": "url(https://evil.example)"},
        {"font": "Comic Sans"},
        {"font": "arial;color:red"},
        {"logo": "http://shop.example/logo.png"},
        {"logo": "//shop.example/logo.png"},
        {"logo": "javascript:alert(1)"},
        {"logo": "https://user:word@shop.example/logo.png"},
        {"logo": 'https://shop.example/"onerror="alert(1)'},
        {"logo": "https://shop.example;script-src/logo.png"},
        {"logo": "https://shop.example/{{ customer.name }}"},
        {"logo": "https://shop.example/logo.png\n"},
        {"logo": "https://shop.example/" + "a" * 500},
        {"text": "#777777", "background": "#ffffff"},
        {"size": "12px"},
    ],
)
def test_what_is_not_safe_or_not_legible_is_refused(given_brand: dict[str, str]) -> None:
    """A value that could leave its place in HTML, CSS or a header, and text that cannot be read, is an error."""
    with pytest.raises(ValidationError):
        Shop.model_validate({"name": "Shop", "brand": given_brand})


def test_a_brand_is_taken_as_written() -> None:
    """Colours in any case; a logo with port, path and query."""
    brand = Brand.model_validate({"logo": "https://cdn.shop.example:8443/a/b.svg?v=2", "colour": "#FFE14D"})
    assert (brand.colour, brand.on_colour) == ("#ffe14d", "#000000")
    assert brand.logo.endswith("b.svg?v=2")


def test_fonts_need_no_quotation_marks() -> None:
    """The value of font-family stands in attributes of HTML and in CSS alike."""
    assert all(not set(stack) & set("\"'<>;{}&") for stack in FONTS.values())


@given(COLOURS, COLOURS)
def test_contrast_is_symmetric_and_between_1_and_21(one: str, other: str) -> None:
    """As WCAG defines it."""
    found = contrast(one, other)
    assert 1 <= found <= 21.000001
    assert found == contrast(other, one)


@given(COLOURS, COLOURS)
def test_text_on_any_colour_can_be_read(colour: str, background: str) -> None:
    """Whatever colours a shop chooses, chosen ink reaches WCAG AA."""
    assert contrast(readable_on(colour), colour) >= LEAST_CONTRAST
    assert contrast(adjusted(colour, background, LEAST_CONTRAST), background) >= LEAST_CONTRAST
