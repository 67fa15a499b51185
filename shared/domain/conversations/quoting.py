"""Parts a reply into what was said now and what it quotes, so that an agent reads the new words first.

Nothing is lost: the quoted part is kept beside. Only a tail is folded, because people also answer between the
lines of a quotation. Each line is looked at once, whatever a mail holds.
"""

from __future__ import annotations

import re

LINES_OF_AN_INTRODUCTION = 3
"""Mail programs break "On ... wrote:" into so many lines at most."""
LINES_OF_A_HEAD = 6
_LONGEST = 500
"""Characters of a line that are compared; an introduction is shorter."""
_HEAD = ("from:", "kimden:", "von:", "de:", "gönderen:")
_HEAD_FOLLOWS = ("sent:", "date:", "to:", "subject:", "gönderildi:", "tarih:", "kime:", "konu:", "gesendet:", "an:")
_ORIGINAL = re.compile(
    r"-{2,}\s?(original message|özgün ileti|orijinal mesaj|ursprüngliche nachricht)\s?-{2,}", re.IGNORECASE
)
_RULE = re.compile(r"_{10,}")


def fold(text: str) -> tuple[str, str]:
    """What was said, and the quoted tail; the tail is empty if there is none, or if nothing else was said.

    >>> fold("Thanks!\\n\\nOn 3 May 2026 Kervan <hello@kervan.example> wrote:\\n> It is on its way.")
    ('Thanks!', 'On 3 May 2026 Kervan <hello@kervan.example> wrote:\\n> It is on its way.')
    """
    lines = text.split("\n")
    start = _tail(lines)
    said = "\n".join(lines[:start]).strip()
    if not said:
        return text.strip(), ""
    return said, "\n".join(lines[start:]).strip("\n").rstrip()


def _tail(lines: list[str]) -> int:
    """Where the quoted tail begins: the first place from which on everything is quoted."""
    plain = _last_plain_line(lines)
    for place, line in enumerate(lines):
        beginning = line[:_LONGEST].strip()
        if _ORIGINAL.fullmatch(beginning) or _is_head(lines, place):
            return _with_rule(lines, place)
        if place > plain and beginning.startswith(">"):
            return _with_introduction(lines, place)
    return len(lines)


def _last_plain_line(lines: list[str]) -> int:
    """The last line that is neither empty nor quoted; -1 if there is none."""
    for place in range(len(lines) - 1, -1, -1):
        line = lines[place].strip()
        if line and not line.startswith(">"):
            return place
    return -1


def _is_head(lines: list[str], place: int) -> bool:
    """Whether the head of a quoted mail begins here, as Outlook writes it: a sender, then a date and a subject."""
    if not _begins(lines[place], _HEAD):
        return False
    following = lines[place + 1 : place + LINES_OF_A_HEAD]
    return sum(_begins(line, _HEAD_FOLLOWS) for line in following) >= 2


def _begins(line: str, words: tuple[str, ...]) -> bool:
    return line[:_LONGEST].strip().lstrip("*").lower().startswith(words)


def _with_rule(lines: list[str], place: int) -> int:
    """With the line of underscores that Outlook draws above."""
    return place - 1 if place > 0 and _RULE.fullmatch(lines[place - 1][:_LONGEST].strip()) else place


def _with_introduction(lines: list[str], place: int) -> int:
    """With the lines above that say who wrote it: they end with a colon, and name somebody or a time."""
    end = place - 1
    while end >= 0 and not lines[end].strip():
        end -= 1
    if end < 0 or not lines[end].rstrip().endswith(":"):
        return place
    for start in range(end, max(end - LINES_OF_AN_INTRODUCTION, -1), -1):
        words = " ".join(line[:_LONGEST] for line in lines[start : end + 1])
        if not lines[start].strip():
            break
        if "@" in words and any(sign.isdigit() for sign in words):
            return _whole_introduction(lines, start)
    return end if any(sign.isdigit() for sign in lines[end][:_LONGEST]) else place


def _whole_introduction(lines: list[str], start: int) -> int:
    """One line more if it stands directly above and begins a sentence that the next one ends."""
    above = lines[start - 1][:_LONGEST].strip() if start > 0 else ""
    goes_on = above.lower().startswith(("on ", "am ", "le ")) and not above.endswith((".", "!", "?", ":"))
    return start - 1 if goes_on else start
