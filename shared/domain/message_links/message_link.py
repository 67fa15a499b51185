"""A link of one message, and the tokens by which it is known again: they hold no personal data."""

from __future__ import annotations

import hashlib
import hmac
import re

from msgspec import Struct

from shared.domain.identity.signed_token import SignedToken

CLICK_PATH = "/l/"
OPEN_PATH = "/o/"
PIXEL_END = ".gif"
SHORT_LENGTH = 10
"""Characters of a link in an SMS, behind the slash: 59 bits, so that nobody finds one by trying."""
LONGEST = 4_096
_SAFE = re.compile(r"https://[^\s\x00-\x20\x7f\"'<>\\^`{|}]{1,2000}")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_SHORT = re.compile(rf"[A-Za-z0-9]{{{SHORT_LENGTH}}}")


class MessageLink(Struct, frozen=True):
    """Where a link of a message leads. ``number`` counts its links from 1; ``product`` is the one it leads to."""

    message_id: str
    number: int
    url: str
    product: str = ""


def may_lead_to(url: str) -> bool:
    """Whether a link of a message may lead there: https only, one line, no character that ends an attribute.

    >>> may_lead_to("https://shop.example/p/1?a=b"), may_lead_to("javascript:alert(1)"), may_lead_to("//evil.example")
    (True, False, False)
    """
    return _SAFE.fullmatch(url) is not None


class LinkTokens:
    """Makes and reads the tokens of links and of the pixel, with keys derived from the secret of the deployment."""

    def __init__(self, secret: bytes) -> None:
        self._links = SignedToken(secret, "kervan link 1", longest=LONGEST)
        self._opens = SignedToken(secret, "kervan open 1")
        self._short = hmac.new(secret, b"kervan short link 1", hashlib.sha256).digest()

    def make(self, link: MessageLink) -> str:
        return self._links.make([link.message_id, link.number, link.url, link.product])

    def read(self, token: str) -> MessageLink:
        """
        Raises
        ------
        InvalidToken
            If it was not made here, letter by letter.
        """
        message_id, number, url, product = self._links.read(token)
        return MessageLink(str(message_id), int(number), str(url), str(product))

    def short(self, link: MessageLink) -> str:
        """The name under which a link is stored. The same link has the same name, so a retry stores it again."""
        said = f"{link.message_id}\x1f{link.number}\x1f{link.url}".encode()
        number = int.from_bytes(hmac.new(self._short, said, hashlib.sha256).digest(), "big")
        return "".join(_LETTERS[number // 62**place % 62] for place in range(SHORT_LENGTH))

    def pixel(self, message_id: str) -> str:
        return self._opens.make([message_id])

    def read_pixel(self, token: str) -> str:
        """The id of the message.

        Raises
        ------
        InvalidToken
            If it was not made here, letter by letter.
        """
        return str(self._opens.read(token)[0])


def destination(token: str) -> str:
    """Where a link's token says that it leads; nothing if it is no such token. It is not proven to be ours."""
    said = SignedToken.unproven(token)
    return str(said[2]) if len(said) == 4 else ""


def is_short(name: str) -> bool:
    """Whether it can be the name of a stored link.

    >>> is_short("aB3dE6gH9j"), is_short("favicon.ico")
    (True, False)
    """
    return _SHORT.fullmatch(name) is not None
