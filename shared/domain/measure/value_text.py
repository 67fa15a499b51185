"""Numbers and words of a report as people read them, in Turkish and English."""

from __future__ import annotations

from typing import Any, Literal

Language = Literal["tr", "en"]
NOTHING = "–"
_LARGE = 1_000
_WORDS: dict[str, tuple[str, str]] = {
    "all": ("hepsi", "all"),
    "none": ("ileti yok", "no message"),
    "nowhere": ("hiçbiri", "nowhere"),
    "journey": ("akış", "journey"),
    "campaign": ("kampanya", "campaign"),
    "open": ("henüz belli değil", "not decided yet"),
    "better": ("daha iyi", "better"),
    "worse": ("daha kötü", "worse"),
    "reference": ("karşılaştırılan", "reference"),
    "sent": ("gönderildi", "sent"),
    "skipped": ("gönderilmedi", "skipped"),
    "failed": ("reddedildi", "failed"),
    "deferred": ("ertelendi", "deferred"),
    "unknown": ("bilinmiyor", "unknown"),
    "handed_over": ("gönderime verildi", "handed over"),
    "chosen": ("kanal seçildi", "channels chosen"),
    "decided": ("yol seçildi", "way chosen"),
    "email": ("e-posta", "e-mail"),
    "sms": ("SMS", "SMS"),
    "push": ("bildirim", "push"),
}
_WEEKDAYS = {
    "tr": ("Pzt", "Sal", "Çar", "Per", "Cum", "Cmt", "Paz"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
_UNITS = {"days": (" gün", " days"), "hours": (" sa", " h")}


def value_text(value: Any, kind: str, language: Language, currency: str = "") -> str:
    """A value as it stands in a table; amounts from a thousand on without their hundredths.

    >>> value_text(234.5, "money", "tr", "TRY"), value_text(0.1234, "share", "tr"), value_text(7, "weekday", "en")
    ('234,50 TRY', '%12,3', 'Sun')
    """
    turkish = language == "tr"
    if value is None:
        return NOTHING
    match kind:
        case "text" | "date":
            return " + ".join(_word(part, language) for part in str(value).split(" + ")) or NOTHING
        case "weekday":
            return _WEEKDAYS[language][(int(value) - 1) % 7]
        case "share":
            return (
                f"%{number_text(100 * value, 1, language)}" if turkish else f"{number_text(100 * value, 1, language)}%"
            )
        case "money":
            return f"{number_text(value, 2 if abs(value) < _LARGE else 0, language)} {currency}".strip()
        case "ratio":
            return number_text(value, 2, language)
        case "days" | "hours":
            return number_text(value, 1, language) + _UNITS[kind][0 if turkish else 1]
        case _:
            return number_text(value, 0, language)


def _word(text: str, language: Language) -> str:
    word = _WORDS.get(text)
    return text if word is None else word[0 if language == "tr" else 1]


def number_text(value: float, decimals: int, language: Language) -> str:
    """With the marks of the language: ``1.234,5`` or ``1,234.5``; no minus before zero."""
    written = f"{value:,.{decimals}f}"
    if not written.strip("-0.,"):
        written = written.lstrip("-")
    return written.translate(str.maketrans(",.", ".,")) if language == "tr" else written


def change_text(now: Any, before: Any, language: Language) -> str:
    """By how much a number rose or fell; "" where that cannot be said."""
    if now is None or not before:
        return ""
    share = now / before - 1
    arrow = "▲" if share > 0.0005 else "▼" if share < -0.0005 else "="
    return f"{arrow} {value_text(abs(share), 'share', language)}"
