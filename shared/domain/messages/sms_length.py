"""How many parts a text message costs (facts: SMS length; GSM 03.38)."""

from __future__ import annotations

import unicodedata
from typing import Literal

from msgspec import Struct

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_DOUBLE = frozenset("\f^{}\\[~]|€")

_SINGLE = {"gsm-7": 160, "ucs-2": 70}
_JOINED = {"gsm-7": 153, "ucs-2": 67}


class SmsLength(Struct, frozen=True):
    """``units`` are septets in GSM-7 (``^{}\\[]~|€`` take two), UTF-16 units in UCS-2; ``parts`` are what is billed."""

    encoding: Literal["gsm-7", "ucs-2"]
    units: int
    parts: int
    forces_ucs2: str
    """The characters that GSM-7 lacks, each once, in order: Ş ş Ğ ğ ç İ ı are the Turkish ones."""


def sms_length(text: str) -> SmsLength:
    """Count the parts of a text. A character of two units is never split over two parts.

    >>> sms_length("Sepetin seni bekliyor").parts
    1
    >>> sms_length("ş" * 71).parts
    2
    """
    if _BASIC.issuperset(text):
        units = len(text)
        parts = min(units, 1) if units <= _SINGLE["gsm-7"] else -(-units // _JOINED["gsm-7"])
        return SmsLength("gsm-7", units, parts, "")
    foreign = "".join(dict.fromkeys(c for c in text if c not in _BASIC and c not in _DOUBLE))
    encoding: Literal["gsm-7", "ucs-2"] = "ucs-2" if foreign else "gsm-7"
    widths = [(2 if ord(c) > 0xFFFF else 1) if foreign else (2 if c in _DOUBLE else 1) for c in text]
    units = sum(widths)
    return SmsLength(encoding, units, _parts(widths, units, encoding), foreign)


_NEAREST = str.maketrans("ŞşĞğçİıÂâÎîÛûÊê’‘“”–—…", "SsGgcIiAaIiUuEe''\"\"--.")


def to_gsm(text: str) -> str:
    """The text with the nearest letters that GSM-7 has, so that a name does not double the price: ``Ayşe`` is ``Ayse``.

    For values placed into a text message. A letter without a near one stays, and costs what it costs.
    """
    return "".join(c if c in _BASIC or c in _DOUBLE else _plain(c) for c in text.translate(_NEAREST))


def _plain(character: str) -> str:
    base = unicodedata.normalize("NFD", character)[0]
    return base if base in _BASIC else character


def _parts(widths: list[int], units: int, encoding: str) -> int:
    if units == 0:
        return 0
    if units <= _SINGLE[encoding]:
        return 1
    parts, used = 1, 0
    for width in widths:
        if used + width > _JOINED[encoding]:
            parts, used = parts + 1, 0
        used += width
    return parts
