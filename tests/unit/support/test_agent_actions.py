"""What agents do: answers that name what they have seen, and changes of the whole group."""

from __future__ import annotations

import contextlib
import functools
import random
from datetime import timedelta

import pytest

from shared.domain.conversations.answer import Draft, SeenUnreadable
from shared.domain.conversations.conversation import NotAllowed, State, closed, of_kind, snoozed
from shared.domain.facts.facts import Facts
from shared.domain.facts.features import features
from shared.domain.facts.fold import fold
from shared.domain.profile.profile_from_facts import profile_of
from shared.operators.agent_actions import Busy, NewerMessages, NotReachable, UnknownConversation
from tests.support.interleaving import Turns, TurnTable
from tests.unit.support.world import EMAIL, INSTAGRAM, PHONE, Support

pytestmark = pytest.mark.unit
INTERLEAVINGS = 40
"""The rest of a thousand is tried by the long run."""


def test_an_answer_goes_to_who_wrote_and_waits_for_the_customer() -> None:
    support = Support()
    id_ = support.taken(EMAIL, "m1").conversation
    message = support.answer(id_)
    assert (message.to, message.delivery, message.author) == (EMAIL, "pending", "deniz")
    assert support.handed == [message]
    [one] = support.shown(id_)
    assert (one.state, one.waiting_since, one.first_answer_at) == (State.WAITING, None, support.clock.time)
    assert support.answer(id_, seen="wrong") == message, "the same request again is the same answer"
    assert support.handed == [message]


def test_an_answer_that_has_not_seen_the_newest_is_refused_with_it() -> None:
    """Whatever it is: a message of the customer, by another channel too, an answer, or a note of another agent."""
    support = Support()
    support.link(INSTAGRAM, EMAIL)
    id_ = support.taken(EMAIL, "m1").conversation
    seen = support.seen(id_)
    came = support.taken(INSTAGRAM, "i1")
    with pytest.raises(NewerMessages) as refused:
        support.answer(id_, seen=seen)
    assert refused.value.messages == [came]
    seen = support.seen(id_)
    note = support.agents.write(Draft(id_, "n", "note", "store", "He called.", "ece"), None, support.clock.time)
    with pytest.raises(NewerMessages) as refused:
        support.answer(id_, seen=seen)
    assert refused.value.messages == [note]
    assert support.handed == []
    support.answer(id_)
    with pytest.raises(SeenUnreadable):
        support.answer(id_, key="k2", seen="everything")


def test_an_answer_to_what_was_two_people_is_refused() -> None:
    """The link was released since: the answer might tell one about the other."""
    support = Support()
    support.link(INSTAGRAM, EMAIL)
    id_ = support.taken(EMAIL, "m1").conversation
    other = support.taken(INSTAGRAM, "i1").conversation
    seen = support.seen(id_)
    support.release(INSTAGRAM, EMAIL)
    with pytest.raises(NewerMessages):
        support.answer(id_, seen=seen)
    assert support.pool() == [id_]
    assert [one.id for one in support.shown(other)] == [other]
    assert sorted(support.pool()) == sorted([id_, other])


def test_a_channel_that_does_not_reach_is_refused() -> None:
    """No address, or Instagram a day after the customer wrote there."""
    support = Support()
    id_ = support.taken(INSTAGRAM, "i1").conversation
    with pytest.raises(NotReachable, match="no_address"):
        support.answer(id_, channel="sms")
    support.later(hours=24)
    with pytest.raises(NotReachable, match="window_closed"):
        support.answer(id_, channel="instagram")
    with pytest.raises(NotReachable, match="window_closed"):
        support.answer(id_, channel="whatsapp")
    support.link(INSTAGRAM, PHONE)
    assert support.answer(id_, channel="sms").to == PHONE
    with pytest.raises(UnknownConversation):
        support.shown("abcdefghijklm")


def test_a_note_is_kept_and_changes_nothing() -> None:
    support = Support()
    id_ = support.taken(EMAIL, "m1").conversation
    note = support.agents.write(Draft(id_, "n", "note", "store", "He called.", "ece"), None, support.clock.time)
    assert (note.delivery, note.place, support.handed) == ("", 2, [])
    assert support.shown(id_)[0].state is State.OPEN


def test_closing_closes_all_that_is_shown() -> None:
    """They stay together when they are closed, and a snooze of a closed one is refused."""
    support = Support()
    support.link(INSTAGRAM, EMAIL)
    first, second = support.taken(EMAIL, "m1").conversation, support.taken(INSTAGRAM, "i1").conversation
    now = support.later(hours=1)
    group = support.agents.change(second, lambda one: closed(one, now), now)
    assert [(one.id, one.state) for one in group] == [(first, State.CLOSED), (second, State.CLOSED)]
    assert support.pool("closed") == [first]
    with pytest.raises(NotAllowed):
        support.agents.change(first, lambda one: snoozed(one, now + timedelta(days=1), now), now)


