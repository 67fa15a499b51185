"""Messages that come in: each once, in the right conversation, whatever order, repetitions and crashes there are."""

from __future__ import annotations

import functools
import random
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.conversations.conversation import State, as_spam, closed, of_kind, snoozed
from shared.domain.conversations.grouping import groups
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.privacy.erasure import Erasure
from shared.operators.agent_actions import Busy
from shared.queries.customer_conversations import conversations_of
from shared.stores.erasures import put_marks
from tests.support.cases import UNIT, cases
from tests.support.interleaving import Turns, TurnTable
from tests.unit.support.world import EMAIL, INSTAGRAM, KEYS, PHONE, Support

pytestmark = UNIT
PEOPLE = (EMAIL, INSTAGRAM, PHONE)


def test_a_first_message_begins_a_conversation() -> None:
    """It is in the pool, and the customer's log tells of it without its text."""
    support = Support()
    message = support.taken(EMAIL, "m1", text="My secret question", subject="S-1")
    assert support.pool() == [message.conversation]
    [one] = support.shown(message.conversation)
    assert (one.state, one.subject, one.who, one.messages) == (State.OPEN, "S-1", EMAIL, 1)
    assert {event.name for event in support.events(EMAIL)} == {"Message Received", "Conversation Opened"}
    assert "secret" not in repr(support.events(EMAIL))
    assert support.taken(EMAIL, "m1") == message
    assert len(support.all_messages()) == 1


def test_another_channel_of_the_customer_joins() -> None:
    """What is written by e-mail is shown with what was written on Instagram, and asks again for an answer."""
    support = Support()
    support.link(INSTAGRAM, EMAIL)
    first = support.taken(INSTAGRAM, "i1")
    support.answer(first.conversation, channel="instagram")
    assert support.pool("waiting") == [first.conversation]
    support.later(hours=1)
    second = support.taken(EMAIL, "m1")
    assert second.conversation != first.conversation
    assert support.pool() == [first.conversation]
    assert [one.id for one in support.shown(second.conversation)] == [first.conversation, second.conversation]


@pytest.mark.parametrize(("days", "same"), [(6.9, True), (7.1, False)])
@pytest.mark.parametrize("who", [EMAIL, INSTAGRAM])
def test_one_closed_within_seven_days_is_opened_again(days: float, same: bool, who: str) -> None:
    """Also if the customer writes from another of his identifiers; later a new one begins."""
    support = Support()
    support.link(INSTAGRAM, EMAIL)
    first = support.taken(INSTAGRAM, "i1").conversation
    support.agents.change(first, lambda one: of_kind(one, "return", support.clock.time), support.clock.time)
    support.agents.change(first, lambda one: closed(one, support.clock.time), support.clock.time)
    assert support.pool() == []
    support.later(days=days)
    second = support.taken(who, "x2").conversation
    lead = support.shown(second)[0]
    assert (lead.id == first) is same
    assert support.pool() == [lead.id]
    assert lead.reopened == (1 if same else 0)
    assert [span.until is None for span in lead.cases] == ([False, True] if same else [])


def test_a_message_wakes_a_snoozed_conversation() -> None:
    support = Support()
    id_ = support.taken(EMAIL, "m1").conversation
    until = support.clock.time + timedelta(days=3)
    support.agents.change(id_, lambda one: snoozed(one, until, support.clock.time), support.clock.time)
    assert support.pool("snoozed") == [id_]
    support.taken(EMAIL, "m2")
    assert (support.pool(), support.pool("snoozed")) == ([id_], [])


def test_what_a_machine_writes_asks_nobody() -> None:
    """An out-of-office reply is kept with the conversation and changes nothing; alone, it is closed from the start."""
    support = Support()
    id_ = support.taken(EMAIL, "m1").conversation
    support.answer(id_)
    for number in range(100):
        assert support.taken(EMAIL, f"auto{number}", automatic=True).conversation == id_
    assert support.pool("waiting") == [id_]
    assert support.shown(id_)[0].messages == 102
    alone = support.taken(PHONE, "auto", automatic=True)
    assert support.pool("closed") == [alone.conversation]


def test_spam_is_kept_and_shown_to_nobody() -> None:
    """Whatever the identifier sends later; open again, it is as any other."""
    support = Support()
    id_ = support.taken(EMAIL, "m1").conversation
    support.agents.change(id_, lambda one: as_spam(one, support.clock.time), support.clock.time)
    support.later(days=30)
    assert support.taken(EMAIL, "m2").conversation == id_
    assert (support.pool(), support.pool("closed"), support.pool("spam")) == ([], [], [id_])
    assert [message.id for _, message in support.all_messages()][1:]


