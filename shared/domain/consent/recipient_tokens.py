"""The tokens in links to unsubscribe (RFC 8058), to preferences and to confirm a sign-up, each for one message."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from shared.domain.consent.sign_up import SignUpTokens
from shared.domain.identity.signed_token import InvalidToken, SignedToken

LONGEST = 512
PATH = "/v1/unsubscribe/"
PREFERENCES_PATH = "/p/"

__all__ = ["LONGEST", "PATH", "PREFERENCES_PATH", "InvalidToken", "RecipientLink", "RecipientTokens"]


class RecipientLink(Struct, frozen=True):
    """Whose message a link stands in: its home, its id, its channel and purpose, and the address as a keyed digest.

    Every part is a digest or a word, so the link tells nobody who it was made for.
    """

    home: str
    message_id: str
    channel: str
    purpose: str
    address_key: str


class RecipientTokens:
    """Makes and reads tokens with a key derived from the secret of the deployment."""

    def __init__(self, secret: bytes) -> None:
        self._tokens = SignedToken(secret, "kervan unsubscribe 1", longest=LONGEST)
        self.sign_up = SignUpTokens(secret)
        self._preferences = SignedToken(secret, "kervan preferences 1", longest=LONGEST)

    def make(self, link: RecipientLink) -> str:
        """The token to unsubscribe."""
        return self._tokens.make(_parts(link))

    def read(self, token: str) -> RecipientLink:
        """
        Raises
        ------
        InvalidToken
            If it was not made with this deployment's secret, letter by letter.
        """
        return _link(self._tokens.read(token))

    def make_preferences(self, link: RecipientLink) -> str:
        """The token of the page of preferences: of the same message, and no token to unsubscribe."""
        return self._preferences.make(_parts(link))

    def read_preferences(self, token: str) -> RecipientLink:
        """
        Raises
        ------
        InvalidToken
            If it was not made with this deployment's secret, letter by letter.
        """
        return _link(self._preferences.read(token))


def _parts(link: RecipientLink) -> list[str | int]:
    return [link.home, link.message_id, link.channel, link.purpose, link.address_key]


def _link(parts: Sequence[str | int]) -> RecipientLink:
    home, message_id, channel, purpose, address_key = map(str, parts)
    return RecipientLink(home, message_id, channel, purpose, address_key)
