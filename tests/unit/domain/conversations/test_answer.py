"""An answer or a note: what is kept of it, what it changes, and when it is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from shared.domain.conversations.answer import (
    LONGEST,
    PUSH_BYTES,
    Answered,
    Draft,
    Newer,
    SeenUnreadable,
    answer,
    by_itself,
    free_text_until,
    message_id,
    read_seen,
    seen_mark,
    too_long,
    write,
)
from shared.domain.conversations.conversation import Channel, Conversation, State, answered, digest, reopened
from shared.domain.conversations.message import TEXT_LENGTH, Attachment, Message

pytestmark = pytest.mark.unit
NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
BEFORE = NOW - timedelta(hours=1)
A, B, C = "a" * 13, "b" * 13, "c" * 13
FIRST = Conversation(
    A, "e.x", "email:x@x.org", "email", BEFORE, 3, messages=2, subject="Order", thread=("<1>", "<2>"), shown_with="old"
)
OTHER = replace(FIRST, id=B, home="i.x", who="instagram:x", channel="instagram", messages=4, thread=("<3>",))
DONE = replace(OTHER, id=C, home="p.x", who="phone:x", state=State.CLOSED, closed_at=BEFORE)
GROUP = (FIRST, OTHER, DONE)
SEEN = {A: 2, B: 4, C: 4}
DRAFT = Draft(A, "k1", "out", "email", "On its way.", "ada", "email:x@x.org")


def test_an_answer_is_kept_and_answers_all_that_is_live() -> None:
    """It lies with the conversation of whom it is sent to. A closed one beside it stays as it is."""
    found = answer(DRAFT, GROUP, SEEN, NOW)
    message = Message(
        digest("written", A, "k1"), A, 3, NOW, "out", "email", "On its way.", "ada", "Re: Order", "email:x@x.org",
        "pending", references=("<1>", "<2>"), beside=(B, C),
    )  # fmt: skip
    first = replace(answered(reopened(FIRST, NOW), NOW, "ada"), messages=3, shown_with="")
    assert found == Answered(message, (first, replace(answered(OTHER, NOW, "ada"), shown_with=A)))


def test_an_answer_to_another_identifier_lies_there() -> None:
    """Also with a closed one, which it does not open. The first is written too: two answers at once meet there."""
    found = write(replace(DRAFT, to="phone:x", channel="sms"), GROUP, NOW)
    assert (found.message.conversation, found.message.place) == (C, 5)
    first, other, done = found.changed
    assert (first.id, first.messages, other.messages) == (A, 2, 4)
    assert done == replace(DONE, messages=5, shown_with=A)
    assert write(replace(DRAFT, to=""), GROUP, NOW).message.conversation == A
    assert write(replace(DRAFT, to="email:nobody"), GROUP, NOW).message.conversation == A


def test_an_answer_opens_the_first() -> None:
    """Answered after it was closed, it counts as opened again then."""
    found = write(replace(DRAFT, to="phone:x"), (DONE,), NOW)
    assert found.changed == (replace(answered(reopened(DONE, NOW), NOW, "ada"), messages=5, shown_with=""),)
    assert (found.changed[0].reopened, found.changed[0].reopened_at) == (1, NOW)


def test_a_note_changes_no_state() -> None:
    """It goes to nobody, and is counted where it lies."""
    found = answer(replace(DRAFT, direction="note"), GROUP, SEEN, NOW)
    assert isinstance(found, Answered)
    assert (found.message.direction, found.message.delivery) == ("note", "")
    assert found.changed == (replace(FIRST, messages=3, shown_with=""),)


@pytest.mark.parametrize(
    ("channel", "subject", "references", "template", "delivery"),
    [
        ("email", "Re: Order", ("<1>", "<2>"), (), "pending"),
        ("whatsapp", "", (), ("hello", "en", "x"), "pending"),
        ("instagram", "", (), (), "pending"),
        ("chat", "", (), (), "sent"),
        ("store", "", (), (), "sent"),
    ],
)
def test_what_a_channel_takes(
    channel: Channel, subject: str, references: tuple[str, ...], template: tuple[str, ...], delivery: str
) -> None:
    """Only mails have a subject and continue others, only WhatsApp has templates. What is said in the chat of the page
    is sent by being kept."""
    file = Attachment("a.pdf", "application/pdf", 3)
    wanted = replace(DRAFT, channel=channel, template=("hello", "en", "x"), attachments=(file,))
    found = write(wanted, GROUP, NOW).message
    assert (found.channel, found.subject, found.references, found.template) == (channel, subject, references, template)
    assert (found.delivery, found.attachments) == (delivery, (file,))


@pytest.mark.parametrize(
    ("was", "given", "subject"),
    [("Order", "", "Re: Order"), ("RE: Order", "", "RE: Order"), ("", "", ""), ("Order", "Offer", "Offer")],
)
def test_the_subject_of_a_mail(was: str, given: str, subject: str) -> None:
    assert write(replace(DRAFT, subject=given), (replace(FIRST, subject=was),), NOW).message.subject == subject


@pytest.mark.parametrize(
    ("seen", "after"),
    [
        ({A: 1, B: 4, C: 4}, {A: 1, B: 4, C: 4}),
        ({A: 2, B: 4}, {A: 2, B: 4, C: 0}),
        ({A: 2, B: 4, C: 4, "d" * 13: 1}, {A: 2, B: 4, C: 4}),  # shown with him, and now somebody else's
    ],
)
def test_an_answer_to_what_was_not_seen_is_refused(seen: dict[str, int], after: dict[str, int]) -> None:
    """Something came, or a conversation of the group is another customer's now."""
    assert answer(DRAFT, GROUP, seen, NOW) == Newer(after)


