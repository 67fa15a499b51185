"""The port of IYS, the register of consent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from shared.domain.iys.statement import Change, Known, MessageType, Outcome, RecipientType, Upload


class IysDown(Exception):
    """IYS did not take the request, or nobody can ask now: nothing was changed there. The kind, never an address."""


class IysUnknown(Exception):
    """No whole answer came: IYS may have taken the request. The kind, never an address."""


class Iys(Protocol):
    """Every call may raise IysDown; those that tell something also IysUnknown."""

    def tell(self, one: Upload) -> Outcome:
        """Tell one statement; accepted or refused at once."""

    def tell_many(self, all_: Sequence[Upload]) -> str:
        """Tell many; the name of the request that gives their outcome later."""

    def outcomes(self, request: str) -> list[Outcome]:
        """What became of those, as far as it is known."""

    def known(self, recipient: str, recipient_type: RecipientType, kind: MessageType) -> Known | None:
        """What IYS holds of a recipient."""

    def changes(self, after: str) -> tuple[list[Change], str, bool]:
        """Changes that recipients made at IYS, the oldest first: those that can be read, where to go on, and whether
        there may be more."""
