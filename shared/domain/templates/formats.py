"""Money and dates as people of a language write them."""

from __future__ import annotations

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

_DECIMALS = {"JPY": 0, "KRW": 0, "CLP": 0, "KWD": 3, "BHD": 3, "JOD": 3, "OMR": 3, "TND": 3}
_TURKISH_NAMES = {"TRY": "TL"}
_TURKISH_MARKS = str.maketrans(",.", ".,")

_MONTHS = {
    "tr": ("Ocak", "Şubat", "Mart", "Nisan", "Mayıs", "Haziran",
           "Temmuz", "Ağustos", "Eylül", "Ekim", "Kasım", "Aralık"),
    "en": ("January", "February", "March", "April", "May", "June",
           "July", "August", "September", "October", "November", "December"),
}  # fmt: skip


def money(amount: Decimal, currency: str, language: str) -> str:
    """An amount with its currency, rounded half up to the currency's decimals.

    >>> money(Decimal("1299.9"), "TRY", "tr"), money(Decimal("1299.9"), "TRY", "en")
    ('1.299,90 TL', 'TRY 1,299.90')
    """
    decimals = _DECIMALS.get(currency, 2)
    rounded = amount.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    text = f"{rounded:,.{decimals}f}"
    if language == "tr":
        swapped = text.translate(_TURKISH_MARKS)
        return f"{swapped} {_TURKISH_NAMES.get(currency, currency)}"
    return f"{currency} {text}"


def moment_text(when: datetime, zone: ZoneInfo, language: str) -> str:
    """A local date and time to the minute: ``25 Kasım 2026, 10:00``. Languages without month names get ISO."""
    local = when.astimezone(zone)
    months = _MONTHS.get(language)
    if months is None:
        return f"{local:%Y-%m-%d %H:%M}"
    return f"{local.day} {months[local.month - 1]} {local.year}, {local:%H:%M}"


_UNITS = ("da", "de", "de", "te", "te", "te", "da", "de", "de", "da")
_TENS = ("da", "da", "de", "da", "ta", "de")


def at_time(when: datetime, zone: ZoneInfo, language: str) -> str:
    """A local time as it stands after "at"; in Turkish with the ending of the number as it is spoken.

    >>> at_time(datetime.fromisoformat("2026-11-25T22:00+03:00"), ZoneInfo("Europe/Istanbul"), "tr")
    "22:00'de"
    >>> at_time(datetime.fromisoformat("2026-11-25T19:40+03:00"), ZoneInfo("Europe/Istanbul"), "tr")
    "19:40'ta"
    """
    local = when.astimezone(zone)
    text = f"{local:%H:%M}"
    if language != "tr":
        return text
    spoken = local.minute or local.hour
    return f"{text}'{_UNITS[spoken % 10] if spoken % 10 or not spoken else _TENS[spoken // 10]}"
