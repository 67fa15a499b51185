"""Reservations: pieces that are promised to somebody until an instant."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from shared.domain.stock.movement import LevelStep, Place

State = Literal["open", "released", "expired", "collected"]


class Promised(Struct, frozen=True):
    """Pieces of one level."""

    place: Place
    quantity: int


class Reservation(Struct, frozen=True):
    """``id`` is the key of the request that made it. It ends once: released, expired, or collected (sold)."""

    id: str
    lines: tuple[Promised, ...]
    until: datetime
    state: State = "open"
    about: str = ""
    ended_by: str = ""
    """The key of the request that ended it."""

    def expired(self, now: datetime) -> bool:
        """Whether its time is over and nobody ended it. At ``until`` it is over."""
        return self.state == "open" and now >= self.until

    def ended(self, state: State, by: str) -> Reservation:
        """The reservation as ended; ``by`` is the key of the request that ended it."""
        return replace(self, state=state, ended_by=by)


def steps_to_end(reservation: Reservation, state: State) -> list[LevelStep]:
    """What the end of an open reservation does to its levels: collected pieces leave, others are free again."""
    step: Literal["collect", "release"] = "collect" if state == "collected" else "release"
    return [LevelStep(step, line.place, line.quantity) for line in reservation.lines]
