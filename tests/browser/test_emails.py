"""The ready e-mails as readers see them: on a phone and on a desktop, in light and in dark mode."""

from __future__ import annotations

from typing import Any

import pytest

from cli.preview.pictures import embedded
from shared.domain.definitions.brand import Brand
from shared.domain.definitions.shop import Shop
from shared.domain.templates.content import EmailContent, compose
from shared.domain.templates.sample import PICTURES, SAMPLES, sample_view
from tests.browser.conftest import Mode, PageIn
from tests.browser.layout import facts
from tests.unit.notify.test_ready_templates import MAILS, RENDER, SHOP

pytestmark = pytest.mark.browser

PHONE, DESKTOP = 360, 800
BRANDS = {
    "ours": SHOP.brand,
    "yellow": Brand(colour="#ffe14d", background="#ffffff", text="#333333", font="georgia"),
    "night": Brand(
        colour="#3355ff", background="#10131a", text="#f0f2f5", logo="https://shop.example/i/yeni-sezon.png"
    ),
    "pale": Brand(colour="#f4c2d7", background="#fff7fb", text="#6b4a58"),
}


def email(name: str, language: str, sample: str, shop: Shop = SHOP, **more: Any) -> str:
    products, first_name = SAMPLES[sample]
    view = sample_view(MAILS[name], shop, language, products=products, first_name=first_name, image=PICTURES)
    content = compose(MAILS[name], "email", language, {**view, **more}, RENDER)
    assert isinstance(content, EmailContent)
    return embedded(content.html)


def check(found: dict[str, Any], width: int) -> None:
    """Nothing sticks out, every picture is there, every text can be read, and the button can be touched."""
    assert found["width"] <= width
    assert [text["said"] for text in found["texts"] if text["right"] > width] == []
    assert all(image["loaded"] and image["alt"] is not None for image in found["images"])
    assert [image for image in found["images"] if image["right"] > width] == []
    assert [(one["said"], round(one["contrast"], 2)) for one in found["texts"] if one["contrast"] < 4.5] == []
    assert min(one["size"] for one in found["texts"]) >= 13
    assert found["button"]["height"] >= 44
    assert found["button"]["width"] <= width


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("name", sorted(MAILS))
def test_an_email_reads_well_on_a_phone_and_on_a_desktop(page_in: PageIn, name: str, mode: Mode) -> None:
    """With one product, a grid, and a list; in both languages."""
    for language in ("tr", "en"):
        for sample in ("one", "three", "four", "many"):
            check(facts(page_in(PHONE, mode), email(name, language, sample)), PHONE)
        check(facts(page_in(DESKTOP, mode), email(name, language, "four")), DESKTOP)


@pytest.mark.parametrize("brand", sorted(BRANDS))
def test_any_brand_can_be_read(page_in: PageIn, brand: str) -> None:
    """A yellow one, a dark page, pale colours with a logo: in light and in dark mode."""
    shop = SHOP.model_copy(update={"brand": BRANDS[brand]})
    for name in ("cart-offer", "order-shipped", "price-drop", "newsletter"):
        for mode in ("light", "dark"):
            check(facts(page_in(PHONE, mode), email(name, "tr", "two", shop)), PHONE)


def test_dark_mode_is_dark(page_in: PageIn) -> None:
    """The page behind the message is dark for a reader in dark mode only."""
    html = email("cart-offer", "tr", "two")
    assert max(facts(page_in(PHONE, "dark"), html)["page"]) < 60
    assert min(facts(page_in(PHONE, "light"), html)["page"]) > 200


@pytest.mark.parametrize(("products", "in_first_row"), [("one", 1), ("two", 2), ("three", 3), ("four", 2)])
def test_a_grid_fills_its_rows(page_in: PageIn, products: str, in_first_row: int) -> None:
    """On a desktop: one large picture, two, three, or two rows of two."""
    page = page_in(DESKTOP, "light")
    facts(page, email("cart-reminder", "tr", products))
    tops = page.evaluate("[...document.images].map((image) => Math.round(image.getBoundingClientRect().top))")
    assert len(tops) == SAMPLES[products][0]
    assert tops.count(tops[0]) == in_first_row


def test_a_long_name_breaks_nothing(page_in: PageIn) -> None:
    """A name of a product and of a person without any space stays within the phone."""
    long = "Uzunyünlüatkılıkazak" * 5
    view = sample_view(MAILS["cart-reminder"], SHOP, "tr", products=2, first_name=long, image=PICTURES)
    items = [{**item, "name": long[:120], "variant": long[:60]} for item in view["cart"]["items"]]
    html = email(
        "cart-reminder", "tr", "two", cart={**view["cart"], "items": items}, customer={"first_name": long[:60]}
    )
    check(facts(page_in(PHONE, "light"), html), PHONE)
