"""Where a message belongs that comes in, and what it changes: each rule alone, without tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from shared.domain.conversations.conversation import FORGED, MOST_THREAD, Conversation, State, closed, digest, reopened
from shared.domain.conversations.message import Inbound, of_inbound
from shared.domain.conversations.receive import REOPENED_WITHIN, SUSPECT, Received, receive

pytestmark = pytest.mark.unit
NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
SENT = NOW - MINUTE
HELLO = Inbound("email", "m1", "e.x", "email:x@x.org", SENT, "Where is it?", "Order", verified=True)
BEGUN = Conversation(
    digest("conversation", "e.x", HELLO.id)[:13], "e.x", "email:x@x.org", "email", NOW, messages=1, subject="Order",
    first_inbound_at=SENT, last_inbound_at=SENT, waiting_since=NOW, windows={"email": SENT},
)  # fmt: skip
MINE = Conversation(
    "mine", "e.x", "email:x@x.org", "email", NOW - DAY, 5, State.WAITING, 4, first_inbound_at=NOW - DAY,
    last_inbound_at=NOW - DAY, windows={"email": NOW - DAY, "sms": NOW - DAY}, subject="Hello", thread=("<old>",),
)  # fmt: skip
OTHER = replace(MINE, id="other", home="i.x", who="instagram:x", channel="instagram", opened_at=NOW - 2 * DAY)
JOINED = replace(
    MINE, state=State.OPEN, messages=5, last_inbound_at=SENT, waiting_since=NOW, windows={**MINE.windows, "email": SENT}
)


def kept(inbound: Inbound, target: Conversation, lead: Conversation | None = None, *, begun: bool = False) -> Received:
    return Received(of_inbound(inbound, target.id, target.messages), target, lead, begun)


def test_a_first_message_begins_a_conversation() -> None:
    assert receive(HELLO, (), NOW) == kept(HELLO, BEGUN, begun=True)


def test_it_joins_what_is_open() -> None:
    """An agent is to answer, from now on; the customer's own words lead by which channel."""
    assert receive(HELLO, (MINE,), NOW) == kept(HELLO, JOINED)
    asked = replace(MINE, state=State.SNOOZED, snoozed_until=NOW + DAY, waiting_since=SENT, channel="chat")
    assert receive(HELLO, (asked,), NOW) == kept(HELLO, replace(JOINED, waiting_since=SENT))
    without = receive(HELLO, (replace(MINE, subject="", thread=()),), NOW).target
    assert (without.subject, without.thread) == ("Order", ())


def test_a_message_that_comes_late_moves_no_time_back() -> None:
    """The earliest and the latest times count, in whatever order messages come."""
    late = replace(HELLO, at=NOW - 3 * DAY)
    found = receive(late, (MINE,), NOW).target
    assert (found.first_inbound_at, found.last_inbound_at) == (NOW - 3 * DAY, NOW - DAY)
    assert found.windows == MINE.windows
    by_sms = receive(replace(late, channel="whatsapp"), (replace(MINE, first_inbound_at=None),), NOW).target
    assert (by_sms.first_inbound_at, by_sms.windows["whatsapp"]) == (NOW - 3 * DAY, NOW - 3 * DAY)


def test_an_answer_continues_the_newest_mails() -> None:
    """The newest five, each once, the last one last."""
    mail = replace(HELLO, reference="<9>", references=tuple(f"<{n}>" for n in (1, 2, 3, 4, 4, 5)))
    found = receive(mail, (MINE,), NOW).target.thread
    assert found == ("<2>", "<3>", "<4>", "<5>", "<9>")
    assert len(found) == MOST_THREAD


