"""The preferred channel: what was said, else what was learned, and the evidence for it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.messages.request import CHANNELS, Channel
from shared.domain.profile.engagement import Engagement, Reaction, Received, What
from shared.domain.profile.preferred_channel import preferred_channel
from shared.domain.profile.profile import Cart, Profile, Trait
from shared.domain.profile.profile_json import because_json
from tests.support.cases import UNIT, cases
from tests.support.world import NOW, later

pytestmark = UNIT
ANSWERS: dict[Channel, What] = {"email": "clicked", "sms": "clicked", "push": "tapped"}
History = dict[Channel, list[tuple[int, int | None, bool]]]
"""Per channel its messages: days ago, hours until the reaction if there was one, whether a machine did it."""


def person(engagement: Engagement, said: Any = None) -> Profile:
    traits = {} if said is None else {"preferred_channel": Trait(said, later(days=-2), True)}
    return Profile("u.x", ("u.x",), (), traits, Cart(), (), (), (), {}, {}, engagement=engagement)


def engaged(history: History) -> Engagement:
    received, reactions = [], []
    for channel, messages in history.items():
        for number, (days, hours, machine) in enumerate(messages):
            at = NOW - timedelta(days=days)
            received.append(Received(channel, "marketing", f"{channel}{number}", at))
            if hours is not None:
                told = at + timedelta(hours=hours)
                reactions.append(Reaction(channel, "marketing", ANSWERS[channel], machine, f"{channel}{number}", told))
    return Engagement(tuple(received), tuple(reactions))


def by_force(history: History) -> Channel | None:
    """The rule as it is written: three messages on each of two channels, best rate, then the more recent reaction."""
    scores: list[tuple[float, datetime, Channel]] = []
    for channel in CHANNELS:  # told apart by this order where all else is equal
        messages = history.get(channel, [])
        inside = [message for message in messages if message[0] < 180]
        human = [(days, hours) for days, hours, machine in messages if hours is not None and not machine]
        answered = [pair for pair in human if pair[0] < 180]
        times = [NOW - timedelta(days=days, hours=-hours) for days, hours in human]
        recent = [time for time in times if NOW - timedelta(days=180) < time <= NOW]
        if len(inside) >= 3:
            last = max(recent, default=NOW - timedelta(days=9999))
            scores.append((len(answered) / len(inside), last, channel))
    if len(scores) < 2:
        return None
    best = max(scores, key=lambda score: score[:2])
    return best[2] if best[0] > 0 else None


MESSAGES = st.lists(
    st.tuples(st.sampled_from([1, 5, 100, 179, 180, 181]), st.sampled_from([None, 1, 2, 20]), st.booleans()), max_size=6
)
HISTORIES = st.fixed_dictionaries({"email": MESSAGES, "sms": MESSAGES, "push": MESSAGES})


@cases(80)
@given(HISTORIES)
def test_what_is_learned_is_what_the_rule_says(history: History) -> None:
    """At least three messages on each of two channels in 180d, best human rate, ties by the more recent reaction."""
    assert preferred_channel(person(engaged(history)), NOW).channel == by_force(history)


@pytest.mark.parametrize(
    ("said", "channel"),
    [("sms", "sms"), (" Email ", "email"), ("E-posta", "email"), ("PUSH", "push")],
)
def test_what_the_customer_said_stands_above_all(said: str, channel: str) -> None:
    """The trait counts whatever was learned, and the evidence is when it was said."""
    best: History = {"email": [(1, None, False)] * 3, "push": [(1, 1, False)] * 3}
    found = preferred_channel(person(engaged(best), said), NOW)
    assert found.channel == channel
    assert because_json(found) == {"by": "said", "trait": "preferred_channel", "at": "2026-11-20T10:00:00.000Z"}


@pytest.mark.parametrize("said", ["pigeon", "", 7, ["sms"], {"sms": True}])
def test_a_word_that_is_no_channel_says_nothing(said: Any) -> None:
    """Then what was learned counts."""
    learned: History = {"email": [(1, None, False)] * 3, "push": [(1, 1, False)] * 3}
    assert preferred_channel(person(engaged(learned), said), NOW).channel == "push"


def test_the_evidence_names_both_channels() -> None:
    """What was learned is shown with the numbers that it was learned from."""
    history: History = {"email": [(3, 1, False), (4, None, False), (5, 1, True)], "push": [(9, None, False)] * 4}
    assert because_json(preferred_channel(person(engaged(history)), NOW)) == {
        "by": "learned",
        "window_days": 180,
        "channels": {
            "email": {
                "received": 3, "answered": 1, "rate": 0.333, "last_reaction_at": "2026-11-19T11:00:00.000Z",
                "at_least": False,
            },
            "push": {"received": 4, "answered": 0, "rate": 0.0, "last_reaction_at": None, "at_least": False},
        },
    }  # fmt: skip


@pytest.mark.parametrize(
    ("history", "by"),
    [
        ({}, "too_little"),
        ({"email": [(1, 1, False)] * 9, "sms": [(1, 1, False)] * 2}, "too_little"),
        ({"email": [(1, None, False)] * 3, "sms": [(1, 1, True)] * 3}, "no_reaction"),
    ],
)
def test_why_nothing_was_learned_is_said(history: History, by: str) -> None:
    """Too few messages, or nobody reacted: no channel, and the reason."""
    found = preferred_channel(person(engaged(history)), NOW)
    assert (found.channel, found.by) == (None, by)
