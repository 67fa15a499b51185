"""The ports of what operators do with dead letters: their queues, the stream's records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Held:
    """A letter that was taken out of its queue for a while. ``queued_ms`` is when it was first sent, in milliseconds
    since 1970; ``receives`` how often it was handed out, ours included; ``handle`` names it to the queue."""

    id: str
    body: str
    queued_ms: int
    receives: int
    handle: str


class LetterQueue(Protocol):
    """A queue that is looked into and emptied by hand."""

    def waiting(self) -> int:
        """About how many letters are in it, whether somebody looks at them now or not."""

    def receive(self, most: int) -> list[Held]:
        """Some letters, at most ``most`` and at most 10, hidden from others for a minute; none if there are none."""

    def put_back(self, letters: Sequence[Held]) -> None:
        """Let others see them at once."""

    def delete(self, letters: Sequence[Held]) -> None:
        """Take them away for good."""


class StreamGone(Exception):
    """The records are not kept any more: AWS keeps them for 24 hours."""


@dataclass(frozen=True, slots=True)
class StreamChange:
    """A change of one item: ``INSERT``, ``MODIFY`` or ``REMOVE``, its key, and of an item ``customer`` its images in
    DynamoDB's JSON."""

    name: str
    pk: str
    sk: str
    new: dict[str, Any] | None = None
    old: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class StreamPage:
    """Changes in their order, and where to go on (None behind the last)."""

    changes: list[StreamChange]
    cursor: str | None


class ChangeStream(Protocol):
    """The stream of ``customers``, read by position."""

    def read(self, shard: str, first: str, last: str, cursor: str | None = None) -> StreamPage:
        """Records between two positions, both included. Raises StreamGone."""
