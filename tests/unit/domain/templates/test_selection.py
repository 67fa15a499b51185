"""Products that a template shows to everybody."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from shared.domain.definitions.shop import Shop
from shared.domain.templates.definition import SelectedProduct, Template
from shared.domain.templates.sample import sample_view
from shared.domain.templates.view import missing

pytestmark = pytest.mark.unit

SHOP = Shop(name="Kervan Moda")
DRESS: dict[str, Any] = {
    "name": {"tr": "Elbise", "en": "Dress"}, "price": 1299.9, "image": "https://shop.example/d.png",
    "url": "https://shop.example/d",
}  # fmt: skip


def template(*products: dict[str, Any]) -> Template:
    action = {"text": {"tr": "Bak", "en": "Look"}, "url": "https://shop.example"}
    return Template.model_validate(
        {"template": "t", "purpose": "marketing", "needs": ["selection.items"], "action": action, "selection": products}
    )


def test_a_product_is_shown_in_the_readers_language() -> None:
    """Name and price as the reader writes them; a product without a name in the language is left out."""
    made = template(DRESS, {"name": {"tr": "Kemer"}, "url": "https://shop.example/k"})
    turkish = sample_view(made, SHOP, "tr")["selection"]
    english = sample_view(made, SHOP, "en")["selection"]
    assert [(one["name"], one["price"]) for one in turkish["items"]] == [("Elbise", "1.299,90 TL"), ("Kemer", None)]
    assert [(one["name"], one["price"]) for one in english["items"]] == [("Dress", "TRY 1,299.90")]
    assert (turkish["count"], english["count"]) == (2, 1)


def test_without_products_the_message_is_not_sent() -> None:
    """The need is empty, as with a cart."""
    assert missing(template(), sample_view(template(), SHOP, "tr")) == ("selection.items",)
    assert missing(template(DRESS), sample_view(template(DRESS), SHOP, "tr")) == ()


def test_it_survives_a_release() -> None:
    """Amounts stay exact in the JSON in which a release is stored."""
    stored = template(DRESS).model_dump_json(exclude_unset=True)
    assert Template.model_validate_json(stored) == template(DRESS)


@pytest.mark.parametrize(
    "change",
    [
        {"url": "http://shop.example"}, {"url": "javascript:alert(1)"}, {"image": "data:image/png;base64,x"},
        {"url": 'https://shop.example/"><script>'}, {"price": -1}, {"name": {}}, {"url": "https://shop.example/\n"},
    ],
)  # fmt: skip
def test_an_address_that_is_none_is_refused(change: dict[str, Any]) -> None:
    """When it is published, not when it is sent."""
    with pytest.raises(ValidationError):
        SelectedProduct.model_validate(DRESS | change)
