"""How a person proves by his mailbox that a request is his: a link, then a code, then a short time to act."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct

from shared.domain.identity.keys import milliseconds, moment
from shared.domain.identity.signed_token import InvalidToken, SignedToken

__all__ = ["PAGE", "PATH", "Asked", "InvalidToken", "RightsTokens"]

PAGE = "privacy"
"""The page; below it, the links in mails."""
PATH = f"/{PAGE}/"
LINK_VALID = timedelta(hours=24)
CODE_VALID = timedelta(minutes=30)
PROOF_VALID = timedelta(minutes=30)
CODE_DIGITS = 6
MOST_TRIES = 5
"""Codes that may be tried for one mail: one in 200,000 who guesses is right."""
MAILS_A_DAY = 3
"""Links to one address, and codes to it."""
TRIES_A_DAY = MAILS_A_DAY * MOST_TRIES
"""Codes that may be tried for one address, and for one customer, whatever links and codes were asked for."""
JOURNEY = "@rights"
"""Stands for the journey of these mails; no journey and no campaign has such a name."""
Kind = Literal["link", "code", "proof"]
_VALID = {"link": LINK_VALID, "code": CODE_VALID, "proof": PROOF_VALID}
_LONGEST = 200


class Asked(Struct, frozen=True):
    """Which address, as a keyed digest, and when."""

    home: str
    at: datetime


class RightsTokens:
    """Makes and reads the tokens of the three steps; one is none of the others. Nothing is stored: ``ingest`` asks for
    a mail, and ``notify`` makes its link or code from the same address and time."""

    def __init__(self, secret: bytes) -> None:
        self._tokens = {
            kind: SignedToken(secret, f"kervan rights {kind} 1", longest=_LONGEST) for kind in ("link", "code", "proof")
        }
        self._codes = hmac.digest(secret, b"kervan rights digits 1", "sha256")

    def make(self, kind: Kind, asked: Asked) -> str:
        """The token of a step."""
        return self._tokens[kind].make([asked.home, milliseconds(asked.at)])

    def read(self, kind: Kind, token: str, now: datetime) -> Asked:
        """
        Raises
        ------
        InvalidToken
            If it was not made here for this step, or is too old.
        """
        home, at = self._tokens[kind].read(token)
        asked = Asked(str(home), moment(int(at)))
        if not asked.at <= now < asked.at + _VALID[kind]:
            raise InvalidToken("the link is too old")
        return asked

    def digits(self, asked: Asked) -> str:
        """The code that the mail brings."""
        said = hmac.digest(self._codes, f"{asked.home} {milliseconds(asked.at)}".encode(), "sha256")
        return f"{int.from_bytes(said) % 10**CODE_DIGITS:0{CODE_DIGITS}}"
