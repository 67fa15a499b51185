"""Replies by text message that refuse, or take a refusal back: whole messages of known words, nothing inside a text.

``STOP``, ``Stop!``, ``iptal ret``, ``stop please`` and ``mesaj göndermeyin`` refuse; ``nonstop``, ``durum`` and ``dur
bir dakika`` do not.
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
        "mesaj", "mesaji", "mesajlari", "message", "messages", "text", "texts", "texting", "me", "from", "list", "bana",
        "beni", "bir", "daha",
    }
)  # fmt: skip
"""Words that people put beside one that refuses and that change nothing about it; alone they say nothing."""
DECLINING = frozenset({"gonderme", "gondermeyin", "gondermeyiniz", "atma", "atmayin", "istemiyorum"})
"""Words that ask for no messages, alone or beside words of courtesy: ``mesaj göndermeyin``."""
LENGTH = 1_600
"""Letters of a reply that are looked at; no keyword is longer."""

_WORD = re.compile(r"[^\W_]+")
_TWO_WORDS = re.compile(r"\bopt[\s_-]+out\b")
_DROPPED = frozenset({"Mn", "Cf"})
"""Kinds of letters that are marks of others (the dot of İ, the cedilla of ş), or cannot be seen."""


def asked_for(text: str) -> Literal["withdraw", "grant"] | None:
    """What a reply asks for; None if it says something else. With words of both kinds it is a refusal. A grant has
    keywords only: who is not sure to have asked is not written to."""
    words = _words(text)
    if words & (WITHDRAWING | DECLINING) and words <= WITHDRAWING | GRANTING | COURTESY | DECLINING:
        return "withdraw"
    return "grant" if words and words <= GRANTING else None


def keywords_alone(text: str) -> bool:
    """Whether a reply is keywords and nothing else. One that says more may be about an order (``iptal lütfen``), so an
    agent reads it as well, whatever it does to the consent."""
    words = _words(text)
    return bool(words) and words <= WITHDRAWING | GRANTING


def _words(text: str) -> set[str]:
    return set(_WORD.findall(_folded(text[:LENGTH]))) if len(text) <= LENGTH else set()


def _folded(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text)
    plain = "".join(letter for letter in apart if unicodedata.category(letter) not in _DROPPED)
    return _TWO_WORDS.sub("optout", plain.casefold().replace("ı", "i"))
