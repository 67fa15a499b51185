"""AWS Signature Version 4 for JSON requests: ``POST``, no query, the whole body signed.

The signing key holds for one day, region and service, so it is derived once and kept.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from typing import Any
from urllib.parse import quote

from msgspec import Struct

KEPT = 16
"""Signing keys that are remembered; credentials that are renewed every hour need one each."""


class Credentials(Struct, frozen=True):
    """Who signs. ``token`` is that of temporary credentials, else empty."""

    access_key: str
    secret_key: str
    token: str = ""

    def __repr__(self) -> str:
        """Without what is secret."""
        return f"Credentials(access_key={self.access_key!r})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """The same for rich: that of a struct names every field."""
        return [("access_key", self.access_key)]


class Signer:
    """Signs requests to one service in one region. Threads may share it."""

    def __init__(self, service: str, region: str, host: str, path: str = "/") -> None:
        self._service = service
        self._region = region
        self._head = f"POST\n{quote(path, safe='/~')}\n\n"
        self._host = host
        self._keys: dict[tuple[str, str, str], bytes] = {}

    def headers(
        self, credentials: Credentials, target: str, content_type: str, body: bytes, now: float
    ) -> dict[str, str]:
        """Everything that is signed, and the signature.

        Parameters
        ----------
        target
            The value of ``X-Amz-Target``: service and operation.
        now
            Seconds since 1970, by AWS's clock.
        """
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
        headers = {"Content-Type": content_type, "Host": self._host, "X-Amz-Date": stamp}
        token_line = token_name = ""
        if credentials.token:
            headers["X-Amz-Security-Token"] = credentials.token
            token_line, token_name = f"x-amz-security-token:{_trimmed(credentials.token)}\n", "x-amz-security-token;"
        headers["X-Amz-Target"] = target
        signed = f"content-type;host;x-amz-date;{token_name}x-amz-target"
        request = (
            f"{self._head}content-type:{content_type}\nhost:{self._host}\nx-amz-date:{stamp}\n{token_line}"
            f"x-amz-target:{target}\n\n{signed}\n{hashlib.sha256(body).hexdigest()}"
        )
        day = stamp[:8]
        scope = f"{day}/{self._region}/{self._service}/aws4_request"
        text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
        signature = hmac.digest(self._key(credentials, day), text.encode(), "sha256").hex()
        headers["Authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={credentials.access_key}/{scope}, "
            f"SignedHeaders={signed}, Signature={signature}"
        )
        return headers

    def _key(self, credentials: Credentials, day: str) -> bytes:
        """Two threads may derive the same key at once: both get the same bytes."""
        wanted = (credentials.access_key, credentials.secret_key, day)
        key = self._keys.get(wanted)
        if key is None:
            key = ("AWS4" + credentials.secret_key).encode()
            for part in (day, self._region, self._service, "aws4_request"):
                key = hmac.digest(key, part.encode(), "sha256")
            if len(self._keys) >= KEPT:
                self._keys = {}
            self._keys[wanted] = key
        return key


def _trimmed(value: str) -> str:
    """As a signed header is written: runs of blanks are one."""
    return " ".join(value.split())
