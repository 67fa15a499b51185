"""What is known of one shop's stock, as joins: order, duplicates and parallel workers cannot change the result.

An **item** is what the shop counts; it is called by a sku, which may change, and two items may have the same sku. Two
of the shop's locations may be one of ours. The pieces of a sku at a location are the sum over the levels of the items
that are called so and lie there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from shared.domain.connectors.translation import ONLY_LOCATION, ItemSku, ShopLevel
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


def share_key(item: str, number: str) -> str:
    """What a share is called: its item, and the shop's number of the location where the shop has several."""
    return item if number in {"", ONLY_LOCATION} else f"{item}@{number}"


@dataclass(frozen=True, slots=True)
class SkuShares:
    """By ``share_key`` what each level adds to a sku at a location. ``version``: of the stored item, 0 for none."""

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

    def with_share(self, item: str, number: str, share: Share) -> SkuShares:
        """The join with one more word; itself if it says nothing new. A share of before, which names the item alone,
        is that of the level that is told now."""
        key = share_key(item, number)
        known = self.shares.get(key)
        if known is not None and known.stamp >= share.stamp:
            return self
        others = {name: one for name, one in self.shares.items() if name not in {key, item}}
        return replace(self, shares={**others, key: share})
