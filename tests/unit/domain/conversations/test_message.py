"""The text of a message, as it is kept."""

from __future__ import annotations

import pytest

from shared.domain.conversations.message import visible

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
