"""A sign-up that waits for its confirmation (double opt-in), and what proves it: a link in a mail, or a code in a
text message."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from shared.domain.identity.keys import milliseconds, moment
from shared.domain.identity.signed_token import SignedToken

CONFIRM_PATH = "/s/"
VALID_FOR = timedelta(days=7)
"""How long a link confirms."""
CODE_DIGITS = 6
CODE_VALID_FOR = timedelta(minutes=30)
"""How long the code of a text message confirms."""
MOST_TRIES = 5
"""Codes that may be tried for one sign-up: one in 200,000 who guesses is right."""
LONGEST = 800
REQUESTED = "Subscription Requested"
"""The event of a sign-up; its property ``ticket`` proves that the form's endpoint made it."""


class SignUp(Struct, frozen=True):
    """What somebody asked for: the address as a keyed digest, channel, purposes, text, when and by which source."""

    address_key: str
    channel: str
    purposes: tuple[str, ...]
    text_version: str
    at: datetime
    source: str
    message_id: str = ""
    """The mail that asks for the confirmation; empty in a ticket."""

    def expired(self, now: datetime) -> bool:
        """Whether its link confirms no longer."""
        return now >= self.at + VALID_FOR

    def code_expired(self, now: datetime) -> bool:
        return now >= self.at + CODE_VALID_FOR


class SignUpTokens:
    """Makes and reads tickets (in events) and links (in mails). One is none of the other, so only the mail confirms.

    A phone confirms by a code. Code and name follow from the sign-up and the secret, so neither has to be stored or
    handed on: ``ingest`` names the sign-up to the form, ``notify`` writes the code into the text message.
    """

    def __init__(self, secret: bytes) -> None:
        self._tickets = SignedToken(secret, "kervan sign-up 1", longest=LONGEST)
        self._links = SignedToken(secret, "kervan confirmation 1", longest=LONGEST)
        self._codes = hmac.digest(secret, b"kervan sign-up code 1", "sha256")
        self._names = hmac.digest(secret, b"kervan sign-up name 1", "sha256")

    def ticket(self, asked: SignUp) -> str:
        """The ticket of a sign-up, for the properties of its event."""
        return self._tickets.make(_parts(asked))

    def read_ticket(self, token: str) -> SignUp:
        """
        Raises
        ------
        InvalidToken
            If it was not made here.
        """
        return _sign_up(self._tickets.read(token))

    def code(self, asked: SignUp) -> str:
        """The digits that the text message of this sign-up brings."""
        return f"{int.from_bytes(_digest(self._codes, asked)) % 10**CODE_DIGITS:0{CODE_DIGITS}}"

    def name(self, asked: SignUp) -> str:
        """How the form names this sign-up when it brings the code: 22 letters that nobody else can know."""
        return base64.urlsafe_b64encode(_digest(self._names, asked)[:16]).decode().rstrip("=")

    def link(self, asked: SignUp) -> str:
        """The token in the link that confirms it."""
        return self._links.make(_parts(asked))

    def read_link(self, token: str) -> SignUp:
        """
        Raises
        ------
        InvalidToken
            If it was not made here, letter by letter.
        """
        return _sign_up(self._links.read(token))


def _digest(key: bytes, asked: SignUp) -> bytes:
    said = json.dumps(_parts(replace(asked, message_id="")), ensure_ascii=False).encode()
    return hmac.digest(key, said, "sha256")


def _parts(asked: SignUp) -> list[str | int]:
    return [
        asked.address_key, asked.channel, ",".join(asked.purposes), asked.text_version, milliseconds(asked.at),
        asked.source, asked.message_id,
    ]  # fmt: skip


def _sign_up(parts: Sequence[str | int]) -> SignUp:
    address_key, channel, purposes, version, at, source, message_id = parts
    return SignUp(
        str(address_key), str(channel), tuple(str(purposes).split(",")), str(version), moment(int(at)), str(source),
        str(message_id),
    )  # fmt: skip
