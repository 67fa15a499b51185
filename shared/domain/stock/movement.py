"""Movements: what changes a level, and what each kind may do."""

from __future__ import annotations

from typing import Literal, NamedTuple, assert_never

from msgspec import Struct

from shared.domain.stock.level import MOST, Level, StockRules

Step = Literal[
    "sale", "return", "receipt", "transfer_out", "transfer_in", "count", "reserve", "release", "expect", "collect"
]
"""What happens to one level. ``expect``: pieces are on their way. ``collect``: reserved pieces are sold."""
Reason = Literal["out_of_stock", "below_reserved", "not_reserved", "too_many"]


class Refused(Exception):
    """A step that the level does not allow. Nothing of its request is applied."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


class Place(NamedTuple):
    """One level."""

    sku: str
    location: str


class LevelStep(Struct, frozen=True):
    """One step at one level. ``quantity`` is 1 or more; that of a count is what was found, 0 or more.

    ``expected``: a receipt or the end of a transfer whose pieces were announced, so they are incoming no longer.
    """

    step: Step
    place: Place
    quantity: int
    expected: bool = False


def change_of(level: Level, wanted: LevelStep, rules: StockRules, shift: int = 0, *, ours: bool = True) -> Level:
    """What a step adds to each number of a level.

    ``shift``: what follows of it for the pieces on hand, beside the step's own change (``shop_view``). Pieces that are
    not ``ours`` to sell are collected without a sale.

    No step makes ``on_hand - reserved`` fall below zero, unless backorder is allowed. A step that does not lower it is
    always allowed, whatever it is now. A reservation leaves the safety stock too.

    Raises
    ------
    Refused
        If the level does not allow it.
    """
    quantity = wanted.quantity
    match wanted.step:
        case "sale" | "transfer_out":
            found = Level(on_hand=-quantity)
        case "return" | "receipt" | "transfer_in":
            found = Level(on_hand=quantity, incoming=-min(quantity, level.incoming) if wanted.expected else 0)
        case "expect":
            found = Level(incoming=quantity)
        case "count":
            found = Level(on_hand=quantity - level.on_hand)
        case "reserve":
            found = Level(reserved=quantity)
        case "release":
            found = Level(reserved=-quantity)
        case "collect":
            found = Level(on_hand=-quantity if ours else 0, reserved=-quantity)
        case _:
            assert_never(wanted.step)
    _check(level, found.plus(Level(on_hand=shift)), wanted, rules)
    return found


def _check(level: Level, change: Level, wanted: LevelStep, rules: StockRules) -> None:
    after = level.plus(change)
    if after.reserved < 0:
        raise Refused("not_reserved")
    if max(after.on_hand, after.reserved, after.incoming) > MOST or after.on_hand < -MOST:
        raise Refused("too_many")
    if rules.backorder:
        return
    kept = rules.safety if wanted.step == "reserve" else 0
    if change.on_hand - change.reserved < 0 and after.available < kept:
        raise Refused("below_reserved" if wanted.step == "count" else "out_of_stock")
    if wanted.step == "collect" and after.on_hand < 0:
        raise Refused("out_of_stock")
