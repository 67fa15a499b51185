"""Keys of items. No personal data is ever part of a key: identifiers are keyed digests (docs/architecture.md)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from shared.domain.identity.identifiers import Identifier, IdentifierType

_LETTERS = {
    IdentifierType.USER: "u",
    IdentifierType.EMAIL: "e",
    IdentifierType.PHONE: "p",
    IdentifierType.LOYALTY: "l",
    IdentifierType.DEVICE: "d",
    IdentifierType.EXTERNAL: "x",
    IdentifierType.ANONYMOUS: "a",
}
LETTERS = tuple(sorted(_LETTERS.values()))
"""What partition keys begin with, in the table's order."""
_BYTE_ORDER = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
"""The signs of a digest in the table's order."""
_TYPES = {letter: kind for kind, letter in _LETTERS.items()}

EVENT_PREFIX = "t#"
EVENT_END = "t$"
FACTS = "facts"
CLAIM = "claim"
CUSTOMER = "customer"
SENDS = "sends"
OWNS = "owns#"
PARTED = "parted#"
"""On an owner: an identifier whose link to him an operator or a trusted source decided about."""
MEMBER = "member#"
ENROLLMENT = "enrollment#"
CONSENT = "consent#"
HOLDER = "holder#"
PREFERENCE = "preference#"
BOUNCES = "bounces"
ERASED = "erased"
RIGHT = "right#"
FOLDED_CONSENT = "consent#folded#"
"""Several statements of public sources that are one item, by its place."""
KEPT_CONSENT = "consent#kept#"
"""A statement of a public source that is kept by itself, by its place."""
VERBATIM = "verbatim#"
"""Those statements one by one, behind all that is read with a customer."""
NAMES = "names"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_PLAIN_ID = re.compile(r"[A-Za-z0-9_.:@=+-]{1,100}")
NO_TIME_SLOT = "-"
"""Takes the place of the time in the key of an event that came without one: a retry finds the same key."""


class IdentifierKeys:
    """Turns identifiers into partition keys: a type letter and 128 bits of HMAC-SHA256.

    The letter makes the rank readable from the key, so that walks over claims need no look-up.
    """

    def __init__(self, secret: bytes) -> None:
        if len(secret) < 32:
            raise ValueError("the secret of the deployment must have at least 32 bytes")
        self._mac = hmac.new(secret, digestmod=hashlib.sha256)

    def __call__(self, identifier: Identifier) -> str:
        return f"{_LETTERS[identifier.type]}.{self._digest(str(identifier))}"

    def search_term(self, kind: str, text: str) -> str:
        """The digest under which search finds a text of a kind. No identifier has the same: none has this type."""
        return self._digest(f"search {kind}:{text}")

    def _digest(self, text: str) -> str:
        mac = self._mac.copy()
        mac.update(text.encode())
        return base64.urlsafe_b64encode(mac.digest()[:16]).decode()[:22]


def type_of_key(key: str) -> IdentifierType:
    """The type of the identifier behind a partition key."""
    return _TYPES[key[0]]


def rank_of_key(key: str) -> int:
    """The rank of the identifier behind a partition key; 0 is the highest."""
    return _TYPES[key[0]].rank


def position_of_key(key: str) -> float:
    """Where a partition key lies among those of its type, from 0 to 1: digests are uniform, so half of them lie below
    0.5. The table orders text by its bytes, not by the digits that the letters stand for.
    """
    place = 0.0
    for sign in reversed(key[2:7]):
        place = (place + max(_BYTE_ORDER.find(sign), 0)) / 64
    return place


def key_from(letter: str, position: float) -> str:
    """The smallest partition key of a type at ``position`` or behind it; no identifier is known to have it."""
    signs = []
    for _ in range(5):
        position *= 64
        place = min(int(position), 63)
        signs.append(_BYTE_ORDER[place])
        position -= place
    return f"{letter}.{''.join(signs)}"


def milliseconds(moment: datetime) -> int:
    """Whole milliseconds since 1970, UTC; what is finer is cut, so that equal instants stay equal."""
    return (moment - _EPOCH) // _MILLISECOND


@lru_cache(maxsize=4096)
def moment(ms: int) -> datetime:
    """The instant of ``milliseconds``."""
    return _EPOCH + timedelta(milliseconds=ms)


def time_text(when: datetime) -> str:
    """Fixed width ISO 8601 in UTC with milliseconds, so that text order is time order."""
    instant = when if when.tzinfo is UTC else when.astimezone(UTC)
    return instant.isoformat(timespec="milliseconds")[:-6] + "Z"


def safe_id(raw: str) -> str:
    """An id as part of a key: itself when plain, else a digest (it may hold ``#``, controls, or be long)."""
    if _PLAIN_ID.fullmatch(raw):
        return raw
    digest = hashlib.blake2b(raw.encode("utf-8", "surrogatepass"), digest_size=16).digest()
    return "~" + base64.b32encode(digest).decode().rstrip("=").lower()


def event_sort_key(when: datetime | None, message_id: str, *, trusted: bool) -> str:
    """``t#<client time>#<messageId>#<p or s>``; public and server events never overwrite each other."""
    slot = NO_TIME_SLOT if when is None else time_text(when)
    return f"{EVENT_PREFIX}{slot}#{safe_id(message_id)}#{'s' if trusted else 'p'}"


@lru_cache(maxsize=4096)
def event_id(message_id: str, *, trusted: bool) -> str:
    """The 8 bytes (11 characters) by which facts remember an event."""
    raw = f"{message_id}#{'s' if trusted else 'p'}".encode("utf-8", "surrogatepass")
    return base64.urlsafe_b64encode(hashlib.blake2b(raw, digest_size=8).digest()).decode()[:11]


def consent_sort_key(channel: str, purpose: str, when: datetime, message_id: str, *, trusted: bool) -> str:
    return CONSENT + _statement(channel, purpose, when, message_id, trusted=trusted)


def verbatim_sort_key(channel: str, purpose: str, when: datetime, message_id: str) -> str:
    """Of a public statement that was folded, by what it said."""
    return VERBATIM + _statement(channel, purpose, when, message_id, trusted=False)


def kept_consent_sort_key(place: int, *, powerless: bool) -> str:
    """Of a public statement that is kept by itself. ``powerless``: it grants, and its source may not."""
    return f"{CONSENT}{'powerless' if powerless else 'kept'}#{place:02}#p"


def folded_consent_sort_key(place: int) -> str:
    return f"{FOLDED_CONSENT}{place:02}#p"


def _statement(channel: str, purpose: str, when: datetime, message_id: str, *, trusted: bool) -> str:
    return f"{channel}#{purpose}#{time_text(when)}#{safe_id(message_id)}#{'s' if trusted else 'p'}"


def taken_back_sort_key(withdrawal: str) -> str:
    """The key of the statement that takes a withdrawal back, by the withdrawal's own: so there is one at the most."""
    return f"{withdrawal}#back#s"


def shard_of(key: str, shards: int) -> int:
    """A stable shard for a partition key: as even as the digest in it."""
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=4).digest(), "big") % shards
