"""The token of a link to the question how a conversation was. Read on the way in, so it loads no definitions."""

from __future__ import annotations

from datetime import datetime

from shared.domain.identity.keys import milliseconds, moment
from shared.domain.identity.signed_token import InvalidToken, SignedToken


class RatingTokens:
    """What a link to the question's page says: which conversation, and about which question. No personal data."""

    def __init__(self, secret: bytes) -> None:
        self._signed = SignedToken(secret, "kervan rating 1")

    def make(self, conversation: str, asked_at: datetime) -> str:
        """Letters, digits, ``-`` and ``_``."""
        return self._signed.make([conversation, milliseconds(asked_at)])

    def read(self, token: str) -> tuple[str, datetime]:
        """The conversation, and when it was asked about. Raises InvalidToken."""
        match self._signed.read(token):
            case [str(conversation), int(asked)]:
                return conversation, moment(asked)
            case _:
                raise InvalidToken("the link was not made here")
