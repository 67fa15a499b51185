"""Words that the sentences of both languages are made of: bounds, values, channels, purposes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Literal

from shared.domain.definitions.bounds import AmountBounds, CountBounds
from shared.domain.time.durations import describe_duration

Language = Literal["tr", "en"]

_COUNTS: Mapping[Language, Mapping[str, str]] = {
    "tr": {
        "at_least": "en az {}",
        "at_most": "en çok {}",
        "exactly": "tam {}",
        "more_than": "{} adetten fazla",
        "less_than": "{} adetten az",
    },
    "en": {
        "at_least": "at least {}",
        "at_most": "at most {}",
        "exactly": "exactly {}",
        "more_than": "more than {}",
        "less_than": "less than {}",
    },
}
_AMOUNTS: Mapping[Language, Mapping[str, str]] = {
    "tr": {**_COUNTS["tr"], "more_than": "{} üzerinde", "less_than": "{} altında"},
    "en": _COUNTS["en"],
}
_TIMES_TR = {**_COUNTS["tr"], "more_than": "{} kezden fazla", "less_than": "{} kezden az"}
CHANNELS: Mapping[Language, Mapping[str, str]] = {
    "tr": {"email": "e-posta", "sms": "SMS", "push": "bildirim"},
    "en": {"email": "e-mail", "sms": "SMS", "push": "push"},
}
_PURPOSES: Mapping[Language, Mapping[str, str]] = {
    "tr": {"marketing": "pazarlama", "transactional": "bilgilendirme"},
    "en": {"marketing": "marketing", "transactional": "transactional"},
}


def counts(bounds: CountBounds, language: Language) -> str:
    """``at least 2 and at most 5``; empty without bounds."""
    return _bounds(bounds, _COUNTS[language], language)


def amounts(bounds: AmountBounds, language: Language) -> str:
    return _bounds(bounds, _AMOUNTS[language], language)


def times_turkish(bounds: CountBounds) -> str:
    """``en az 2 kez``."""
    said = _bounds(bounds, _TIMES_TR, "tr")
    return said if said.endswith(("fazla", "az")) else f"{said} kez"


def purpose_word(purpose: str, language: Language) -> str:
    return _PURPOSES[language].get(purpose, purpose)


def listed(words: Iterable[str], language: Language) -> str:
    """``a, b veya c``: any of them will do."""
    *before, last = words
    if not before:
        return last
    return f"{', '.join(before)}{' veya ' if language == 'tr' else ' or '}{last}"


def value_word(value: bool | Decimal | str, language: Language) -> str:
    """A truth, a number, or a text as it was written."""
    if isinstance(value, bool):
        return {("tr", True): "evet", ("tr", False): "hayır", ("en", True): "yes"}.get((language, value), "no")
    return value if isinstance(value, str) else number(value, language)


def number(value: Decimal | float, language: Language) -> str:
    """Plain digits; Turkish writes a comma."""
    text = format(Decimal(str(value)).normalize(), "f")
    return text.replace(".", ",") if language == "tr" else text


def last_turkish(within: timedelta | None) -> str:
    return "" if within is None else f"son {describe_duration(within, 'tr')} içinde "


def last_english(within: timedelta | None) -> str:
    return "" if within is None else f" within the last {describe_duration(within, 'en')}"


def _bounds(bounds: CountBounds | AmountBounds, words: Mapping[str, str], language: Language) -> str:
    said: Sequence[str] = [
        word.format(number(bound, language))
        for name, word in words.items()
        if (bound := getattr(bounds, name)) is not None
    ]
    return (" ve " if language == "tr" else " and ").join(said)
