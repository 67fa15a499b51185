"""The token in an unsubscribe link: opaque, unforgeable, good for one address and channel (RFC 8058)."""

from __future__ import annotations

from dataclasses import dataclass

from shared.domain.identity.signed_token import InvalidToken, SignedToken

LONGEST = 512
PATH = "/v1/unsubscribe/"

__all__ = ["LONGEST", "PATH", "InvalidToken", "Refusal", "UnsubscribeTokens"]


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
        self._tokens = SignedToken(secret, "kervan unsubscribe 1", longest=LONGEST)

    def make(self, refusal: Refusal) -> str:
        return self._tokens.make(
            [refusal.home, refusal.message_id, refusal.channel, refusal.purpose, refusal.address_key]
        )

    def read(self, token: str) -> Refusal:
        """
        Raises
        ------
        InvalidToken
            If it was not made with this deployment's secret, letter by letter.
        """
        home, message_id, channel, purpose, address_key = map(str, self._tokens.read(token))
        return Refusal(home, message_id, channel, purpose, address_key)
