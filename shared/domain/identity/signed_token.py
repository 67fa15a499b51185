"""Tokens in links: opaque, unforgeable, of one purpose, and written in one way only."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Sequence
from json.encoder import encode_basestring

MAC_BYTES = 16


class InvalidToken(ValueError):
    """Not a token of ours: forged, cut, or of another deployment."""


class SignedToken:
    """Makes and reads tokens of texts and numbers.

    Parameters
    ----------
    secret
        The secret of the deployment; the key is derived from it.
    label
        What the tokens are for. A token of one label is none of another.
    longest
        Characters; what is longer is refused unread.
    """

    def __init__(self, secret: bytes, label: str, *, version: int = 1, longest: int = 512) -> None:
        key = hmac.new(secret, label.encode(), hashlib.sha256).digest()
        self._keyed = hmac.new(key, digestmod=hashlib.sha256)
        self._version = bytes([version])
        self._longest = longest

    def make(self, parts: Sequence[str | int]) -> str:
        """The token: letters, digits, ``-`` and ``_``."""
        payload = self._version + _json(parts).encode()
        return _text(self._mac(payload) + payload)

    def read(self, token: str) -> list[str | int]:
        """What ``make`` was given.

        Raises
        ------
        InvalidToken
            If it was not made with this secret and label, letter by letter.
        """
        if not token or len(token) > self._longest:
            raise InvalidToken("the link is not complete")
        try:
            raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError) as broken:
            raise InvalidToken("the link is not complete") from broken
        mac, payload = raw[:MAC_BYTES], raw[MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(payload)) or payload[:1] != self._version:
            raise InvalidToken("the link was not made here")
        if _text(raw) != token:  # the last letter has bits that mean nothing
            raise InvalidToken("the link was changed")
        return list(json.loads(payload[1:]))

    @staticmethod
    def unproven(token: str) -> list[str | int]:
        """What a token says, without asking whether it was made here; empty if it says nothing.

        For who looks at a message without the secret of the deployment.
        """
        try:
            raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
            said = json.loads(raw[MAC_BYTES + 1 :])
        except (binascii.Error, ValueError, RecursionError):
            return []
        return list(said) if isinstance(said, list) else []

    def _mac(self, payload: bytes) -> bytes:
        mac = self._keyed.copy()  # the key is taken in once
        mac.update(payload)
        return mac.digest()[:MAC_BYTES]


def _json(parts: Sequence[str | int]) -> str:
    """A list in JSON without blanks. ``json.dumps`` makes an encoder for each token."""
    return f"[{','.join(encode_basestring(part) if isinstance(part, str) else str(int(part)) for part in parts)}]"


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
