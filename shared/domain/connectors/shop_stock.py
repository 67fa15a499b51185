"""What is known of one shop's stock, as joins: order, duplicates and parallel workers cannot change the result.

An **item** is what the shop counts; it is called by a sku, which may change, and two items may have the same sku. The
pieces of a sku at a location are the sum over the items that are called so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from shared.domain.connectors.translation import ItemSku, ShopLevel


class Stamp(NamedTuple):
    """What orders two words about one item at one location; the greater counts. ``named_ms``: since when the item is
    called ``sku``; ``less``: the quantity below zero, so that of two words of one instant the smaller counts."""

    named_ms: int
    sku: str
    at_ms: int
    tie_ms: int
    less: int


def newer_sku(one: ItemSku, other: ItemSku | None) -> bool:
    """Whether ``one`` says something newer of an item's sku; of two words of one instant the greater text counts."""
    return other is None or (one.at_ms, one.sku) > (other.at_ms, other.sku)


def newer_level(one: ShopLevel, other: ShopLevel | None) -> bool:
    """Whether ``one`` says something newer of an item's level at a location."""
    return other is None or _age(one) > _age(other)


def _age(one: ShopLevel) -> tuple[int, int, int]:
    return one.at_ms, one.tie_ms, -one.quantity


@dataclass(frozen=True, slots=True)
class Share:
    """What one item adds to a sku at a location: nothing, once it is called otherwise."""

    stamp: Stamp
    quantity: int


def share_of(sku: ItemSku, level: ShopLevel, under: str) -> Share:
    """What an item adds to the pieces of a sku: its level if it is called so, else nothing."""
    if sku.sku != under:
        return Share(Stamp(sku.named_ms, sku.sku, 0, 0, 0), 0)
    return Share(Stamp(sku.named_ms, sku.sku, level.at_ms, level.tie_ms, -level.quantity), level.quantity)


@dataclass(frozen=True, slots=True)
class SkuShares:
    """Per item what it adds to a sku at a location. ``version`` is that of the stored item, 0 for none."""

    shares: Mapping[str, Share]
    version: int = 0

    @property
    def total(self) -> int:
        return sum(one.quantity for one in self.shares.values())

    def with_share(self, item: str, share: Share) -> SkuShares:
        """The join with one more word; itself if it says nothing new."""
        known = self.shares.get(item)
        if known is not None and known.stamp >= share.stamp:
            return self
        return replace(self, shares={**self.shares, item: share})
