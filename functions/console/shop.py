"""What pages need of the shop: its name, its time zone and its currency."""

from __future__ import annotations

from dataclasses import dataclass

from shared.domain.definitions.release import Release


@dataclass(frozen=True, slots=True)
class ShopView:
    name: str
    zone: str
    currency: str


def shop_of(release: Release) -> ShopView:
    """Of the current release; before the first one the shop has no name yet."""
    return ShopView(release.shop.name, release.shop.time_zone, release.shop.currency)
