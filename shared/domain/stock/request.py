"""A request to change stock: lines that are applied together or not at all, once, whatever happens."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Literal, assert_never

from msgspec import Struct

from shared.domain.stock.movement import LevelStep, Place

LineKind = Literal["sale", "return", "receipt", "transfer", "count", "reserve"]
"""What a line may ask for. Reserved pieces are released by the reservation that took them, never by a number."""
MOST_LINES = 100
MOST_LEVELS = 97
"""Different levels of one request: a transaction has a hundred items, and three of them say what was asked."""


class Line(Struct, frozen=True):
    """One line of a request. ``to``: where a transfer goes. ``arrival``: whether pieces are only ``expected``, or those
    that were expected have ``arrived``; else they are simply there."""

    kind: LineKind
    sku: str
    location: str
    quantity: int
    to: str = ""
    arrival: Literal["", "expected", "arrived"] = ""


class StockRequest(Struct, frozen=True):
    """``key`` names the request: sent again it changes nothing. ``about`` is kept with it: an order's id. ``of``: what
    else belongs to the content that a key stands for, as a digest; it is not kept. ``ordered_at``: for pieces of an
    order of a connected shop, since when the shop has taken them off (``shop_view``)."""

    key: str
    lines: tuple[Line, ...]
    at: datetime
    about: str = ""
    of: str = ""
    ordered_at: datetime | None = None


def steps_of(lines: Sequence[Line]) -> list[tuple[int, LevelStep]]:
    """Each line's steps with the line's place in the request. A transfer is two steps at two levels."""
    return [(index, step) for index, line in enumerate(lines) for step in _steps(line)]


def _steps(line: Line) -> list[LevelStep]:
    place = Place(line.sku, line.location)
    match line.kind:
        case "transfer":
            there = Place(line.sku, line.to)
            end = LevelStep("expect" if line.arrival == "expected" else "transfer_in", there, line.quantity)
            return [LevelStep("transfer_out", place, line.quantity), end]
        case "receipt":
            if line.arrival == "expected":
                return [LevelStep("expect", place, line.quantity)]
            return [LevelStep("receipt", place, line.quantity, line.arrival == "arrived")]
        case "sale" | "return" | "count" | "reserve":
            return [LevelStep(line.kind, place, line.quantity)]
        case _:
            assert_never(line.kind)


def fingerprint(request: StockRequest) -> str:
    """A digest of what is asked, without its time: a key that comes with something else is a mistake."""
    said = [[line.kind, line.sku, line.location, line.quantity, line.to, line.arrival] for line in request.lines]
    text = json.dumps([said, request.about, *([request.of] if request.of else [])], separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
