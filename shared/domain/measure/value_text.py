"""Numbers and words of a report as people read them, in Turkish and English."""

from __future__ import annotations

from typing import Any, Literal

from shared.domain.measure.advice import advice_text

Language = Literal["tr", "en"]
NOTHING = "–"
_LARGE = 1_000
_WORDS: dict[str, tuple[str, str]] = {
    "all": ("hepsi", "all"),
    "none": ("ileti yok", "no message"),
    "nowhere": ("hiçbiri", "nowhere"),
    "messages": ("iletiler", "messages"),
    "segments": ("segmentler", "segments"),
    "orders": ("siparişler", "orders"),
    "hours": ("saatler", "hours"),
    "break-points": ("kopma noktaları", "break points"),
    "open_rate": ("açılma", "open rate"),
    "click_rate": ("tıklama", "click rate"),
    "conversion_rate": ("siparişe dönme", "conversion rate"),
    "unsubscribe_rate": ("ayrılma", "unsubscribe rate"),
    "bounce_rate": ("geri dönme", "bounce rate"),
    "members": ("üye payı", "share of customers"),
    "answers": ("yanıt payı", "share of answers"),
    "added": ("sepete ekleme", "added to the cart"),
    "checkout": ("ödemeye geçme", "began to pay"),
    "bought": ("satın alma", "bought"),
    "order_90d": ("90 günde sipariş", "order within 90 days"),
    "next_order": ("sonraki sipariş günü", "day of the next order"),
    "value_365d": ("bir yıllık değer", "value of a year"),
    "written": ("müşteriye yazılır", "written to customers"),
    "not_written": ("yazılmaz", "not written"),
    "untested": ("henüz sınanamadı", "not tested yet"),
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
        case "advice":
            return advice_text(value, language)
        case "weekday":
            return _WEEKDAYS[language][(int(value) - 1) % 7]
        case "share":
            number = number_text(100 * abs(value), 1, language)
            sign = "-" if value < 0 and number.strip("0.,") else ""
            return f"{sign}%{number}" if turkish else f"{sign}{number}%"
        case "points":
            return number_text(100 * value, 1, language) + (" puan" if turkish else " points")
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


def change_text(now: Any, before: Any, kind: str, language: Language) -> str:
    """By how much a number rose or fell: a share in points, any other as a share of what it was; "" where that cannot
    be said.

    >>> change_text(12, 10, "count", "en"), change_text(0.12, 0.1, "share", "tr"), change_text(-3, 10, "money", "en")
    ('▲ 20.0%', '▲ 2,0 puan', '')
    """
    if now is None or before is None or isinstance(now, str) or min(now, before) < 0:
        return ""
    if kind == "share":
        return f"{_arrow(100 * (now - before))} {value_text(abs(now - before), 'points', language)}"
    if not before:
        return ""
    return f"{_arrow(100 * (now / before - 1))} {value_text(abs(now / before - 1), 'share', language)}"


def _arrow(change: float) -> str:
    """Of a change in hundredths."""
    return "▲" if change > 0.05 else "▼" if change < -0.05 else "="