def test_a_complaint_holds_marketing_until_it_is_closed() -> None:
    """The customer's log opens a case with the conversation's number, and closes it; another kind ends the first."""
    support = Support()
    id_ = support.taken(EMAIL, "m1").conversation

    def cases() -> list[tuple[str, str, bool]]:
        facts = fold(Facts(), support.events(EMAIL), features())
        return [(case.id, case.kind, case.open) for case in profile_of("e.1", ("e.1",), (), facts).cases]

    assert cases() == []
    now = support.later(minutes=5)
    support.agents.change(id_, lambda one: of_kind(one, "complaint", now), now)
    assert cases() == [(id_, "complaint", True)]
    later = support.later(minutes=5)
    support.agents.change(id_, lambda one: of_kind(one, "return", later), later)
    assert sorted(cases()) == [(id_, "complaint", False), (id_, "return", True)]
    end = support.later(minutes=5)
    support.agents.change(id_, lambda one: closed(one, end), end)
    assert not any(is_open for *_, is_open in cases())


@pytest.mark.parametrize("seed", range(INTERLEAVINGS))
def test_of_two_answers_at_once_one_is_taken(seed: int) -> None:
    """The other agent is shown the answer that was taken. A customer who writes meanwhile is never answered unseen."""
    support = Support(TurnTable)
    support.link(INSTAGRAM, EMAIL)
    id_ = support.taken(EMAIL, "m1").conversation
    support.taken(INSTAGRAM, "i1")
    seen = support.seen(id_)
    taken: list[str] = []
    shown: list[list[str]] = []

    def reply(agent: str) -> None:
        while True:
            with contextlib.suppress(Busy):
                try:
                    message = support.agents.write(
                        Draft(id_, agent, "out", "email", "Hello", agent), seen, support.clock.time
                    )
                    taken.append(message.author)
                except NewerMessages as refused:
                    shown.append([message.author for message in refused.messages])
                return

    def customer() -> None:
        while True:
            with contextlib.suppress(Busy):
                support.taken(PHONE, "p1")
                return

    Turns(random.Random(seed), crash_rate=0.05).run(
        [functools.partial(reply, "deniz"), functools.partial(reply, "ece"), customer]
    )
    assert len(taken) == 1
    assert shown == [taken]
    answers = [message for _, message in support.all_messages() if message.direction == "out"]
    assert [message.author for message in answers] == taken


@pytest.mark.parametrize("seed", range(INTERLEAVINGS))
def test_an_answer_and_a_message_at_once(seed: int) -> None:
    """Either the answer was first and the conversation asks again, or it is refused with the message."""
    support = Support(TurnTable)
    id_ = support.taken(EMAIL, "m1").conversation
    seen = support.seen(id_)
    became: list[str] = []

    def reply() -> None:
        while True:
            with contextlib.suppress(Busy):
                try:
                    support.agents.write(Draft(id_, "k", "out", "email", "Hello", "ece"), seen, support.clock.time)
                    became.append("taken")
                except NewerMessages as refused:
                    became.append(refused.messages[0].direction)
                return

    def customer() -> None:
        while True:
            with contextlib.suppress(Busy):
                support.taken(EMAIL, "m2")
                return

    Turns(random.Random(seed), crash_rate=0.05).run([reply, customer])
    directions = [message.direction for _, message in sorted(support.all_messages(), key=lambda pair: pair[1].place)]
    assert directions == (["in", "out", "in"] if became == ["taken"] else ["in", "in"])
    assert support.shown(id_)[0].state is State.OPEN


@pytest.mark.long
def test_a_thousand_interleavings() -> None:
    """Both again, in orders that no shorter run tries: some 20 seconds of processor time."""
    for seed in range(INTERLEAVINGS, 1_000):
        test_of_two_answers_at_once_one_is_taken(seed)
        test_an_answer_and_a_message_at_once(seed)


def test_a_complaint_that_is_opened_again_with_its_first_answer_tells_it_once() -> None:
    """Closed unanswered, then answered: both its spans began before the answer, and a batch writes no key twice."""
    support = Support()
    one = support.taken(EMAIL, "m1").conversation
    support.later(minutes=1)
    for path, said in (("details", {"kind": "complaint"}), ("state", {"state": "closed"})):
        assert support.ask("POST", f"/v1/conversations/{one}/{path}", said)[0] == 200
        support.later(minutes=1)
    support.answer(one)
    assert [event.name for event in support.events(EMAIL)].count("Case Answered") == 1
