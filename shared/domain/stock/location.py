"""A location: a shop, a store or a depot, and what it allows."""

from __future__ import annotations

from dataclasses import dataclass

from shared.domain.stock.level import NO_RULES, StockRules


@dataclass(frozen=True, slots=True)
class Location:
    """``pickup``: whether customers may collect there.

    A location that was never described allows no backorder, keeps no safety stock and serves no pick-up.
    """

    name: str
    label: str = ""
    rules: StockRules = NO_RULES
    pickup: bool = False
