"""Pick-up in store: what a customer ordered waits for him at a location, and is handed out once, by its code."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

State = Literal["requested", "ready", "picked_up", "expired", "cancelled"]
EVENTS: dict[State, str] = {
    "requested": "Pickup Requested",
    "ready": "Pickup Ready",
    "picked_up": "Picked Up",
    "expired": "Pickup Expired",
    "cancelled": "Pickup Cancelled",
}
"""The event in the customer's log for each state."""
WAITING_EVENT = "Pickup Waiting"
REMIND_AFTER = timedelta(days=1)
_FROM: dict[State, frozenset[State]] = {
    "requested": frozenset(),
    "ready": frozenset({"requested"}),
    "picked_up": frozenset({"requested", "ready"}),
    "expired": frozenset({"requested", "ready"}),
    "cancelled": frozenset({"requested", "ready"}),
}
SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Without those that look alike."""
CODE_LENGTH = 6
MOST_TRIES = 5
"""Wrong codes; after them only a person with the admin key hands it out."""


class PickupState(Exception):
    """The pick-up is in a state from which this does not follow."""

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self.state: State = state


@dataclass(frozen=True, slots=True)
class PickupLine:
    """Pieces of one sku."""

    sku: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Pickup:
    """``who`` is the customer's identifier; ``since`` is when it came into its state, ``until`` how long the pieces
    wait. ``version`` counts its changes."""

    id: str
    who: str
    location: str
    lines: tuple[PickupLine, ...]
    code: str
    state: State
    since: datetime
    until: datetime
    order_id: str = ""
    tries: int = 0
    version: int = 1

    @property
    def over(self) -> bool:
        """Whether nothing can happen to it any more."""
        return self.state in {"picked_up", "expired", "cancelled"}

    def moved(self, state: State, at: datetime, until: datetime | None = None) -> Pickup:
        """The pick-up in its next state.

        Raises
        ------
        PickupState
            If that does not follow from the state that it is in; also after ``until``, except by expiry.
        """
        if self.state not in _FROM[state] or (state == "expired") != (at >= self.until):
            raise PickupState("expired" if not self.over and at >= self.until else self.state)
        return replace(self, state=state, since=at, until=until or self.until, version=self.version + 1)

    @property
    def waits_since(self) -> datetime:
        """From when on a pick-up that is ready is told to be waiting: after a day, or half of its time."""
        return self.since + min(REMIND_AFTER, (self.until - self.since) / 2)

    @property
    def locked(self) -> bool:
        """Whether too many wrong codes were tried."""
        return self.tries >= MOST_TRIES

    def matches(self, code: str) -> bool:
        """Whether a code is that of the pick-up, in a time that tells nothing of how much of it is right."""
        return hmac.compare_digest(plain_code(code).encode(), self.code.encode())

    def tried(self) -> Pickup:
        """One wrong code more."""
        return replace(self, tries=self.tries + 1, version=self.version + 1)


def plain_code(written: str) -> str:
    """A code as people say and write it: in small letters, with blanks or hyphens."""
    return "".join(sign for sign in written.upper() if sign not in " -")


def new_code(draw: Callable[[int], int]) -> str:
    """A code; ``draw(n)`` gives a number below n that nobody can guess."""
    return "".join(SIGNS[draw(len(SIGNS))] for _ in range(CODE_LENGTH))