def test_another_identifier_of_the_customer_is_kept_apart_and_shown_with_the_first() -> None:
    """The first is changed as well, so that an agent who answers has to see it; the new one is whose the first is."""
    lead = replace(OTHER, assignee="ada", team="returns", priority="high", shown_with="gone")
    found = receive(HELLO, (lead,), NOW)
    new = replace(BEGUN, assignee="ada", team="returns", priority="high", shown_with="other")
    touched = replace(lead, state=State.OPEN, channel="email", last_inbound_at=SENT, waiting_since=NOW, shown_with="")
    assert found == kept(HELLO, new, touched, begun=True)
    again = receive(HELLO, (lead, MINE), NOW)
    assert again == kept(HELLO, replace(JOINED, shown_with="other"), touched)


def test_of_several_of_its_own_the_live_one_is_joined_else_the_newest() -> None:
    """One that was closed is shown with the live one and is not opened for it."""
    older = replace(closed(MINE, NOW - MINUTE), id="older", shown_with="mine", opened_at=NOW - MINUTE)
    assert receive(HELLO, (older, MINE), NOW).target.id == "mine"
    assert receive(HELLO, (older, replace(older, id="a", opened_at=NOW - DAY)), NOW).target.id == "older"


@pytest.mark.parametrize(("ago", "same"), [(REOPENED_WITHIN - MINUTE, True), (REOPENED_WITHIN, False)])
def test_one_that_was_closed_within_seven_days_is_opened_again(ago: timedelta, same: bool) -> None:
    done = replace(closed(MINE, NOW - ago), reopened=2)
    found = receive(HELLO, (done,), NOW)
    if not same:
        assert found == kept(HELLO, BEGUN, begun=True)
        return
    opened = replace(JOINED, reopened=3, reopened_at=NOW)
    assert found == kept(HELLO, opened)
    assert found.target.closed_at is None


def test_of_those_that_were_closed_the_last_one_is_opened_again() -> None:
    """Whichever is older; of two that were closed at once the one of the greater id."""
    first, second = closed(MINE, NOW - DAY), replace(closed(OTHER, NOW - MINUTE), home="e.x")
    assert receive(HELLO, (first, second), NOW).target.id == "other"
    earlier, last = replace(closed(OTHER, NOW - DAY), home="e.x"), closed(MINE, NOW - MINUTE)
    assert receive(HELLO, (earlier, last), NOW).target.id == "mine"
    both = (closed(MINE, NOW - DAY), replace(closed(OTHER, NOW - DAY), home="e.x"))
    assert receive(HELLO, both, NOW).target.id == "other"
    assert receive(HELLO, both[::-1], NOW).target.id == "other"


def test_what_a_machine_writes_is_kept_and_asks_nobody() -> None:
    """Alone it is closed from the start; the first of the group is left as it is."""
    machine = replace(HELLO, automatic=True)
    assert receive(machine, (MINE,), NOW) == kept(machine, replace(MINE, messages=5))
    alone = replace(
        BEGUN, state=State.CLOSED, closed_at=NOW, waiting_since=None, first_inbound_at=None, last_inbound_at=None,
        windows={},
    )  # fmt: skip
    assert receive(machine, (), NOW) == kept(machine, alone, begun=True)
    assert receive(machine, (OTHER,), NOW) == kept(machine, replace(alone, shown_with="other"), begun=True)


def test_spam_stays_spam_while_it_is_the_newest_of_its_identifier() -> None:
    """Whatever else the customer has: nobody sees what comes from there."""
    spam = replace(closed(MINE, NOW - 30 * DAY), spam=True)
    assert receive(HELLO, (spam, OTHER), NOW) == kept(HELLO, replace(spam, messages=5))
    newer = replace(closed(MINE, NOW - 30 * DAY), id="newer", opened_at=NOW - MINUTE)
    assert receive(HELLO, (spam, newer), NOW) == kept(HELLO, BEGUN, begun=True)
    of_another = replace(spam, home="i.x")
    assert receive(HELLO, (of_another,), NOW) == kept(HELLO, BEGUN, begun=True)


