"""Names are found as people type them, on whichever keyboard."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.domain.profile.search_terms import (
    LONGEST,
    SHORTEST,
    beginnings,
    folded,
    matches,
    name_words,
    order_number,
    words_of,
)

pytestmark = pytest.mark.unit
TURKISH = st.text("abcçdefgğhıijklmnoöprsştuüvyzABCÇDEFGĞHIİJKLMNOÖPRSŞTUÜVYZ", min_size=1, max_size=20)
PLAIN = str.maketrans("çğıöşüÇĞİÖŞÜ", "cgiosuCGIOSU")


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("ayse", "Ayşe"), ("AYŞE", "ayşe"), ("AYSE", "Ayşe"), ("isik", "Işık"), ("IŞIK", "Işık"), ("ışık", "IŞIK"),
        ("ISIK", "ışık"), ("ibrahim", "İBRAHİM"), ("İbrahim", "ibrahim"), ("IBRAHIM", "İbrahim"), ("oneill", "O’Neill"),
        ("o'neill", "ONeill"), ("jose", "José"), ("strasse", "Straße"), ("lukasz", "Łukasz"), ("soren", "Søren"),
        ("Ay\u0073\u0327e", "Ay\u015fe"), ("ｙıldız", "Yıldız"),
    ],
)  # fmt: skip
def test_what_is_typed_finds_the_name(typed: str, name: str) -> None:
    """With and without signs, in capitals and small letters, however Unicode composes them."""
    assert words_of(typed) == words_of(name)


@given(TURKISH)
def test_capitals_and_signs_do_not_count(name: str) -> None:
    """A Turkish name in Turkish capitals, in those of another keyboard, and without signs is one word."""
    turkish_capitals = name.replace("i", "İ").replace("ı", "I").upper()
    assert folded(turkish_capitals) == folded(name) == folded(name.translate(PLAIN)) == folded(folded(name))


@given(st.text(max_size=60))
@example("𝑨")
def test_words_hold_nothing_but_letters_and_digits(text: str) -> None:
    """Whatever is in a trait: no blank, no sign, no capital, and no error."""
    for word in words_of(text):
        assert word
        assert word == word.casefold()
        assert not set(word) & set(" .,;:#'’\"<>/_-")
        assert words_of(word) == (word,)


@given(st.lists(TURKISH, min_size=1, max_size=4), st.data())
def test_each_beginning_that_is_long_enough_is_kept(names: list[str], data: st.DataObject) -> None:
    """Brute force: every beginning of three letters to ten of every word, and nothing else."""
    words = name_words({"name": " ".join(names)})
    expected = {word[:size] for word in words for size in range(SHORTEST, LONGEST + 1) if len(word) >= size}
    assert beginnings(words) == expected
    word = data.draw(st.sampled_from(sorted(words)))
    typed = word[: data.draw(st.integers(1, len(word)))]
    assert matches([typed], words)
    assert matches([typed, word], words)
    assert not matches([word + "x", typed], words) or any(one.startswith(word + "x") for one in words)


def test_traits_that_are_no_text_name_nobody() -> None:
    """A number or a list in place of a name is passed over."""
    assert name_words({"name": 42, "firstName": ["Ayşe"], "lastName": None, "city": "Ankara"}) == frozenset()
    assert name_words({"firstName": "Ayşe Nur", "last_name": "Yılmaz-Öz"}) == {"ayse", "nur", "yilmaz", "oz"}


def test_a_name_of_many_words_costs_no_more() -> None:
    """Whoever knows a public key may send any text as a name."""
    assert len(beginnings(name_words({"name": " ".join(f"word{number}x" for number in range(500))}))) <= 48


@pytest.mark.parametrize(("one", "other"), [("#1001", "1001"), (" S-2434 ", "s-2434"), ("# A1", "a1")])
def test_an_order_is_found_however_it_is_written(one: str, other: str) -> None:
    """Shops print numbers with a sign that is not part of them."""
    assert order_number(one) == order_number(other)
