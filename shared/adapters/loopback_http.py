"""One request to a server on this machine, over plain HTTP: for the local stack, whose servers play providers."""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from urllib.parse import urlsplit

from shared.adapters.guarded_https import HttpsAnswer, NeverLeft, NoAnswer

HOSTS = ("127.0.0.1", "localhost", "::1")


class LoopbackHttp:
    """Takes the place of ``GuardedHttps``, for addresses of this machine alone."""

    def request(self, method: str, url: str, headers: Mapping[str, str], body: bytes, *, seconds: float) -> HttpsAnswer:
        """Send once and read the answer. Raises NeverLeft and NoAnswer as ``GuardedHttps`` does."""
        parts = urlsplit(url)
        if parts.scheme != "http" or parts.hostname not in HOSTS:
            raise NeverLeft("address_not_permitted")
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=seconds)
        try:
            connection.connect()
        except OSError as broken:
            raise NeverLeft(type(broken).__name__) from broken
        try:
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            connection.request(method, target, body=body, headers=dict(headers))
            response = connection.getresponse()
            said = {name.lower(): value for name, value in response.getheaders()}
            return HttpsAnswer(response.status, said, response.read())
        except (OSError, http.client.HTTPException) as broken:
            raise NoAnswer(type(broken).__name__) from broken
        finally:
            connection.close()
