"""The port of an advertising platform that keeps lists of hashed addresses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from shared.domain.audiences.hashing import Kind
from shared.domain.definitions.audience import Audience

JobState = Literal["running", "done", "failed"]


@dataclass(frozen=True, slots=True)
class Member:
    """A hashed address, and whether it is to be in the list or not."""

    kind: Kind
    digest: str
    added: bool


class PlatformDown(Exception):
    """The platform did not take the change, or nobody knows whether it did. Changes may be told again: a list is a set.
    The kind, never an address."""


class AdPlatform(Protocol):
    def change(self, audience: Audience, members: Sequence[Member]) -> str:
        """Tell the platform. The name of the job that does it; empty if it is done. Raises PlatformDown."""

    def job(self, audience: Audience, name: str) -> JobState:
        """How far a job is. Raises PlatformDown."""
