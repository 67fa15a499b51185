"""A message under any interleaving: attempts, other messages, schedule, reports, clicks, orders, links, crashes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.domain.identity.keys import milliseconds
from shared.domain.messages.message import State
from shared.ports.sender import Accepted, Ambiguous, Answer, Postponed, Refused, Unreachable
from tests.support.cases import also_long, cases
from tests.unit.notify.meanwhile import HAPPENS, Story
from tests.unit.notify.world import MORNING, Shopping, request

pytestmark = pytest.mark.unit

Script = list[tuple[int, str]]
Answers = list[tuple[Answer, bool]]
TAKEN_UNHEARD = (Ambiguous("timeout"), True)
POSTPONED = (Postponed("provider_sending_paused"), False)
REFUSED = (Refused("provider_rejected"), False)
POSSIBLE: Answers = [
    (Accepted("p"), True),
    TAKEN_UNHEARD,
    (Ambiguous("timeout"), False),
    POSTPONED,
    REFUSED,
]
BEFORE_RESERVING, BEFORE_CALLING, BEFORE_THE_CALL, AFTER_IT = 3, 4, 5, 6
"""Calls of an undisturbed attempt: three reads, the place under the caps, CALLING, the provider, SENT, the event."""


def holds(purpose: str, script: Script, answers: Answers) -> Story:
    """Plays it; every promise is looked at after each call, and these in the end."""
    story = Story(purpose, script, answers)
    record = story.end()
    stored = story.ledger.get(story.message.message_id)  # a report may have settled it since, and tells of itself
    assert story.listed()
    assert stored is not None
    assert (record.state is State.SENT) <= story.told("Email Sent") <= (stored.state is State.SENT)
    return story


@also_long
@cases(25, 2_000)
@given(
    purpose=st.sampled_from(["marketing", "marketing", "transactional"]),
    script=st.lists(st.tuples(st.integers(1, 10), st.sampled_from(HAPPENS)), max_size=6),
    answers=st.lists(st.sampled_from(POSSIBLE), max_size=3),
)
@example("marketing", [(BEFORE_CALLING, "another message"), (2, "another attempt")], [])
@example("marketing", [(BEFORE_THE_CALL, "ordered"), (1, "another attempt"), (1, "all die")], [])
@example("marketing", [(1, "a late attempt"), (BEFORE_RESERVING, "another attempt")], [])
@example("marketing", [(BEFORE_CALLING, "a late attempt"), (BEFORE_RESERVING, "another attempt")], [])
@example("marketing", [(7, "dies"), (1, "another attempt")], [POSTPONED, POSTPONED])
@example("marketing", [(7, "another attempt"), (1, "reported")], [TAKEN_UNHEARD])
@example("marketing", [(BEFORE_CALLING, "linked"), (2, "all die"), (1, "released")], [])
def test_whatever_happens_meanwhile(purpose: str, script: Script, answers: Answers) -> None:
    """A commercial message is sent once at the most, and at every moment the ledger says of what went out that it did
    or may have: no skip, no order, no other attempt says otherwise. No click and no report is lost."""
    holds(purpose, script, answers)


@pytest.mark.parametrize("after", [BEFORE_CALLING, BEFORE_THE_CALL, AFTER_IT])
@pytest.mark.parametrize("what", ["another attempt", "skipped", "all die"])
def test_around_the_call(what: str, after: int) -> None:
    """Before CALLING another attempt or a skip by schedule has its way, and after it neither; who dies there leaves
    what may have gone out."""
    story = holds("marketing", [(after, what)], [])
    taken = story.provider.taken.get(story.message.message_id, 0)
    assert taken == (0 if (what, after) in _NEVER_CALLED else 1)


_NEVER_CALLED = {("skipped", BEFORE_CALLING), ("all die", BEFORE_THE_CALL)}


@pytest.mark.parametrize("what", ["clicked", "reported"])
def test_who_reacts_before_the_answer_is_recorded_is_heard(what: str) -> None:
    """The person has the message while our worker has not yet written that it was taken, or died before it could."""
    for script in ([(AFTER_IT, what)], [(AFTER_IT, what), (1, "all die")], [(AFTER_IT, "all die"), (1, what)]):
        story = holds("marketing", script, [])
        assert story.told({"clicked": "Email Link Clicked", "reported": "Email Delivered"}[what]) == 1


def test_a_refusal_says_nothing_of_an_earlier_call() -> None:
    """A transactional message was called without an answer, and refused when it was called again: it may have gone
    out by the first call, and a report of that settles it."""
    story = holds("transactional", [], [TAKEN_UNHEARD, REFUSED])
    record = story.ledger.get(story.message.message_id)
    assert record is not None
    assert record.state is State.UNKNOWN
    settled = story.ledger.settle_by_feedback(record.message_id, story.now)
    assert settled is not None
    assert settled.state is State.SENT


@pytest.mark.parametrize(
    ("because", "reason", "next_channel"), [("withdrawn", "suppressed", ["email"]), ("late", "stale", [])]
)
def test_what_is_not_called_again_may_have_gone_out(because: str, reason: str, next_channel: list[str]) -> None:
    """A transactional text was called without an answer, and is not called again. It is of unknown fate. If the channel
    does not reach the customer any more, the next one is tried as after a refusal; if the time is over, nothing is."""
    shop = Shopping()
    shop.ayse()
    shop.sender.answers = [Ambiguous("timeout")]
    until = MORNING + timedelta(hours=1)
    wanted = request("sms", "email", template="cart-last", purpose="transactional", fresh_until_ms=milliseconds(until))
    service = shop.notifying(channel="sms")
    assert service.handle(wanted, MORNING).state is State.DEFERRED
    if because == "withdrawn":
        shop.consent("sms", granted=False, at=MORNING, purpose="all")
    again = service.handle(wanted, MORNING + timedelta(minutes=90 if because == "late" else 10))
    assert (again.state, getattr(again.outcome, "reason", "")) == (State.UNKNOWN, reason)
    assert [one.own_channel for one in shop.queues["email"].requests()] == next_channel
    assert len(shop.sender.sent) == 1


def test_the_next_channel_is_tried_all_the_same() -> None:
    """The number turned out to be wrong with the second call: a confirmation that comes twice is better than none. A
    commercial message of unknown fate is tried nowhere else."""
    shop = Shopping()
    shop.ayse()
    shop.sender.answers = [Ambiguous("timeout"), Unreachable("provider_invalid_number")]
    wanted = request("sms", "email", template="cart-last", purpose="transactional", fresh_until_ms=2**42)
    service = shop.notifying(channel="sms")
    assert service.handle(wanted, MORNING).state is State.DEFERRED
    again = service.handle(wanted, MORNING.replace(hour=9))
    assert (again.state, [one.own_channel for one in shop.queues["email"].requests()]) == (State.UNKNOWN, ["email"])
    shop.sender.answers = [Ambiguous("provider_invalid_number")]
    commercial = request("sms", "email", step="last", template="cart-last", fresh_until_ms=2**42)
    assert service.handle(commercial, MORNING.replace(hour=9)).state is State.UNKNOWN
    assert len(shop.queues["email"].bodies) == 1
