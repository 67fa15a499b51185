"""A sign-up that waits for its confirmation (double opt-in), and the tokens that carry it to the link in the mail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.identity.keys import milliseconds, moment
from shared.domain.identity.signed_token import SignedToken

CONFIRM_PATH = "/s/"
VALID_FOR = timedelta(days=7)
"""How long a link confirms."""
LONGEST = 800
REQUESTED = "Subscription Requested"
"""The event of a sign-up; its property ``ticket`` proves that the form's endpoint made it."""


@dataclass(frozen=True, slots=True)
class SignUp:
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


class SignUpTokens:
    """Makes and reads tickets (in events) and links (in mails). One is none of the other, so only the mail confirms."""

    def __init__(self, secret: bytes) -> None:
        self._tickets = SignedToken(secret, "kervan sign-up 1", longest=LONGEST)
        self._links = SignedToken(secret, "kervan confirmation 1", longest=LONGEST)

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
