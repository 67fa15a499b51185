"""What a customer is found by: the beginnings of the words of a name, folded so that ``ayse`` finds Ayşe.

Turkish has two letters I: ``I`` is the capital of ``ı``, and ``İ`` of ``i``. Who types on another keyboard writes
``i`` for each. So all four are one letter here, and signs above and below letters do not count.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from shared.domain.facts.facts import Facts

NAME_TRAITS = ("firstName", "lastName", "first_name", "last_name", "name", "fullName", "full_name")
"""Traits that hold a name, as SDKs and imports write them."""
SHORTEST = 3
LONGEST = 10
"""Letters of a beginning that is kept; a longer word is found by its first so many, and compared whole."""
MOST_WORDS = 6
_LETTERS = str.maketrans({"ı": "i", "İ": "i", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe"})
"""Letters that are no letter with a sign to Unicode."""
_APART = r"[^a-z0-9\w]+|_+"
_WITHIN = "['’ʼ`´]"
"""Stands in the middle of a word: O'Neill, D’Angelo. Compiled by ``re`` with the first name."""


def folded(text: str) -> str:
    """Without capitals and without signs on letters."""
    plain = unicodedata.normalize("NFKD", text.translate(_LETTERS).casefold().translate(_LETTERS))
    # Again: a compatibility form such as a mathematical capital is a plain capital only now.
    plain = unicodedata.normalize("NFKD", plain.casefold().translate(_LETTERS))
    return "".join(sign for sign in plain if not unicodedata.combining(sign))


def words_of(text: str) -> tuple[str, ...]:
    """The folded words of a text, in its order."""
    return tuple(word for word in re.split(_APART, folded(re.sub(_WITHIN, "", text))) if word)


def name_words(traits: Mapping[str, Any]) -> frozenset[str]:
    """The words of everything that names somebody; what is no text is passed over."""
    said = (traits.get(name) for name in NAME_TRAITS)
    words = [word for text in said if isinstance(text, str) for word in words_of(text)]
    return frozenset(dict.fromkeys(words[: 2 * MOST_WORDS]))


def beginnings(words: Iterable[str]) -> frozenset[str]:
    """What is kept of the words of a name: of the first ``MOST_WORDS`` in the alphabet, which nobody's name exceeds."""
    chosen = sorted(words)[:MOST_WORDS]
    return frozenset(word[:size] for word in chosen for size in range(SHORTEST, min(len(word), LONGEST) + 1))


def matches(asked: Iterable[str], words: Iterable[str]) -> bool:
    """Whether each word that was asked begins a word of the name."""
    known = tuple(words)
    return all(any(word.startswith(beginning) for word in known) for beginning in asked)


def order_number(text: str) -> str:
    """An order's number as it is compared: without a leading ``#``, whatever its case."""
    return folded(text.strip().removeprefix("#").strip())


def names_said(facts: Facts | None) -> dict[str, tuple[int, str]]:
    """Each trait that names somebody, with its time (milliseconds). A trusted source's stands before a public one's."""
    if facts is None:
        return {}
    found = {name: facts.trusted.entries.get(name) or facts.public.entries.get(name) for name in NAME_TRAITS}
    return {name: (one[0], one[2]) for name, one in found.items() if one is not None and isinstance(one[2], str)}
