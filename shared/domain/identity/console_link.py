"""The link by which the command signs in on a laptop: signed, good for some minutes, of one role."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.identity.keys import milliseconds, moment
from shared.domain.identity.signed_token import InvalidToken, SignedToken

LIFETIME = timedelta(minutes=5)
PATH = "/console/enter/"


@dataclass(frozen=True, slots=True)
class ConsoleLink:
    """Who signs in as what, and until when the link is good."""

    name: str
    role: str
    until: datetime


class ConsoleLinks:
    """Makes and reads the links' tokens with a key derived from the secret of the deployment."""

    def __init__(self, secret: bytes) -> None:
        self._tokens = SignedToken(secret, "kervan console link 1")

    def make(self, name: str, role: str, now: datetime) -> str:
        """The token of a link that is good for ``LIFETIME``."""
        return self._tokens.make([name, role, milliseconds(now + LIFETIME)])

    def read(self, token: str, now: datetime) -> ConsoleLink:
        """
        Raises
        ------
        InvalidToken
            If it was not made here, or its time is over.
        """
        name, role, until = self._tokens.read(token)
        link = ConsoleLink(str(name), str(role), moment(int(until)))
        if now >= link.until:
            raise InvalidToken("the link is too old")
        return link
