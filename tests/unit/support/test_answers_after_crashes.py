"""Who keeps an answer and dies leaves nothing untold: a timer tells the customer's log."""

from __future__ import annotations

import contextlib

import pytest

from shared.domain.conversations.conversation import Channel
from tests.support.crashes import Crash, CrashesAt
from tests.unit.support.world import EMAIL, Support

pytestmark = pytest.mark.unit
CHAT = "user:ayse"
NEVER = -1


@pytest.mark.parametrize(("who", "channel"), [(EMAIL, "email"), (CHAT, "chat")])
@pytest.mark.parametrize("after", [False, True])
def test_the_first_answer_is_told_whatever_crashed(who: str, channel: Channel, after: bool) -> None:
    """A crash at each request of an answer, by mail and in the chat, and nobody asks again. If the answer is there
    afterwards, the customer's log says so within minutes, once."""
    kept, at, met = [], 1, True
    while met:
        crashes = CrashesAt(NEVER, after=after)
        support = Support(crashes)
        id_ = support.taken(who, "m1").conversation
        support.later(minutes=5)
        crashes.at = at + next(crashes.numbers)
        with contextlib.suppress(Crash):
            support.answer(id_, channel=channel)
        met, crashes.at = crashes.met, NEVER
        support.tick(minutes=3)
        [one] = support.shown(id_)
        told = [event.name for event in support.events(who)]
        assert told.count("Conversation Answered") == (one.first_answer_at is not None), (at, told)
        kept.append(one.first_answer_at is not None)
        at += 1
    assert True in kept[:-1], "no crash came after the answer was kept"
    assert kept[-1]


def test_an_answer_that_went_well_is_told_once() -> None:
    """Its timer writes the same event again, which changes nothing."""
    support = Support()
    id_ = support.taken(EMAIL, "m1").conversation
    support.later(minutes=5)
    support.answer(id_)
    before = support.events(EMAIL)
    assert "Conversation Answered" in {event.name for event in before}
    support.tick(minutes=3)
    assert support.events(EMAIL) == before
