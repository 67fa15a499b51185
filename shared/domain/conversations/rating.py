"""What a customer answers to the question how a conversation was: a number from 1 to 5."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from shared.domain.conversations.conversation import Conversation, State

ANSWERED_WITHIN = timedelta(days=7)
"""Later a number is a message like any other."""
RATINGS = range(1, 6)
_DIGIT = re.compile(r"\s*([1-5])\s*[.!]?\s*", re.ASCII)


def rating_of(text: str) -> int | None:
    """The number that somebody answers with; None for anything else.

    >>> rating_of(" 5! "), rating_of("5 days"), rating_of("6")
    (5, None, None)
    """
    found = _DIGIT.fullmatch(text)
    return int(found[1]) if found else None


def awaits_rating(one: Conversation, now: datetime) -> bool:
    """Whether a number that the customer writes now is his answer."""
    asked = one.asked_at
    return asked is not None and not one.rating and one.state is State.CLOSED and now - asked < ANSWERED_WITHIN
