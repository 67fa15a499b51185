"""The tokens in links by which recipients refuse (RFC 8058) or choose: opaque, unforgeable, good for one message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shared.domain.consent.sign_up import SignUpTokens
from shared.domain.identity.signed_token import InvalidToken, SignedToken

LONGEST = 512
PATH = "/v1/unsubscribe/"
PREFERENCES_PATH = "/p/"

__all__ = ["LONGEST", "PATH", "PREFERENCES_PATH", "InvalidToken", "Refusal", "UnsubscribeTokens"]


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
        self.sign_up = SignUpTokens(secret)
        self._preferences = SignedToken(secret, "kervan preferences 1", longest=LONGEST)

    def make(self, refusal: Refusal) -> str:
        return self._tokens.make(_parts(refusal))

    def read(self, token: str) -> Refusal:
        """
        Raises
        ------
        InvalidToken
            If it was not made with this deployment's secret, letter by letter.
        """
        return _refusal(self._tokens.read(token))

    def make_preferences(self, refusal: Refusal) -> str:
        """The token of the page of preferences: of the same message, and no token to unsubscribe."""
        return self._preferences.make(_parts(refusal))

    def read_preferences(self, token: str) -> Refusal:
        """
        Raises
        ------
        InvalidToken
            If it was not made with this deployment's secret, letter by letter.
        """
        return _refusal(self._preferences.read(token))


def _parts(refusal: Refusal) -> list[str | int]:
    return [refusal.home, refusal.message_id, refusal.channel, refusal.purpose, refusal.address_key]


def _refusal(parts: Sequence[str | int]) -> Refusal:
    home, message_id, channel, purpose, address_key = map(str, parts)
    return Refusal(home, message_id, channel, purpose, address_key)
