"""The token in an unsubscribe link: opaque, unforgeable, good for one address and channel (RFC 8058)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass

VERSION = 1
_LABEL = b"kervan unsubscribe 1"
_MAC_BYTES = 16
LONGEST = 512
PATH = "/v1/unsubscribe/"


class InvalidToken(ValueError):
    """Not a token of ours: forged, cut, or of another deployment."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Who refuses what: the home of the message, the message, its channel and purpose, the address as a keyed digest.

    Every part is a digest or a word, so the link tells nobody who it was made for.
    """

    home: str
    message_id: str
    channel: str
    purpose: str
    address_key: str


class UnsubscribeTokens:
    """Makes and reads tokens with a key derived from the secret of the deployment."""

    def __init__(self, secret: bytes) -> None:
        self._key = hmac.new(secret, _LABEL, hashlib.sha256).digest()

    def make(self, refusal: Refusal) -> str:
        parts = [refusal.home, refusal.message_id, refusal.channel, refusal.purpose, refusal.address_key]
        payload = bytes([VERSION]) + json.dumps(parts, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(self._mac(payload) + payload).decode().rstrip("=")

    def read(self, token: str) -> Refusal:
        """
        Raises
        ------
        InvalidToken
            If it was not made with this deployment's secret, letter by letter.
        """
        if not token or len(token) > LONGEST:
            raise InvalidToken("the link is not complete")
        try:
            raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError) as broken:
            raise InvalidToken("the link is not complete") from broken
        mac, payload = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(payload)) or payload[:1] != bytes([VERSION]):
            raise InvalidToken("the link was not made here")
        return Refusal(*json.loads(payload[1:]))

    def _mac(self, payload: bytes) -> bytes:
        return hmac.new(self._key, payload, hashlib.sha256).digest()[:_MAC_BYTES]
