"""A feed of products that is pulled on a schedule, as ``definitions/feeds/*.yaml`` describes it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from shared.domain.connectors.connector import NAME
from shared.domain.definitions.shop import Strict
from shared.domain.senders.public_hosts import check_https
from shared.domain.time.durations import InvalidDuration, parse_duration

LEAST, MOST = timedelta(minutes=15), timedelta(days=7)
MOST_BYTES = 50_000_000
MOST_PRODUCTS = 100_000
MOST_REFUSALS = 20
"""Told of one pull, with the place in the feed; the others are counted."""
RETRY = timedelta(minutes=15)
"""After a pull that failed, if that is sooner than the next one."""


def _address(value: str) -> str:
    check_https(value)
    return value


def _every(value: str) -> str:
    try:
        span = parse_duration(value)
    except InvalidDuration as wrong:
        raise ValueError("write every as 1h, 6h or 1d") from wrong
    if not LEAST <= span <= MOST:
        raise ValueError("every is from 15m to 7d")
    return value


FieldOfFeed = Annotated[str, StringConstraints(pattern=r"^(manual_url|care|care\.[a-z]{2})$")]
Column = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,60}$")]


class Feed(Strict):
    """One feed: Google Merchant's form in XML or as a table, or the public list of products of a shop, which is
    ``/products.json`` with Shopify and ``/wp-json/wc/store/v1/products`` with WooCommerce.

    ``fields``: which column of Google's form holds what Google has no name for, such as ``care: custom_label_0``.
    """

    feed: str = Field(pattern=NAME)
    url: Annotated[str, AfterValidator(_address)]
    form: Literal["google", "shopify", "woocommerce"] = "google"
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    every: Annotated[str, AfterValidator(_every)] = "6h"
    fields: dict[FieldOfFeed, Column] = Field(default_factory=dict, max_length=20)

    @model_validator(mode="after")
    def _fits(self) -> Feed:
        if self.form != "google" and "?" in self.url:
            raise ValueError("the url of a shop's list of products is written without a question mark")
        if self.form != "google" and self.fields:
            raise ValueError("only a feed of Google's form has columns of its own")
        return self

    @property
    def columns(self) -> dict[str, str]:
        """Our field by the column that holds it."""
        return {column: name for name, column in self.fields.items()}

    @property
    def digest(self) -> str:
        """Of everything that decides what its products say: after a change all of them are looked at again."""
        said = self.model_dump_json(exclude={"every"})
        return hashlib.blake2b(said.encode(), digest_size=8).hexdigest()

    @property
    def span(self) -> timedelta:
        """Between two pulls."""
        return parse_duration(self.every)


State = Literal["ok", "not_modified", "unfinished", "failed"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A product of a feed that cannot be taken: its number in the feed, its id, and why."""

    place: int
    id: str
    problem: str


@dataclass(frozen=True, slots=True)
class Pull:
    """What became of a pull. ``unfinished``: its time was over; the next one goes on with what is left.

    ``turns_at``: when a reduction of a product begins or ends next. ``page``: with which page of a shop's list the next
    pull goes on. ``definition``: the digest of the feed's description.

    ``written`` products were new or changed, ``same`` said the same as at the last pull and were not looked at.
    """

    state: State
    started_at: datetime
    ended_at: datetime
    next_at: datetime
    etag: str = ""
    last_modified: str = ""
    digest: str = ""
    products: int = 0
    written: int = 0
    same: int = 0
    refused: int = 0
    refusals: tuple[Refusal, ...] = field(default_factory=tuple)
    turns_at: datetime | None = None
    page: int = 1
    definition: str = ""
    failure: str = ""
    """One of our own words: ``too_large``, ``status_404``, ``unreadable``, ``NeverLeft``, ..."""
