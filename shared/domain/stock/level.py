"""The level of a sku at a location: what is there, what is promised, what is on its way."""

from __future__ import annotations

from msgspec import Struct

MOST = 1_000_000_000
"""Pieces; a level or a quantity beyond it is a mistake."""


class Level(Struct, frozen=True):
    """``on_hand`` pieces lie there, ``reserved`` of them are promised, ``incoming`` are expected."""

    on_hand: int = 0
    reserved: int = 0
    incoming: int = 0

    @property
    def available(self) -> int:
        """What may still be sold. Below zero only where backorder is or was allowed."""
        return self.on_hand - self.reserved

    def plus(self, change: Level) -> Level:
        """The level after a change."""
        return Level(self.on_hand + change.on_hand, self.reserved + change.reserved, self.incoming + change.incoming)


class StockRules(Struct, frozen=True):
    """What a location allows.

    Attributes
    ----------
    safety
        Pieces that no reservation may take: they make up for counts that are wrong. A sale at the till takes them.
    backorder
        Whether more may be sold and promised than is there.
    """

    safety: int = 0
    backorder: bool = False


NO_RULES = StockRules()
