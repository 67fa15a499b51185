"""Manuals and care advice of what somebody bought, as the shop's products name them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from shared.domain.definitions.shop import Shop
from shared.domain.products.product import CARE_LENGTH, Product
from shared.domain.profile.profile import Line
from shared.domain.templates.display_values import LINES_SHOWN, base_url, clean, image_url, shop_url


def guide_view(guide: Sequence[tuple[Line, Product]], shop: Shop, language: str) -> Mapping[str, Any]:
    """``items`` (the first five) with ``id name image url manual care``, ``count``, and ``first``: the name of the
    first. A product that has neither a manual on the shop's own host nor advice in the reader's language is left
    out."""
    items = [
        {
            "id": line.product_id,
            "name": clean(product.name),
            "image": image_url(product.image_url),
            "url": shop_url(product.url, shop) or base_url(shop),
            "manual": shop_url(product.manual_url, shop),
            "care": _care(product, language),
        }
        for line, product in guide
    ]
    shown = [item for item in items if item["manual"] or item["care"]]
    return {"items": shown[:LINES_SHOWN], "count": len(shown), "first": shown[0]["name"] if shown else ""}


def _care(product: Product, language: str) -> str:
    """In the reader's language, else the text that is meant for all."""
    said = dict(product.care)
    return clean(said.get(language) or said.get("", ""), CARE_LENGTH)
