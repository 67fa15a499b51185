"""The text of a message, as it is kept."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from shared.domain.conversations.message import Attachment, Inbound, Message, of_inbound, visible, without_words

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("one\r\ntwo\n\tthree", "one\ntwo\n\tthree"),
        ("  Ayşe\x00, \x1b[31mred\x7f  ", "Ayşe, [31mred"),
        ("\r\n \x07 \r\n", ""),
        ("👩‍👧 iyi günler", "👩‍👧 iyi günler"),
    ],
)
def test_signs_that_nobody_can_see_are_taken_out(written: str, kept: str) -> None:
    """Line ends and tabs stay, and so do the joiners inside of emoji."""
    assert visible(written) == kept


FILE = Attachment("a.pdf", "application/pdf", 3)
CAME = Inbound(
    "email", "m1", "e.x", "email:x@x.org", datetime(2026, 11, 22, tzinfo=UTC), "Hello", "Order", (FILE,),
    automatic=True, reference="<1>", references=("<0>",), verified=False, cut=True, quoted="> Hi", related="c2",
)  # fmt: skip
KEPT = Message(
    CAME.id, "c", 7, CAME.at, "in", "email", "Hello", subject="Order", attachments=(FILE,), automatic=True,
    reference="<1>", references=("<0>",), verified=False, cut=True, quoted="> Hi", related="c2",
)  # fmt: skip


def test_all_that_a_channel_delivered_is_kept() -> None:
    assert of_inbound(CAME, "c", 7) == KEPT


def test_nothing_is_left_of_words_that_were_taken_back() -> None:
    """Only that something was there, when, and by which channel."""
    assert without_words(KEPT) == Message(
        CAME.id, "c", 7, CAME.at, "in", "email", "", automatic=True, verified=False, cut=True
    )
