"""Addresses as advertising platforms take them: brought into one form, then SHA-256 in small hexadecimal letters.

Meta: https://developers.facebook.com/docs/marketing-api/audiences/guides/custom-audiences . Google:
https://developers.google.com/google-ads/api/reference/rpc/v24/UserIdentifier .
"""

from __future__ import annotations

import hashlib
from typing import Literal

Platform = Literal["meta", "google"]
Kind = Literal["email", "phone"]


def hashed(platform: Platform, kind: Kind, value: str) -> str:
    """The digest of an address.

    An e-mail address in small letters without spaces around it. A phone number with its country code: Google takes it
    as E.164 with the plus sign, Meta as digits alone.

    >>> hashed("meta", "email", " Ayse@Example.com ") == hashed("google", "email", "ayse@example.com")
    True
    >>> hashed("meta", "phone", "+905321112233") == hashed("google", "phone", "+905321112233")
    False
    """
    return hashlib.sha256(normal(platform, kind, value).encode()).hexdigest()


def normal(platform: Platform, kind: Kind, value: str) -> str:
    """What is hashed."""
    if kind == "email":
        return value.strip().lower()
    digits = "".join(letter for letter in value if letter in "0123456789")
    return digits if platform == "meta" else f"+{digits}"
