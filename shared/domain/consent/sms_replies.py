"""Replies by text message that refuse, or take a refusal back: whole messages of known words, nothing inside a text.

``STOP``, ``Stop!``, ``iptal ret`` and ``stop please`` refuse; ``nonstop``, ``durum`` and ``dur bir dakika`` do not.
Letters are compared without case, dots and accents, so that ``İPTAL``, ``IPTAL`` and ``ıptal`` are one word.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

ORIGIN = "sms_reply"
CHANNEL = "sms"

WITHDRAWING = frozenset(
    {"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "optout", "revoke", "ret", "iptal", "dur"}
)
GRANTING = frozenset({"start", "unstop", "baslat"})
"""Not "yes": it may answer something else."""
COURTESY = frozenset(
    {
        "all", "now", "please", "thanks", "thank", "you", "lutfen", "tesekkurler", "tesekkur", "ederim", "artik", "sms",
        "mesaj", "mesaji", "mesajlari", "message", "messages", "text", "texts", "texting", "gonderme",
        "gondermeyin", "gondermeyiniz", "atma", "atmayin",
    }
)  # fmt: skip
"""Words that people put beside one that refuses and that change nothing about it; alone they say nothing."""
LENGTH = 1_600
"""Letters of a reply that are looked at; no keyword is longer."""

_WORD = re.compile(r"[^\W_]+")
_TWO_WORDS = re.compile(r"\bopt[\s_-]+out\b")
_DROPPED = frozenset({"Mn", "Cf"})
"""Kinds of letters that are marks of others (the dot of İ, the cedilla of ş), or cannot be seen."""


def asked_for(text: str) -> Literal["withdraw", "grant"] | None:
    """What a reply asks for; None if it says something else. With words of both kinds it is a refusal. A grant has
    keywords only: who is not sure to have asked is not written to."""
    words = set(_WORD.findall(_folded(text[:LENGTH]))) if len(text) <= LENGTH else set()
    if words & WITHDRAWING and words <= WITHDRAWING | GRANTING | COURTESY:
        return "withdraw"
    return "grant" if words and words <= GRANTING else None


def _folded(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text)
    plain = "".join(letter for letter in apart if unicodedata.category(letter) not in _DROPPED)
    return _TWO_WORDS.sub("optout", plain.casefold().replace("ı", "i"))
