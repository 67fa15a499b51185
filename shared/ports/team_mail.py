"""The port of mail to the shop's own team: no customer, no consent, no ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.ports.sender import Answer


@dataclass(frozen=True, slots=True)
class TeamMail:
    """One mail, with a page of HTML attached under ``file_name``, if it has one."""

    subject: str
    html: str
    text: str
    page: str = ""
    file_name: str = ""


class TeamMailer(Protocol):
    """Makes one attempt for all recipients together, and never raises for what the provider answers."""

    def mail(self, to: Sequence[str], mail: TeamMail) -> Answer: ...