def test_who_has_seen_more_than_there_is_may_answer() -> None:
    """And nothing needs to be seen of a conversation without messages."""
    assert isinstance(answer(DRAFT, GROUP, {A: 3, B: 4, C: 4}, NOW), Answered)
    assert isinstance(answer(DRAFT, (replace(FIRST, messages=0),), {}, NOW), Answered)


def test_a_mark_is_read_as_it_was_shown() -> None:
    """In the order of ids, whatever that of the group is."""
    assert seen_mark(GROUP[::-1]) == f"{A}:2+{B}:4+{C}:4"
    assert read_seen(seen_mark(GROUP)) == SEEN
    for wrong in ("", A, f"{A}:", f"{A}:2+", f"{A}:-1", f"{A}:2 ", "+".join([f"{A}:2"] * 65)):
        with pytest.raises(SeenUnreadable) as refused:
            read_seen(wrong)
        assert str(refused.value) == "seen must be the mark that the conversation was shown with"


@pytest.mark.parametrize(("channel", "delivery"), [("email", "pending"), ("sms", "pending"), ("chat", "sent")])
def test_what_the_shop_says_by_itself_is_no_answer(channel: Channel, delivery: str) -> None:
    """It is counted and changes no state. What somebody sent stands in no subject."""
    message, after = by_itself(FIRST, "id", channel, "Hello", "email:x@x.org", NOW, subject="We got it")
    mail = channel == "email"
    assert message == Message(
        "id", A, 3, NOW, "out", channel, "Hello", subject="We got it" if mail else "", to="email:x@x.org",
        delivery=delivery,  # type: ignore[arg-type]
        automatic=True, references=("<1>", "<2>") if mail else (),
    )  # fmt: skip
    assert after == replace(FIRST, messages=3)


def test_the_same_request_makes_the_same_message() -> None:
    assert len({message_id(A, "k"), message_id(A, "k2"), message_id(B, "k")}) == 3


@pytest.mark.parametrize(
    ("channel", "most", "sign"),
    [
        ("push", PUSH_BYTES - 2, "a"),  # in JSON it stands between two quotes
        ("push", (PUSH_BYTES - 2) // 6, "ş"),
        ("instagram", LONGEST["instagram"], "a"),
        ("instagram", LONGEST["instagram"] // 2, "ş"),
        ("messenger", LONGEST["messenger"], "ş"),
        ("whatsapp", LONGEST["whatsapp"], "ş"),
        ("email", TEXT_LENGTH, "ş"),
    ],
)
def test_how_long_a_text_may_be(channel: Channel, most: int, sign: str) -> None:
    """In the letters or bytes of its channel."""
    assert not too_long(channel, sign * most)
    assert too_long(channel, sign * (most + 1))


def test_free_text_is_taken_for_a_day_after_the_last_message_there() -> None:
    """Of any conversation of the group."""
    group = (FIRST, replace(OTHER, windows={"whatsapp": BEFORE}), replace(DONE, windows={"whatsapp": NOW}))
    assert free_text_until(group, "whatsapp") == NOW + timedelta(hours=24)
    assert free_text_until(group, "instagram") is None
