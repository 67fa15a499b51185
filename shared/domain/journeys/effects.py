"""What follows from a decision about an enrollment: effects that the caller carries out, and the changed enrollment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from shared.domain.journeys.enrollment import ChosenBranch, ChosenChannels, Enrollment
from shared.domain.messages.message import Skipped
from shared.domain.messages.request import SendRequest


class Arm(Struct, frozen=True):
    """Decide about the enrollment again at ``due``. ``step``: what it waits for, so that people see where enrollments
    stand."""

    due: datetime
    step: str = ""


class Send(Struct, frozen=True):
    """Hand this over to the queue of its first channel."""

    request: SendRequest


class Skip(Struct, frozen=True):
    """A message is not sent: record the reason under the id that the message would have had."""

    request: SendRequest
    why: Skipped

    @property
    def reason(self) -> str:
        return self.why.reason


class SetTraits(Struct, frozen=True):
    """Set these traits in the customer's log; carrying it out again changes nothing."""

    step: str
    at: datetime
    traits: Mapping[str, Any]


class Note(Struct, frozen=True):
    """Write this into the customer's log; carrying it out again changes nothing."""

    step: str
    at: datetime
    text: str


class Choose(Struct, frozen=True):
    """Write this choice into the enrollment before anything else is carried out."""

    step: str
    choice: ChosenChannels | ChosenBranch


Effect = Arm | Send | Skip | SetTraits | Note | Choose


class Advance(Struct, frozen=True):
    """The enrollment after the step, the same object if nothing changed; it has ended if ``enrollment.end`` is set."""

    enrollment: Enrollment
    effects: tuple[Effect, ...] = ()
