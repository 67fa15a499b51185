"""What came of our messages, as facts: which ones reached the person, and what was done with them.

A touch is one thing done with one message. Per kind the newest are kept, and of one message the newest one only
(clicks: the newest MAX_CLICKS), so that a program that walks through all links of a mail displaces no other mail. "The
newest so many of each message, of these the newest so many" depends on the set of touches only, so it is a join.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from msgspec import Struct, field

from shared.domain.facts.newest import Newest

MAX_MESSAGES = 32
"""Messages remembered per channel and purpose."""
MAX_TOUCHES = 32
"""Touches remembered per kind."""
MAX_CLICKS = 3
"""Clicks remembered per message: the largest number that the ready definitions ask for, and one."""

Touch = tuple[int, str]
"""(milliseconds, message); without the message's id ``@`` and the day since 1970, as one message of that day"""
Stream = tuple[str, str]
"""(channel, purpose); the purpose is empty where the event does not say it"""
Kind = tuple[str, str, str]
"""(channel, purpose, what was done)"""

OPENED, CLICKED, TAPPED, VISITED, BOUNCED = "opened", "clicked", "tapped", "visited", "bounced"
MACHINE = "machine "
"""Before ``opened`` and ``clicked``: a program did it."""


def messages() -> Newest:
    return Newest(MAX_MESSAGES)


def newest_touches(what: str, touches: Iterable[Touch]) -> tuple[Touch, ...]:
    """Newest first, within both bounds."""
    per_message = MAX_CLICKS if what.endswith(CLICKED) else 1
    of_message: Counter[str] = Counter()
    kept: list[Touch] = []
    for touch in sorted(set(touches), reverse=True):
        of_message[touch[1]] += 1
        if of_message[touch[1]] <= per_message:
            kept.append(touch)
            if len(kept) == MAX_TOUCHES:
                break
    return tuple(kept)


class EngagementFacts(Struct):
    """``received``: per channel and purpose each message with the latest time at which it was sent or delivered."""

    received: dict[Stream, Newest] = field(default_factory=dict)
    touches: dict[Kind, tuple[Touch, ...]] = field(default_factory=dict)

    def absorb(self, other: EngagementFacts) -> None:
        for stream, there in other.received.items():
            self.received.setdefault(stream, messages()).absorb(there)
        for kind, touches in other.touches.items():
            known = self.touches.get(kind)
            if known != touches:
                self.touches[kind] = newest_touches(kind[2], (*(known or ()), *touches))

    def copy(self) -> EngagementFacts:
        return EngagementFacts({stream: there.copy() for stream, there in self.received.items()}, dict(self.touches))

    def __bool__(self) -> bool:
        return bool(self.received or self.touches)
