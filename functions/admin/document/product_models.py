"""What the paths of products take and answer (docs/stock.md#products)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from functions.admin.models.base import AnswerModel, Cursor, Time

Language = Annotated[str, Field(pattern="^[a-z]{2}$")]


class ProductFields(BaseModel):
    """A product; what it does not say is empty. ``id`` is what events call it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"name": "Kar montu M", "price": "2499.90", "currency": "TRY", "group": "snow-jacket"}]
        },
    )

    id: str | None = Field(None, max_length=100)
    name: str = Field(min_length=1, max_length=200)
    price: str | float = Field(description="of one piece, before a reduction", examples=["249.90"])
    sale_price: str | float | None = Field(None, description="what it costs today, if it is reduced")
    currency: str | None = Field(None, pattern="^[A-Z]{3}$")
    group: str | None = Field(None, max_length=100, description="the product that it is a variant of")
    brand: str | None = None
    categories: list[str] | str | None = None
    availability: Literal["in_stock", "out_of_stock", "preorder", "backorder"] | None = None
    url: str | None = Field(None, description="https only")
    image_url: str | None = Field(None, description="https only")
    manual_url: str | None = Field(None, description="https only: where the manual of the product is")
    care: str | dict[Language, str] | None = Field(None, description="care advice: a text, or one by language")


class ProductBatch(BaseModel):
    """``currency``: of products that name none."""

    model_config = ConfigDict(extra="forbid")

    items: list[ProductFields] = Field(min_length=1, max_length=500)
    keep_unsaid: bool = Field(False, description="fields that a product does not have stay as they are")
    currency: str | None = None


class PriceSince(AnswerModel):
    since: Time
    price: str
    currency: str


class CatalogueProduct(AnswerModel):
    """``lowest_price_30_days``: of a reduced product, the lowest price of the 30 days before the reduction."""

    id: str
    name: str
    group: str
    brand: str
    categories: list[str]
    price: str
    sale_price: str | None
    currency: str
    availability: Literal["in_stock", "out_of_stock", "preorder", "backorder"]
    url: str
    image_url: str
    manual_url: str
    care: str | dict[Language, str]
    changed_at: Time
    lowest_price_30_days: str | None
    prices: list[PriceSince]


class CatalogueProducts(AnswerModel):
    items: list[CatalogueProduct]
    cursor: Cursor


class RefusedProduct(AnswerModel):
    index: int
    field: str
    message: str


class ProductsTaken(AnswerModel):
    """``older``: what is known of them is of a later instant."""

    new: int
    changed: int
    unchanged: int
    older: int
    refused: list[RefusedProduct]
