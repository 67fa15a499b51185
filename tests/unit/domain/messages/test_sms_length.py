"""Parts of a text message, counted sign by sign."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.messages.sms_length import sms_length

pytestmark = pytest.mark.unit

DOUBLE = "\f^{}\\[~]|€"
TEXTS = st.text(st.sampled_from("aZ9 @Ü\n"), max_size=500) | st.text(st.sampled_from("aÜ€[ş😀"), max_size=200)


def by_hand(text: str) -> tuple[str, int, int]:
    """The encoding, the units, and the parts, filled one after the other."""
    wide = any(sign in "ş😀" for sign in text)
    widths = [len(sign.encode("utf-16-le")) // 2 if wide else 1 + (sign in DOUBLE) for sign in text]
    single, joined = (70, 67) if wide else (160, 153)
    if sum(widths) <= single:
        return ("ucs-2" if wide else "gsm-7"), sum(widths), int(bool(text))
    parts = [0]
    for width in widths:
        if parts[-1] + width > joined:
            parts.append(0)
        parts[-1] += width
    return ("ucs-2" if wide else "gsm-7"), sum(widths), len(parts)


@settings(max_examples=200, deadline=None)
@given(text=TEXTS)
def test_parts_are_what_filling_them_gives(text: str) -> None:
    """Plain letters, letters of two units, and letters that the basic alphabet lacks."""
    found = sms_length(text)
    assert (found.encoding, found.units, found.parts) == by_hand(text)


@pytest.mark.parametrize("size", [0, 1, 160, 161, 306, 307, 459, 460])
def test_the_last_letter_that_fits(size: int) -> None:
    """160 letters alone, 153 in each part of several."""
    assert sms_length("a" * size).parts == by_hand("a" * size)[2]