def test_who_was_erased_is_not_known_again_by_a_repetition() -> None:
    """Nothing is kept while events of the identifier are refused."""
    support = Support()
    home = KEYS(parse_identifier(EMAIL))
    put_marks(support.customers_table, Erasure("e1", (home,), support.clock.time, "x"), [home])
    assert support.receive(EMAIL, "m1") is None
    assert support.all_messages() == []
    support.later(days=31)
    assert support.receive(EMAIL, "m1") is not None


Step = tuple[str, int, int]
STEPS = st.lists(
    st.tuples(st.sampled_from(["receive", "receive", "receive", "close", "link", "release", "wait", "answer"]),
              st.integers(0, 2), st.integers(0, 9)),
    max_size=25,
)  # fmt: skip


def check(support: Support, told: dict[str, str]) -> None:
    """Every message that came is there once, with its identifier, and shown to exactly the customer it is of."""
    stored = support.all_messages()
    came = [(message.id, one.who) for one, message in stored if message.direction == "in"]
    assert sorted(came) == sorted((support.inbound(who, id_).id, who) for id_, who in told.items())
    for who in PEOPLE:
        home = KEYS(parse_identifier(who))
        found = conversations_of(support.customers, support.conversations, home)
        mine = {one.id for one in found.conversations}
        assert mine == {one.id for one, _ in stored if one.home in found.tree.keys}
        assert sum(len(group) for group in groups(found.conversations)) == len(mine)


@given(STEPS)
@cases(40)
def test_links_and_releases_at_any_moment_lose_nothing(steps: list[Step]) -> None:
    """Shown together while identifiers are linked, apart again when they are released, and always in the pool."""
    support, told = Support(), {}
    latest: dict[str, str] = {}
    for what, place, number in steps:
        who = PEOPLE[place]
        if what == "receive":
            before = _shown_before(support, who)
            message = support.taken(who, f"{who}{number}")
            new = f"{who}{number}" not in told
            told[f"{who}{number}"] = who
            latest[who] = message.conversation
            if new:
                _check_place(support, who, message.conversation, before)
        elif what == "wait":
            support.later(days=number)
        elif what in ("link", "release") and place:
            getattr(support, what)(who, EMAIL)
        elif who in latest and what == "close":
            now = support.clock.time
            support.agents.change(latest[who], functools.partial(closed, at=now), now)
        elif who in latest and what == "answer":
            channel = support.inbound(who, "").channel
            if channel != "instagram":
                support.answer(latest[who], key=f"{number}", channel=channel)
        check(support, told)
        support.later(minutes=1)


def _shown_before(support: Support, who: str) -> tuple[set[str], set[str]]:
    """The groups of the customer by their first: live ones, and those closed within seven days."""
    found = conversations_of(support.customers, support.conversations, KEYS(parse_identifier(who)))
    made = groups(found.conversations)
    live = {group[0].id for group in made if group[0].live}
    recent = {
        group[0].id
        for group in made
        if not group[0].live
        and any(one.closed_at and support.clock.time - one.closed_at < timedelta(days=7) for one in group)
    }
    return live, recent


def _check_place(support: Support, who: str, id_: str, before: tuple[set[str], set[str]]) -> None:
    """It joined the live one, else opened a recent one again, else began; and somebody sees it in the pool."""
    live, recent = before
    found = conversations_of(support.customers, support.conversations, KEYS(parse_identifier(who)))
    lead = found.group(id_)[0]
    assert lead.state is State.OPEN
    assert lead.id in support.pool()
    if live or recent:
        assert lead.id in (live or recent)
    else:
        assert lead.id == id_


@pytest.mark.parametrize("seed", range(12))
def test_two_workers_that_crash_take_each_message_once(seed: int) -> None:
    """In any order and repeated, with a crash after any call: each message is kept once, and the log tells of it."""
    rng = random.Random(seed)
    support = Support(TurnTable)
    support.link(INSTAGRAM, EMAIL)
    wanted = [(who, f"{who}{number}") for who in PEOPLE for number in range(3)]

    def work(order: list[tuple[str, str]]) -> None:
        for who, id_ in order:
            while True:
                try:
                    support.taken(who, id_)
                    break
                except Busy:
                    continue  # the queue offers it again

    jobs = [functools.partial(work, rng.sample(wanted, len(wanted))) for _ in range(2)]
    Turns(rng, crash_rate=0.05).run(jobs)
    check(support, {id_: who for who, id_ in wanted})
    for who in PEOPLE:
        told = [event for event in support.events(who) if event.name == "Message Received"]
        assert len(told) == 3
        assert len([event for event in support.events(who) if event.name == "Conversation Opened"]) == 1
    places = [(one.id, message.place) for one, message in support.all_messages()]
    assert sorted(places) == sorted({(id_, n) for id_, n in places})
    for one, _ in support.all_messages():
        assert one.messages == 3
