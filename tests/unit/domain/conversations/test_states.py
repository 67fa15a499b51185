"""What each change makes of a conversation, in every state."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from shared.domain.conversations.cases import CaseSpan
from shared.domain.conversations.conversation import (
    FORGED,
    MOST_TAGS,
    Conversation,
    NotAllowed,
    State,
    answer_failed,
    answered,
    as_spam,
    closed,
    digest,
    of_kind,
    reopened,
    snoozed,
    tagged,
    vouched,
    with_details,
    woken,
)

pytestmark = pytest.mark.unit
NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
BEFORE, LATER = NOW - timedelta(hours=1), NOW + timedelta(hours=1)
OPEN = Conversation("c", "e.x", "email:x@x.org", "email", BEFORE, 3, waiting_since=BEFORE, messages=2, tags=("b",))
SNOOZED = replace(OPEN, state=State.SNOOZED, snoozed_until=NOW, waiting_since=None)
CLOSED = replace(OPEN, state=State.CLOSED, closed_at=BEFORE, waiting_since=None)
SPAM = replace(CLOSED, spam=True)
RETURN = (CaseSpan("return", BEFORE),)


@pytest.mark.parametrize(
    ("one", "live"), [(OPEN, True), (SNOOZED, True), (CLOSED, False), (SPAM, False), (replace(OPEN, spam=True), False)]
)
def test_who_is_to_do_something(one: Conversation, live: bool) -> None:
    assert one.live is live


def test_an_answer_makes_the_customer_the_next_to_write() -> None:
    """The first answer and its agent stay, the last ones are those of now."""
    first = answered(replace(SNOOZED, failed=True), NOW, "ada")
    assert first == replace(
        OPEN, state=State.WAITING, waiting_since=None, first_answer_at=NOW, first_answer_by="ada",
        last_answer_at=NOW, answered_by="ada",
    )  # fmt: skip
    second = answered(first, LATER, "bob")
    assert second == replace(first, last_answer_at=LATER, answered_by="bob")


@pytest.mark.parametrize(
    ("one", "state", "since"),
    [
        (OPEN, State.OPEN, BEFORE),
        (replace(OPEN, state=State.WAITING, waiting_since=None), State.OPEN, NOW),
        (SNOOZED, State.OPEN, NOW),
        (CLOSED, State.CLOSED, NOW),
        (SPAM, State.CLOSED, NOW),
    ],
)
def test_an_answer_that_did_not_go_out_returns_to_the_agent(one: Conversation, state: State, since: datetime) -> None:
    """A closed one stays closed."""
    assert answer_failed(one, NOW) == replace(one, state=state, failed=True, waiting_since=since)


def test_closing_ends_its_case() -> None:
    """Closed again, it stays as it is."""
    found = closed(replace(SNOOZED, failed=True, cases=RETURN), NOW)
    assert found == replace(
        OPEN, state=State.CLOSED, closed_at=NOW, waiting_since=None, cases=(CaseSpan("return", BEFORE, NOW),)
    )
    assert closed(found, LATER) is found
    assert as_spam(found, LATER) == replace(found, spam=True)
    assert as_spam(OPEN, NOW) == replace(closed(OPEN, NOW), spam=True)


def test_opened_again_it_is_what_it_was() -> None:
    """One that is not closed is only open; a closed one counts it, and holds marketing again if it did."""
    assert reopened(SNOOZED, NOW) == replace(SNOOZED, state=State.OPEN, snoozed_until=None)
    ended = (CaseSpan("return", BEFORE, BEFORE),)
    one = replace(SPAM, kind="return", cases=ended, reopened=4)
    assert reopened(one, NOW) == replace(
        one, state=State.OPEN, closed_at=None, reopened=5, reopened_at=NOW, spam=False,
        cases=(*ended, CaseSpan("return", NOW)),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("one", "until", "why"),
    [
        (OPEN, NOW, "a conversation can be snoozed until a later instant only"),
        (OPEN, BEFORE, "a conversation can be snoozed until a later instant only"),
        (CLOSED, LATER, "the conversation is closed; open it first"),
        (SPAM, LATER, "the conversation is closed; open it first"),
    ],
)
def test_what_cannot_be_snoozed(one: Conversation, until: datetime, why: str) -> None:
    with pytest.raises(NotAllowed) as refused:
        snoozed(one, until, NOW)
    assert str(refused.value) == why


def test_a_snoozed_one_wakes_at_its_time() -> None:
    """Not before, and no other; who has waited already has waited since then."""
    assert snoozed(OPEN, LATER, NOW) == replace(OPEN, state=State.SNOOZED, snoozed_until=LATER)
    assert woken(SNOOZED, NOW) == replace(SNOOZED, state=State.OPEN, snoozed_until=None, waiting_since=NOW)
    asked = replace(SNOOZED, waiting_since=BEFORE)
    assert woken(asked, LATER) == replace(asked, state=State.OPEN, snoozed_until=None)
    for one in (replace(SNOOZED, snoozed_until=LATER), replace(SNOOZED, snoozed_until=None), OPEN, CLOSED):
        assert woken(one, NOW) is None
    assert woken(replace(OPEN, snoozed_until=BEFORE), NOW) is None


def test_what_it_is_about_begins_and_ends_cases() -> None:
    """Of a closed one only the word changes."""
    assert of_kind(OPEN, "return", NOW) == replace(OPEN, kind="return", cases=(CaseSpan("return", NOW),))
    was = replace(OPEN, kind="return", cases=RETURN)
    assert of_kind(was, "question", NOW) == replace(OPEN, cases=(CaseSpan("return", BEFORE, NOW),))
    assert of_kind(CLOSED, "refund", NOW) == replace(CLOSED, kind="refund")


def test_who_is_vouched_for_is_a_customer_like_any_other() -> None:
    apart = replace(OPEN, apart=True, tags=("b", FORGED))
    assert vouched(apart) == OPEN
    assert vouched(replace(OPEN, tags=(FORGED,))).tags == (FORGED,)


def test_tags_are_sorted_and_each_is_there_once() -> None:
    """Twenty at most."""
    many = tuple(f"t{n:02}" for n in range(MOST_TAGS))
    assert tagged(OPEN, ("z", "a", "z")) == replace(OPEN, tags=("a", "z"))
    assert tagged(OPEN, (*many, many[0])).tags == many
    with pytest.raises(NotAllowed) as refused:
        tagged(OPEN, (*many, "more"))
    assert str(refused.value) == "a conversation has at most 20 tags"


DETAILS: dict[str, tuple[str, Any]] = {
    "kind": ("kind", "refund"),
    "priority": ("priority", "high"),
    "order": ("order_id", "S-1"),
    "subject": ("subject", "Where is it?"),
    "tags": ("tags", ("x",)),
}


@pytest.mark.parametrize("name", DETAILS)
def test_one_detail_changes_alone(name: str) -> None:
    """None leaves a detail as it is, an empty one takes it away."""
    known = replace(CLOSED, kind="complaint", priority="low", order_id="S-0", subject="Hello", tags=("b",))
    field, value = DETAILS[name]
    assert with_details(known, NOW, **{field: value}) == replace(known, **{field: value})
    assert with_details(known, NOW) == known
    assert with_details(known, NOW, order_id="", subject="", tags=()) == replace(
        known, order_id="", subject="", tags=()
    )
    assert with_details(OPEN, NOW, kind="refund").cases == (CaseSpan("refund", NOW),)


def test_a_digest_is_the_same_for_ever() -> None:
    """Ids that are stored are made of it. Parts do not run into each other, and any text has one."""
    assert digest("received", "email", "m1") == "ovsmro3eygyxvbjlw3etnziofa"
    assert digest("a", "bc") != digest("ab", "c")
    assert digest("\ud800") == "u7wlorpyxlgj33n6pj7k3mwe6q"
