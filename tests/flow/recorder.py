"""The clock of every function, and a sender that keeps what went out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from shared.domain.messages.request import Channel
from shared.ports.sender import Accepted, Answer, Outgoing, Sender

START = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
"""A Monday, 10:00 in Istanbul."""


@dataclass
class Time:
    """The clock of every function."""

    at: datetime = START

    def now(self) -> datetime:
        return self.at


@dataclass
class Sent:
    """One delivered message."""

    at: datetime
    channel: str
    to: str
    step: str
    title: str
    content: Any = None


@dataclass
class Recorder:
    """Passes on to the real adapter (if moto has the service) and keeps what went out."""

    clock: Time
    channel: Channel
    inner: Sender | None
    sent: list[Sent] = field(default_factory=list)

    def send(self, outgoing: Outgoing) -> Answer:
        answer = self.inner.send(outgoing) if self.inner else Accepted(f"push-{len(self.sent)}")
        content: Any = outgoing.content
        title = str(getattr(content, "subject", "") or getattr(content, "title", "") or getattr(content, "text", ""))
        to = outgoing.address.to or outgoing.address.tokens[0].token
        self.sent.append(Sent(self.clock.at, self.channel, to, outgoing.tags.get("step", ""), title, content))
        return answer
