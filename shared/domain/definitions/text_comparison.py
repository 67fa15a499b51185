"""Comparing words the way people in Turkey and elsewhere write them."""

from __future__ import annotations

import unicodedata

_DOTS = str.maketrans({"İ": "i", "I": "i", "ı": "i"})


def folded(text: str) -> str:
    """The form in which two texts are compared: without case, without doubled spaces, all four letters i alike.

    Turkish lowers I to ı and İ to i, English lowers I to i, and shops store both: a city typed ISTANBUL on one channel
    and İstanbul on another is one city. So the dotted and the dotless letter are not told apart.

    >>> folded("İSTANBUL") == folded("istanbul") == folded("Istanbul")
    True
    >>> folded("Iğdır") == folded("IĞDIR"), folded("Şişli") == folded("Sisli")
    (True, False)
    """
    composed = unicodedata.normalize("NFC", text).translate(_DOTS)
    return " ".join(unicodedata.normalize("NFC", composed.casefold()).split())


def turkish_sentence(text: str) -> str:
    """With a capital first letter, as Turkish has them: i and ı are different letters.

    >>> turkish_sentence("indirim"), turkish_sentence("ılık")
    ('İndirim', 'Ilık')
    """
    first = {"i": "İ", "ı": "I"}.get(text[:1], text[:1].upper())
    return first + text[1:]
