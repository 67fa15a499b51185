"""How the text of an event is stored."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from shared.adapters.memory import bytes_of
from shared.stores.event_items import UnreadableEvent, event_item, read_event
from shared.stores.event_text import FORMAT, UNIT_BYTES, UnknownText, pack, unpack
from tests.support.world import KEYS, event

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


@given(TEXTS, st.integers(-50, 400))
def test_every_text_comes_back(text: str, room: int) -> None:
    """Whatever the text and the room for it, what was packed is read back unchanged."""
    assert unpack(pack(text, room)) == text


def test_what_fits_stays_plain() -> None:
    """A text that fits is stored as it is, readable for everybody; one byte more is deflated."""
    text = '{"a":"ş"}' * 20
    assert pack(text, len(text.encode())) == text
    assert isinstance(pack(text, len(text.encode()) - 1), bytes)


def test_what_would_grow_stays_plain() -> None:
    """A text that deflating makes no shorter stays as it is."""
    assert pack("q", 0) == "q"


@pytest.mark.parametrize("stored", [b"", b"\x02abc", FORMAT + b"\xff\xff\xff\xff"])
def test_other_bytes_are_refused(stored: bytes) -> None:
    """Bytes that no release of ours wrote are an unreadable event, not a crash."""
    with pytest.raises(UnknownText):
        unpack(stored)
    with pytest.raises(UnreadableEvent):
        read_event({"pk": "u.x", "sk": "t#-#m#p", "name": "Page Viewed", "data": stored})


def test_the_room_is_one_write_unit_to_the_byte() -> None:
    """The largest event that stays plain makes an item of exactly one write unit, as DynamoDB counts."""
    one = event("Ürün", ["user:1"], filler="")
    free = UNIT_BYTES - bytes_of(event_item(one, KEYS))
    largest = event_item(replace(one, properties={"filler": "q" * free}), KEYS)
    larger = event_item(replace(one, properties={"filler": "q" * (free + 1)}), KEYS)
    assert isinstance(largest["data"], str)
    assert bytes_of(largest) == UNIT_BYTES
    assert isinstance(larger["data"], bytes)
    assert read_event(larger).properties == {"filler": "q" * (free + 1)}
