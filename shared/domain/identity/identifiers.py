"""The names by which a person is met, and which of them mean nobody."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from enum import StrEnum

from msgspec import Struct

from shared.domain.identity.mailbox import InvalidMailbox, mailbox

MAX_LENGTH = 256
"""Characters of a normalised value. Longer ones are refused, not cut: two cut values could become one person."""

PhoneReader = Callable[[str], str | None]
"""Reads a phone number as written and returns E.164 (``+905551112233``), or None if it is not a possible number."""


class InvalidIdentifier(ValueError):
    """A value that cannot name a person. The message never repeats the value."""


class MeansNobody(InvalidIdentifier):
    """Empty, or a placeholder of somebody who knows nobody: not broken, but not a name either."""


class IdentifierType(StrEnum):
    """In the order of rank: the first is the strongest statement about who somebody is (docs/identity.md)."""

    USER = "user"
    EMAIL = "email"
    PHONE = "phone"
    LOYALTY = "loyalty"
    DEVICE = "device"
    EXTERNAL = "external"
    ANONYMOUS = "anonymous"

    @property
    def rank(self) -> int:
        """0 is the highest. Owners rank strictly higher than what they own, aliases of users aside."""
        return _RANKS[self]


_RANKS = {kind: place for place, kind in enumerate(IdentifierType)}

# What SDKs and shops send when they know nobody; joining on it would merge strangers.
_NOBODY = re.compile(
    r"[0-]*|-1|null|undefined|anonymous|none|nan|nil|\[object object\]|#?n/a|n\.a\.|unknown|guest|true|false|\[\]|\{\}"
    r"|misafir|yok|bilinmiyor",
    re.IGNORECASE,
)
_NOBODYS_MAILBOX = re.compile(
    r"(?:(?:no|not|without)[-_.]?(?:e[-_.]?)?mail|(?:e[-_.]?)?(?:mail|posta)[-_.]?yok|(?:no|do[-_.]?not)[-_.]?reply"
    r"|none|null|undefined|n/a|yok)@.*"
)
"""What cashiers and marketplaces write into a form that asks for an address: many people share it."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


class Identifier(Struct, frozen=True):
    """One normalised name of a person, such as ``user:42`` or ``email:ayse@example.com``."""

    type: IdentifierType
    value: str

    @property
    def rank(self) -> int:
        return _RANKS[self.type]

    def __str__(self) -> str:
        return f"{self.type}:{self.value}"


def prefixed_user(prefix: str, number: str) -> str:
    """A shop's customer number behind the shop's prefix. A word that means nobody (``0``, ``null``) stays that word:
    behind a prefix it would be one person, who is everybody that was not signed in."""
    value = unicodedata.normalize("NFC", number).strip()
    return f"{prefix}{value}" if value and not _NOBODY.fullmatch(value) else value


def identifier(kind: IdentifierType, raw: str, phone: PhoneReader | None = None) -> Identifier:
    """Normalise a raw value: NFC, trimmed, an e-mail address as its mailbox, phone as E.164.

    ``Ayse@Example.com``, ``mailto:ayse@example.com`` and ``Ayşe <ayse@example.com>`` are one mailbox
    (``shared/domain/identity/mailbox.py``).

    Raises
    ------
    InvalidIdentifier
        If the value is empty, too long, holds control characters, means nobody, or is no possible address.
    """
    value = unicodedata.normalize("NFC", raw).strip()
    if not value or _NOBODY.fullmatch(value):
        raise MeansNobody(f"the {kind.value} identifier is empty or a placeholder that means nobody")
    if len(value) > MAX_LENGTH:
        raise InvalidIdentifier(f"the {kind.value} identifier is longer than {MAX_LENGTH} characters")
    if _CONTROL.search(value):
        raise InvalidIdentifier(f"the {kind.value} identifier holds control characters")
    if kind is IdentifierType.EMAIL:
        value = _email(value)
        if _NOBODYS_MAILBOX.fullmatch(value):
            raise MeansNobody("the email identifier is a placeholder that means nobody")
    elif kind is IdentifierType.PHONE and phone is not None:
        number = phone(value)
        if number is None:
            raise InvalidIdentifier("the phone identifier is not a possible phone number; write it as +905551112233")
        value = number
    return Identifier(kind, value)


def parse_identifier(text: str, phone: PhoneReader | None = None) -> Identifier:
    """Read ``type:value`` as operators write it (docs/api.md).

    >>> str(parse_identifier("email:Ayse@Example.COM"))
    'email:ayse@example.com'
    """
    name, colon, value = text.partition(":")
    if not colon or name not in _TYPE_NAMES:
        raise InvalidIdentifier(f"write an identifier as TYPE:VALUE with TYPE one of {', '.join(_TYPE_NAMES)}")
    return identifier(IdentifierType(name), value, phone)


_TYPE_NAMES = tuple(kind.value for kind in IdentifierType)


def _email(value: str) -> str:
    try:
        return mailbox(value)
    except InvalidMailbox:
        raise InvalidIdentifier("the email identifier is not an e-mail address") from None
