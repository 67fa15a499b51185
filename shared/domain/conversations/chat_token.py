"""What a page keeps of a chat: whose it is, signed by us, so that nobody reads another's."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from datetime import datetime, timedelta

from shared.domain.identity.identifiers import Identifier, InvalidIdentifier, parse_identifier
from shared.domain.identity.keys import milliseconds

LIFETIME = timedelta(days=30)
"""Of a token; each message makes a new one."""
LONGEST = 1_000
_LABEL = b"kervan chat token 1"


class InvalidChatToken(ValueError):
    """The token opens nothing. The message holds nothing of it."""


class ChatTokens:
    """``secret``: that of the deployment; the key is derived from it."""

    def __init__(self, secret: bytes) -> None:
        self._key = hmac.new(secret, _LABEL, hashlib.sha256).digest()

    def make(self, who: Identifier, now: datetime) -> str:
        """A token for whoever it is, from ``now`` on."""
        said = {"who": str(who), "until": milliseconds(now + LIFETIME)}
        body = _encode(json.dumps(said, separators=(",", ":")).encode())
        return f"{body}.{self._signature(body)}"

    def read(self, token: str, now: datetime) -> Identifier:
        """Whose chat it opens.

        Raises
        ------
        InvalidChatToken
            If we did not sign it, or it is over.
        """
        body, _, signature = token.partition(".")
        given = signature.encode("utf-8", "surrogatepass")
        if len(token) > LONGEST or not hmac.compare_digest(given, self._signature(body).encode()):
            raise InvalidChatToken("the token of the chat is not one of ours")
        try:
            said = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
            who, until = parse_identifier(said["who"]), int(said["until"])
        except (ValueError, KeyError, TypeError, binascii.Error, InvalidIdentifier) as broken:
            raise InvalidChatToken("the token of the chat is not one of ours") from broken
        if until <= milliseconds(now):
            raise InvalidChatToken("the chat was too long ago; begin it anew")
        return who

    def digest(self, text: str) -> str:
        """A name for something that must not be stored, such as an address of the internet."""
        return _encode(hmac.new(self._key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()[:16])

    def _signature(self, body: str) -> str:
        return _encode(hmac.new(self._key, body.encode("utf-8", "surrogatepass"), hashlib.sha256).digest())


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
