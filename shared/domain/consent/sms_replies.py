"""Replies by text message that refuse, or take a refusal back: whole messages of known words, nothing inside a text.

``STOP``, ``Stop!`` and ``iptal ret`` refuse; ``nonstop``, ``durum`` and ``stop please`` do not. Letters are compared
without case, dots and accents, so that ``İPTAL``, ``IPTAL`` and ``ıptal`` are one word.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

ORIGIN = "sms_reply"
CHANNEL = "sms"

WITHDRAWING = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "optout", "ret", "iptal", "dur"})
GRANTING = frozenset({"start", "unstop", "baslat"})
"""Not "yes": it may answer something else."""
LENGTH = 1_600
"""Letters of a reply that are looked at; no keyword is longer."""

_WORD = re.compile(r"[^\W_]+")
_DROPPED = frozenset({"Mn", "Cf"})
"""Kinds of letters that are marks of others (the dot of İ, the cedilla of ş), or cannot be seen."""


def asked_for(text: str) -> Literal["withdraw", "grant"] | None:
    """What a reply asks for; None if it says something else. With words of both kinds it is a refusal."""
    words = set(_WORD.findall(_folded(text[:LENGTH]))) if len(text) <= LENGTH else set()
    if not words or not words <= WITHDRAWING | GRANTING:
        return None
    return "withdraw" if words & WITHDRAWING else "grant"


def _folded(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text)
    plain = "".join(letter for letter in apart if unicodedata.category(letter) not in _DROPPED)
    return plain.casefold().replace("ı", "i")
