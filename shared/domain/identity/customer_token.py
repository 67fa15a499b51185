"""Short-lived tokens that a shop's server signs for its visitor: JSON Web Tokens, HS256 only (RFC 7519, RFC 8725).

Not a library: what is needed of JWT is forty lines, and the way in must stay light. The algorithm is fixed, so neither
``none`` nor a public key taken for a secret can be smuggled in.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from datetime import datetime, timedelta
from typing import Any

from shared.domain.identity.keys import milliseconds

LONGEST = 2_048
LIFETIME = timedelta(hours=24)
LEEWAY = timedelta(seconds=60)
"""How far the clocks of the shop's server and ours may be apart."""
NAME_LENGTH = 64
_LABEL = "kervan customer token 1"


class InvalidCustomerToken(ValueError):
    """The token opens nothing. The message is a sentence for the engineer, without anything that was in the token."""


class TokenKeys:
    """Derives each source's signing secret from the secret of the deployment: nothing is stored, nothing can leak."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def signing_secret(self, source: str, generation: int) -> str:
        """43 characters that the shop's server keeps; its bytes as written (ASCII) are the key of the HMAC.

        A new ``generation`` is a new secret, and ends the tokens of the old one.
        """
        label = f"{_LABEL}|{generation}|{source}".encode()
        return _encode(hmac.new(self._secret, label, hashlib.sha256).digest())


def source_of(token: str) -> str:
    """The source that a token says it is from (``kid``); nothing is verified yet.

    Raises
    ------
    InvalidCustomerToken
        If it is no token, or of an algorithm that is not taken.
    """
    header = _header(token)
    name = header.get("kid")
    if not isinstance(name, str) or not 0 < len(name) <= NAME_LENGTH or not name.isprintable():
        raise InvalidCustomerToken("the token's header needs kid, the name of the source that signs")
    return name


def subject_of(token: str, signing_secret: str, now: datetime) -> str:
    """Whom the token speaks for (``sub``), if it was signed with this secret and is valid now.

    Raises
    ------
    InvalidCustomerToken
        If the signature is another's, or the token has expired, is not valid yet, or lives longer than a day.
    """
    _header(token)
    signed, _, signature = token.rpartition(".")
    expected = hmac.new(signing_secret.encode(), signed.encode(), hashlib.sha256).digest()
    if not hmac.compare_digest(_decode(signature), expected):
        raise InvalidCustomerToken("the token was not signed with the secret of its source")
    claims = _object(signed.partition(".")[2])
    _check_times(claims, milliseconds(now))
    subject = claims.get("sub")
    if not isinstance(subject, str):
        raise InvalidCustomerToken("the token needs sub, the identifier that it speaks for")
    return subject


def sign(source: str, signing_secret: str, subject: str, now: datetime, lifetime: timedelta) -> str:
    """What the shop's server does; here for tests and for trying it out."""
    issued = milliseconds(now) // 1000
    header = {"alg": "HS256", "typ": "JWT", "kid": source}
    claims = {"sub": subject, "iat": issued, "exp": issued + int(lifetime.total_seconds())}
    signed = ".".join(_encode(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims))
    return f"{signed}.{_encode(hmac.new(signing_secret.encode(), signed.encode(), hashlib.sha256).digest())}"


def _header(token: str) -> dict[str, Any]:
    if len(token) > LONGEST or not token.isascii() or token.count(".") != 2:
        raise InvalidCustomerToken("the token is no signed token of three parts")
    header = _object(token.partition(".")[0])
    if header.get("alg") != "HS256":
        raise InvalidCustomerToken("the token must be signed with HS256")
    if "crit" in header:
        raise InvalidCustomerToken("the token asks for something that is not understood (crit)")
    return header


def _check_times(claims: dict[str, Any], now: int) -> None:
    leeway = LEEWAY // timedelta(milliseconds=1)
    issued, expires, begins = (_instant(claims, name) for name in ("iat", "exp", "nbf"))
    if issued is None or expires is None:
        raise InvalidCustomerToken("the token needs iat and exp, in seconds since 1970")
    if expires - issued > LIFETIME // timedelta(milliseconds=1):
        raise InvalidCustomerToken("the token may live for 24 hours at the most")
    if max(issued, begins or issued) > now + leeway:
        raise InvalidCustomerToken("the token is not valid yet: set the clock of the server that signs")
    if expires <= now:
        raise InvalidCustomerToken("the token has expired: let the shop's server sign a new one")


def _instant(claims: dict[str, Any], name: str) -> int | None:
    """Milliseconds; None if it is not there."""
    value = claims.get(name)
    if value is None:
        return None
    if type(value) not in {int, float} or not 0 <= value < 10**11:
        raise InvalidCustomerToken(f"the token's {name} is no time in seconds since 1970")
    return int(value * 1000)


def _object(part: str) -> dict[str, Any]:
    try:
        found = json.loads(_decode(part))
    except (ValueError, RecursionError) as broken:
        raise InvalidCustomerToken("the token cannot be read") from broken
    if not isinstance(found, dict):
        raise InvalidCustomerToken("the token cannot be read")
    return found


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decode(part: str) -> bytes:
    """Letter by letter: a second spelling of the same bytes is refused."""
    try:
        raw = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as broken:
        raise InvalidCustomerToken("the token cannot be read") from broken
    if _encode(raw) != part:
        raise InvalidCustomerToken("the token cannot be read")
    return raw
