"""What is known of one shop's stock, as joins: order, duplicates and parallel workers cannot change the result.

An **item** is what the shop counts; it is called by a sku, which may change, and two items may have the same sku. The
pieces of a sku at a location are the sum over the items that are called so and lie there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from shared.domain.connectors.translation import ItemSku, ShopLevel
from shared.domain.stock.movement import Place


class Stamp(NamedTuple):
    """What orders two words about one item at one location; the greater counts. ``named_ms``: since when the item is
    called ``sku`` and is counted or not; ``less``: the quantity below zero, so that of two words of one instant the
    smaller counts."""

    named_ms: int
    sku: str
    untracked: bool
    at_ms: int
    tie_ms: int
    less: int


def newer_sku(one: ItemSku, other: ItemSku | None) -> bool:
    """Whether ``one`` says something newer of an item's sku; of two words of one instant the greater text counts, and
    that nobody counts the pieces before that somebody does."""
    return other is None or _word(one) > _word(other)


def _word(one: ItemSku) -> tuple[int, str, bool]:
    return one.at_ms, one.sku, not one.tracked


def newer_level(one: ShopLevel, other: ShopLevel | None) -> bool:
    """Whether ``one`` says something newer of an item's level at a location."""
    return other is None or _age(one) > _age(other)


def _age(one: ShopLevel) -> tuple[int, int, int]:
    return one.at_ms, one.tie_ms, -one.quantity


@dataclass(frozen=True, slots=True)
class Share:
    """What one item adds to a sku at a location: nothing, once it is called otherwise, lies elsewhere or is not
    counted."""

    stamp: Stamp
    quantity: int

    @property
    def at_ms(self) -> int:
        """Of when it is what it is."""
        return self.stamp.at_ms or self.stamp.named_ms


def share_of(sku: ItemSku, level: ShopLevel, under: Place) -> Share:
    """What an item adds to the pieces of a sku at a location: its level if it is called so and lies there."""
    if sku.sku != under.sku or not sku.tracked:
        return Share(Stamp(sku.named_ms, sku.sku, not sku.tracked, 0, 0, 0), 0)
    quantity = level.quantity if level.location == under.location else 0
    return Share(Stamp(sku.named_ms, sku.sku, False, level.at_ms, level.tie_ms, -level.quantity), quantity)


@dataclass(frozen=True, slots=True)
class SkuShares:
    """Per item what it adds to a sku at a location. ``version`` is that of the stored item, 0 for none."""

    sku: str
    shares: Mapping[str, Share]
    version: int = 0

    @property
    def number(self) -> int | None:
        """The pieces that the shop can sell; None if it counts none of the items that are called so."""
        called = [one for one in self.shares.values() if one.stamp.sku == self.sku]
        if called and all(one.stamp.untracked for one in called):
            return None
        return sum(one.quantity for one in called)

    @property
    def at_ms(self) -> int:
        """Of when the number is: that of the newest word in it."""
        return max((one.at_ms for one in self.shares.values()), default=0)

    def with_share(self, item: str, share: Share) -> SkuShares:
        """The join with one more word; itself if it says nothing new."""
        known = self.shares.get(item)
        if known is not None and known.stamp >= share.stamp:
            return self
        return replace(self, shares={**self.shares, item: share})
