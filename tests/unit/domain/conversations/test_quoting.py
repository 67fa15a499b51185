"""What a reply says is shown apart from what it quotes, and nothing of it is lost."""

from __future__ import annotations

import sys

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
    "outlook, bold": ("Hi", "*From:* Kervan\n*Sent:* Sunday\n*Subject:* S-1\n\nOld."),
    "outlook, head of six lines": ("Hi", "From: Kervan\nx\nx\nx\nSent: Sunday\nSubject: S-1\nOld."),
    "three lines": ("Ok", "3 May 2026\nKervan <a@b.example>\nwrote:\n> Yolda."),
    "a sentence over four lines": ("Ok", "On Sunday\n3 May\n<a@b.example>\nKervan wrote:\n> Yolda."),
    "only a time": ("Ok", "3 May 10:00:\n> Yolda."),
    "indented": ("Ok", "  > Yolda.\n  > Really?"),
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
        "Hi\nFrom: Ankara\nx\nx\nx\nx\nSent: Sunday\nSubject: S-1",
        "Hi\nFrom: Ankara\nSent: Sunday\nno second one",
        "Hi\nXFrom: Ankara\nSent: Sunday\nSubject: S-1",
        "Hi\n> When?\nToday.\n",
        "> When?\nToday.",
        "> When?\n\nToday.\n",
    ],
)
def test_answers_between_the_lines_stay(text: str) -> None:
    """Only a tail below words of the customer's own is folded."""
    assert fold(text) == (text.strip(), "")


@pytest.mark.parametrize(
    ("above", "quoted"),
    [
        ("It is here:", "> Yolda."),  # names neither somebody nor a time
        ("Kervan <a@b.example> wrote", "> Yolda."),
        ("a@b.example 3 May:\n\nKervan wrote:", "> Yolda."),
        ("Kervan <a@b.example> 3\nx\nx\nx:", "> Yolda."),
    ],
)
def test_a_line_that_introduces_nothing_was_said(above: str, quoted: str) -> None:
    """Of the four lines above, a blank one ends an introduction, and more than three lines are none."""
    assert fold(f"Hello\n{above}\n{quoted}") == (f"Hello\n{above}", quoted)


@pytest.mark.parametrize("sign", [".", "!", "?", ":"])
def test_a_sentence_that_ended_above_is_no_part_of_the_introduction(sign: str) -> None:
    """One line more belongs to it only if that line begins as one and goes on in the next."""
    introduction = "3 May 2026 Kervan <a@b.example>:\n> Yolda."
    assert fold(f"Hi\nOn Sunday{sign}\n{introduction}") == (f"Hi\nOn Sunday{sign}", introduction)
    assert fold(f"Hi\nSunday\n{introduction}") == ("Hi\nSunday", introduction)
    for word in ("On", "Am", "Le"):
        assert fold(f"Hi\n{word} Sunday\n{introduction}") == ("Hi", f"{word} Sunday\n{introduction}")


def test_all_that_is_quoted_without_words_above_is_shown() -> None:
    """An introduction at the very top and a rule belong to the quotation: then nothing is folded."""
    wrote = "On 3 May a@b.example wrote:\n> Yolda."
    for text in (wrote, f"On Sunday\n{wrote[3:]}", "__________\nFrom: x\nSent: y\nTo: z", "1:\n\n> Yolda."):
        assert fold(text) == (text, "")
    assert fold("Ok\n3 May\na@b.example:\n> Yolda.") == ("Ok", "3 May\na@b.example:\n> Yolda.")
    rule = "_" * 10
    assert fold(f"Hi\n{rule}\n-- original message --") == ("Hi", f"{rule}\n-- original message --")
    assert fold(f"Hi\n{rule[1:]}\n-- original message --") == (f"Hi\n{rule[1:]}", "-- original message --")
    assert fold(f"Hi\n{rule}\nx\n-- original message --") == (f"Hi\n{rule}\nx", "-- original message --")


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


def calls(text: str) -> int:
    """How many functions are called for it, those of Python itself included."""
    count = 0

    def called(*_: object) -> None:
        nonlocal count
        count += 1

    sys.setprofile(called)
    try:
        fold(text)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("line", ["> ", "From: x", "a@b 1:", "On x", "_" * 20, ">" * 70])
def test_twice_the_lines_take_twice_the_work(line: str) -> None:
    """Each line is looked at a fixed number of times, whatever a mail holds."""
    assert calls("\n".join([line] * 2_000)) < 2.1 * calls("\n".join([line] * 1_000))
