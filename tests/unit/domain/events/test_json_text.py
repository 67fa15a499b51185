"""Stored JSON is read as the standard library reads it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.events.json_text import read_json
from tests.support.cases import cases

pytestmark = pytest.mark.unit

texts = st.text(st.characters(exclude_categories=()), max_size=8)
numbers = st.integers() | st.floats() | st.integers(-(2**70), 2**70)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


def same(one: Any, other: Any) -> bool:
    """Equal to the type of each number, and nothing is equal to NaN but NaN."""
    return repr(one) == repr(other)


@cases(200, 5_000)
@given(values, st.booleans())
def test_what_was_written_is_read_as_json_reads_it(value: Any, ascii_only: bool) -> None:
    """Half a surrogate pair, raw or escaped, NaN, infinity and numbers beyond 64 bits included."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=ascii_only)
    assert same(read_json(text), json.loads(text))


@pytest.mark.parametrize("text", ["", "{", "[1,]", "nul", '"a\tb"', "01", "{1:2}", '{"a":1}x', "'a'"])
def test_what_is_no_json_is_refused(text: str) -> None:
    """As by the standard library."""
    with pytest.raises(ValueError, match=r"."):
        json.loads(text)
    with pytest.raises(ValueError, match=r"."):
        read_json(text)


HALF = "\ud800"
OTHERS = (
    "1E400", "-1E400", "[1e309]", "-0", "-0.0", '{"a":1,"a":2}', " [ 1 ]\n", "NaN", "[-Infinity]",
    str(2**64), str(-(2**70)), f'"{HALF}"', f'{{"a{HALF}":1}}', '"\\ud800"', '["\\udfffa"]',
)  # fmt: skip


@pytest.mark.parametrize("text", OTHERS, ids=ascii)
def test_what_others_write_is_read_the_same(text: str) -> None:
    """Forms that our own writer does not make, or seldom: half a surrogate pair, raw or escaped, among them."""
    assert same(read_json(text), json.loads(text))


def test_what_is_nested_too_deep_is_told_as_by_json() -> None:
    """Whoever reads an item tells it as unreadable."""
    text = "[" * 100_000 + "]" * 100_000
    with pytest.raises(RecursionError):
        read_json(text)
