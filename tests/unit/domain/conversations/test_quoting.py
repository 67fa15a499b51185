"""What a reply says is shown apart from what it quotes, and nothing of it is lost."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.conversations.quoting import fold

pytestmark = pytest.mark.unit

REPLIES = {
    "gmail, Turkish": ("Teşekkürler", "Kervan <a@b.example>, 3 May 2026 Paz, 10:00 tarihinde şunu yazdı:\n\n> Yolda."),
    "gmail, broken in two": (
        "Thanks",
        "On Sun, May 3, 2026 at 10:00 AM Kervan\n<a@b.example> wrote:\n> On its way.\n>",
    ),
    "apple, Turkish": ("Sağ olun", "Kervan şunları yazdı (3 May 2026 10:00):\n\n> Yolda."),
    "outlook, Turkish": ("Merhaba", "Kimden: Kervan\nGönderildi: Pazar\nKime: Ayşe\nKonu: S-1\n\nYolda."),
    "outlook, English": ("Hi", "_____________________\nFrom: Kervan\nSent: Sunday\nTo: Ayse\nSubject: S-1\n\nOld."),
    "outlook, old": ("Hi", "-----Original Message-----\nOld."),
    "bare quotation": ("Yes", "> Do you want it?\n> Really?"),
}


@pytest.mark.parametrize("name", REPLIES)
def test_what_is_quoted_is_folded(name: str) -> None:
    """As the mail programs that customers use write it."""
    said, quoted = REPLIES[name]
    assert fold(f"{said}\n\n{quoted}") == (said, quoted)


@pytest.mark.parametrize(
    "text",
    [
        "> When?\nToday.\n> Where?\nAt home.",
        "> only a quotation",
        "From: Ankara to Izmir, please.\nThank you",
        "My order:\nS-1",
        "Kimden: Kervan\nGönderildi: Pazar\nKonu: S-1\n\nnothing said above",
        "On 3 May 2026 you wrote:\n> It comes.\nIt did not.",
    ],
)
def test_answers_between_the_lines_stay(text: str) -> None:
    """Only a tail below words of the customer's own is folded."""
    assert fold(text) == (text, "")


_LINES = st.lists(
    st.sampled_from(
        ["> q", ">", "word", "", "a@b 1:", "From: x", "Sent: y", "To: z", "-----Original Message-----", "___________"]
    )
)


@given(_LINES)
def test_nothing_is_lost(lines: list[str]) -> None:
    """Said and quoted are the whole text, in its order."""
    said, quoted = fold("\n".join(lines))
    assert [line for line in f"{said}\n{quoted}".split("\n") if line.strip()] == [one for one in lines if one.strip()]


@pytest.mark.parametrize("line", ["> ", "From: x", "a@b 1:", "On x", "_" * 20, ">" * 70])
def test_long_texts_take_little_time(line: str) -> None:
    """Each line is looked at a fixed number of times."""
    began = time.process_time()
    fold("\n".join([line] * 40_000))
    assert time.process_time() - began < 2
