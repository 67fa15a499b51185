"""What follows from a decision about an enrollment: effects that the caller carries out, and the changed enrollment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.domain.journeys.enrollment import ChosenBranch, ChosenChannels, Enrollment
from shared.domain.messages.message import Skipped
from shared.domain.messages.request import SendRequest


@dataclass(frozen=True, slots=True)
class Arm:
    """Decide about the enrollment again at ``due``. ``step``: what it waits for, so that people see where enrollments
    stand."""

    due: datetime
    step: str = ""


@dataclass(frozen=True, slots=True)
class Send:
    """Hand this over to the queue of its first channel."""

    request: SendRequest


@dataclass(frozen=True, slots=True)
class Skip:
    """A message is not sent: record the reason under the id that the message would have had."""

    request: SendRequest
    why: Skipped

    @property
    def reason(self) -> str:
        return self.why.reason


@dataclass(frozen=True, slots=True)
class SetTraits:
    """Set these traits in the customer's log; carrying it out again changes nothing."""

    step: str
    at: datetime
    traits: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Note:
    """Write this into the customer's log; carrying it out again changes nothing."""

    step: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Choose:
    """Write this choice into the enrollment before anything else is carried out."""

    step: str
    choice: ChosenChannels | ChosenBranch


Effect = Arm | Send | Skip | SetTraits | Note | Choose


@dataclass(frozen=True, slots=True)
class Advance:
    """The enrollment after the step, the same object if nothing changed; it has ended if ``enrollment.end`` is set."""

    enrollment: Enrollment
    effects: tuple[Effect, ...] = ()
