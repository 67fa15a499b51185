"""Who is a recipient in Turkey, so that IYS has to know of his consent."""

from __future__ import annotations

from collections.abc import Iterable

TURKEY = "+90"
_NAMES = frozenset({"tr", "tur", "turkey", "türkiye", "turkiye", "turkei", "türkei"})


def in_turkey(channel: str, to: str, *, country: str | None, phones: Iterable[str], region: str) -> bool:
    """A phone by its number. An e-mail address has no country: the customer's ``country`` says it, else his phones,
    else the shop's ``region``. Who may be in Turkey is.

    >>> in_turkey("email", "ayse@example.com", country=None, phones=(), region="TR")
    True
    """
    if channel == "sms":
        return to.startswith(TURKEY)
    if country:
        return country.strip().replace("İ", "i").casefold() in _NAMES
    known = list(phones)
    return any(one.startswith(TURKEY) for one in known) if known else region == "TR"
