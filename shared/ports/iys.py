"""The port of IYS, the register of consent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from shared.domain.iys.statement import Known, MessageType, Outcome, RecipientType, Upload
from shared.domain.iys.wire import ChangePage


class IysDown(Exception):
    """IYS did not take the request, or nobody can ask now: nothing was changed there. The kind, never an address."""


class IysUnknown(Exception):
    """No whole answer came: IYS may have taken the request. The kind, never an address."""


class IysUnreadable(IysDown):
    """IYS answered something that is not in its form."""


class IysRefused(Exception):
    """IYS does not take an upload of many as a whole, because of what is in it; nothing was changed there."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class IysForgotten(Exception):
    """IYS does not know the request that was asked for."""


class IysCursorLost(Exception):
    """IYS does not go on with its list of changes from where it was asked to: what it listed meanwhile is not known."""


class Iys(Protocol):
    """Every call may raise IysDown; those that tell something also IysUnknown."""

    def tell(self, one: Upload) -> Outcome:
        """Tell one statement; accepted or refused at once."""

    def tell_many(self, all_: Sequence[Upload]) -> str:
        """Tell many; the name of the request that gives their outcome later. Raises IysRefused."""

    def outcomes(self, request: str) -> list[Outcome]:
        """What became of those, as far as it is known. Raises IysForgotten, and IysUnreadable."""

    def known(self, recipient: str, recipient_type: RecipientType, kind: MessageType) -> Known | None:
        """What IYS holds of a recipient; None if it does not say. Raises IysUnreadable."""

    def changes(self, after: str) -> tuple[ChangePage, bool]:
        """Changes that recipients made at IYS, and whether there may be more. Raises IysCursorLost behind a cursor."""