@pytest.mark.parametrize(
    ("verified", "suspect", "tags", "priority"),
    [
        (True, False, (), "normal"),
        (None, False, (), "normal"),
        (None, True, (SUSPECT,), "low"),
        (False, False, (FORGED,), "low"),
        (False, True, (FORGED, SUSPECT), "low"),
    ],
)
def test_who_is_doubted_comes_last(verified: bool | None, suspect: bool, tags: tuple[str, ...], priority: str) -> None:
    """Forged mail begins a conversation of its own, apart from the customer's."""
    doubted = replace(HELLO, verified=verified, suspect=suspect)
    found = receive(doubted, (), NOW).target
    assert (found.tags, found.priority, found.apart) == (tags, priority, verified is False)
    joined = receive(replace(HELLO, suspect=suspect), (OTHER,), NOW).target
    assert (joined.tags, joined.priority) == ((), "normal")


def test_forged_mail_touches_nothing_of_the_customer() -> None:
    """It goes on where forged mails of the same address are; and nothing that is real goes there."""
    forged = replace(HELLO, verified=False)
    assert receive(forged, (MINE, OTHER), NOW).target.id == BEGUN.id
    apart = replace(MINE, id="apart", apart=True)
    assert receive(forged, (MINE, apart, replace(apart, id="b", home="e.y")), NOW).target.id == "apart"
    assert receive(HELLO, (apart,), NOW) == kept(HELLO, BEGUN, begun=True)


ASKED = replace(closed(MINE, NOW - DAY), asked_at=NOW - DAY)
FIVE = replace(HELLO, text=" 5! ")


def test_a_number_after_the_question_is_the_answer() -> None:
    """It is kept, opens nothing, and is another sign that the customer writes there."""
    rated = replace(ASKED, messages=5, rating=5, rated_at=NOW, windows={**MINE.windows, "email": SENT})
    assert receive(FIVE, (ASKED,), NOW) == kept(FIVE, rated)
    late = replace(FIVE, at=NOW - 3 * DAY)
    assert receive(late, (ASKED,), NOW).target.windows == MINE.windows
    by_whatsapp = replace(FIVE, channel="whatsapp", verified=None)
    assert receive(by_whatsapp, (ASKED,), NOW).target == replace(rated, windows={**MINE.windows, "whatsapp": SENT})


def test_of_several_questions_the_last_one_is_answered() -> None:
    """Of two of one moment the one of the greater id."""
    before = replace(ASKED, id="z", asked_at=NOW - 2 * DAY)
    assert receive(FIVE, (ASKED, before), NOW).target.id == "mine"
    assert receive(FIVE, (ASKED, replace(ASKED, id="z")), NOW).target.id == "z"
    assert receive(FIVE, (replace(ASKED, id="z"), ASKED), NOW).target.id == "z"


@pytest.mark.parametrize(
    ("inbound", "asked"),
    [
        (replace(FIVE, text="5 days"), ASKED),
        (replace(FIVE, automatic=True), ASKED),
        (replace(FIVE, verified=None), ASKED),  # anybody can write a mail in another's name
        (FIVE, replace(ASKED, asked_at=None)),
        (FIVE, replace(ASKED, home="i.x")),
        (FIVE, replace(ASKED, rating=4)),
        (FIVE, replace(reopened(ASKED, NOW), asked_at=NOW)),
        (FIVE, replace(ASKED, asked_at=NOW - 7 * DAY)),
    ],
)
def test_any_other_is_a_message(inbound: Inbound, asked: Conversation) -> None:
    found = receive(inbound, (asked,), NOW)
    assert (found.target.rating, found.target.rated_at) in {(asked.rating, None), (0, None)}
    assert found.message.text == inbound.text


def test_a_forged_number_answers_no_question() -> None:
    """Not even one that was asked about a forged mail."""
    found = receive(replace(FIVE, verified=False), (replace(ASKED, apart=True),), NOW)
    assert (found.target.id, found.target.rating) == ("mine", 0)
