"""The proxy between this machine and AWS, if the environment names one."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from msgspec import Struct, field

_VARIABLES = frozenset({"http_proxy", "https_proxy", "all_proxy"})


class Proxy(Struct, frozen=True):
    """``headers`` are for the proxy alone; they may hold a password."""

    host: str
    port: int
    headers: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Without the headers."""
        return f"Proxy(host={self.host!r}, port={self.port!r})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """The same for rich: that of a struct names every field."""
        return [("host", self.host), ("port", self.port)]


def proxy_for(endpoint: str) -> Proxy | None:
    """By ``HTTPS_PROXY``, ``HTTP_PROXY`` and ``NO_PROXY``, in capitals or small letters, as other clients read them.

    Raises
    ------
    ValueError
        If the proxy's address cannot be read.
    """
    if not any(name.lower() in _VARIABLES and value for name, value in os.environ.items()):
        return None
    from urllib.request import getproxies_environment, proxy_bypass_environment  # type: ignore[attr-defined]

    url = urlsplit(endpoint)
    proxies = getproxies_environment()
    named = proxies.get(url.scheme) or proxies.get("all")
    if not named or proxy_bypass_environment(url.netloc, proxies):
        return None
    found = urlsplit(named if "://" in named else f"http://{named}")
    if found.scheme != "http" or not found.hostname:
        raise ValueError("the proxy's address must begin with http://")
    headers = {}
    if found.username is not None:
        secret = f"{unquote(found.username)}:{unquote(found.password or '')}".encode()
        headers["Proxy-Authorization"] = "Basic " + base64.b64encode(secret).decode()
    return Proxy(found.hostname, found.port or 80, headers)
