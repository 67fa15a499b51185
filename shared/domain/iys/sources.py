"""By which way a consent was given, in IYS's words (``source``)."""

from __future__ import annotations

from collections.abc import Mapping

from shared.domain.consent.consent import Consent

SOURCES = frozenset(
    {
        "HS_WEB", "HS_MOBIL", "HS_FIZIKSEL_ORTAM", "HS_ISLAK_IMZA", "HS_ETKINLIK", "HS_ATM", "HS_EORTAM",
        "HS_CAGRI_MERKEZI", "HS_SOSYAL_MEDYA", "HS_EPOSTA", "HS_MESAJ", "HS_KARAR",
    }
)  # fmt: skip
"""What a shop may send. HS_2015 is for consents of before May 2015 alone; IYS's own begin with ``IYS_``."""
DEFAULT = "HS_EORTAM"
"""Electronic, without saying more."""
_ORIGINS = {
    "sms_reply": "HS_MESAJ", "unsubscribe_link": "HS_EPOSTA", "double_opt_in": "HS_WEB", "preference_page": "HS_WEB",
}  # fmt: skip
_NAMES = {
    "web": "HS_WEB", "mobile": "HS_MOBIL", "app": "HS_MOBIL", "store": "HS_FIZIKSEL_ORTAM", "ses": "HS_EPOSTA",
    "call-center": "HS_CAGRI_MERKEZI",
}  # fmt: skip


def source_of(said: Consent, of_sources: Mapping[str, str]) -> str:
    """The property ``source`` of the statement if it is one of IYS's words; else what the shop says of the source;
    else what follows from how it was said."""
    if said.origin in SOURCES:
        return said.origin
    return of_sources.get(said.source) or _ORIGINS.get(said.origin) or _NAMES.get(said.source) or DEFAULT
