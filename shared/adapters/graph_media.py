"""Files that customers sent on the channels of Meta: asked for by their id, or fetched from where the webhook said.

Forms: https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media (the id gives an address for five
minutes, which takes the same token), https://developers.facebook.com/docs/messenger-platform/webhooks.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

from shared.adapters.guarded_https import HttpsAnswer, NeverLeft, NoAnswer
from shared.adapters.provider_errors import snake
from shared.adapters.social_graph import GRAPH, Https
from shared.adapters.user_agent import USER_AGENT
from shared.domain.conversations.files import LARGEST
from shared.domain.senders.graph import NEEDED, VERSION, error_of
from shared.ports.media import MediaLater, NotTaken

SECONDS = 6.0
"""For one request. Slower than that it is asked for again later: messages of others wait behind it."""
MOST_REDIRECTS = 2
HOSTS = ("fbsbx.com", "fbcdn.net", "cdninstagram.com", "whatsapp.net", "facebook.com")
"""Where Meta keeps files. An address elsewhere is not called, and the token goes nowhere else."""
_TROUBLE = frozenset({"provider_1", "provider_2"})
"""Meta's own, which passes: https://developers.facebook.com/docs/graph-api/guides/error-handling."""
_ID = re.compile(r"[0-9]{1,64}")
_LATER = frozenset({401, 403, 408, 425, 429})
"""Our token or their patience: an operator or time mends it."""


class GraphMedia:
    """``Media`` of WhatsApp, Instagram and Messenger. ``https`` reads one byte more than the largest file.

    ``secrets`` is asked for each file. ``base``: where the Graph API answers; on the laptop files lie there too.
    """

    def __init__(self, https: Https, *, secrets: Callable[[], Mapping[str, str]], base: str = GRAPH) -> None:
        self._https = https
        self._secrets = secrets
        self._base = base

    def fetch(self, channel: str, source: str) -> bytes | NotTaken:
        if channel != "whatsapp":
            return self._content(source, {})
        if not _ID.fullmatch(source):
            return NotTaken("elsewhere")
        token = self._token(channel)
        said = self._ask(f"{self._base}/{VERSION}/{source}", token)
        if said.status >= 400:
            return _refusal(said)
        told = _object(said.body)
        url, size, digest = told.get("url"), told.get("file_size"), told.get("sha256")
        if not isinstance(url, str):
            raise MediaLater("unreadable")
        if type(size) is int and size > LARGEST:
            return NotTaken("too_large")
        found = self._content(url, token)
        if isinstance(found, bytes) and isinstance(digest, str) and not _is_digest(found, digest):
            raise MediaLater("damaged")
        return found

    def _token(self, channel: str) -> Mapping[str, str]:
        try:
            token = self._secrets().get(NEEDED[channel][1], "")
        except Exception as error:
            raise MediaLater(snake(type(error).__name__)) from error
        if not token or not token.isascii() or not token.isprintable():
            raise MediaLater("secret_missing")
        return {"Authorization": f"Bearer {token}"}

    def _content(self, url: str, headers: Mapping[str, str]) -> bytes | NotTaken:
        for _ in range(MOST_REDIRECTS + 1):
            if not self._is_theirs(url):
                return NotTaken("elsewhere")
            said = self._ask(url, headers)
            if said.status >= 400:
                return NotTaken("gone")
            if said.status < 300:
                return said.body if len(said.body) <= LARGEST else NotTaken("too_large")
            url = urljoin(url, said.headers.get("location", ""))
        return NotTaken("elsewhere")

    def _is_theirs(self, url: str) -> bool:
        try:
            parts = urlsplit(url)
            host, own = (parts.hostname or "").lower(), urlsplit(self._base)
        except ValueError:
            return False
        if self._base != GRAPH:
            return (parts.scheme, parts.netloc) == (own.scheme, own.netloc)
        return parts.scheme == "https" and any(host == one or host.endswith(f".{one}") for one in HOSTS)

    def _ask(self, url: str, headers: Mapping[str, str]) -> HttpsAnswer:
        """Raises MediaLater for what may be answered otherwise later."""
        try:
            said = self._https.request("GET", url, {"User-Agent": USER_AGENT, **headers}, b"", seconds=SECONDS)
        except (NeverLeft, NoAnswer) as broken:
            raise MediaLater(snake(str(broken))) from broken
        if said.status in _LATER or said.status >= 500:
            raise MediaLater(f"status_{said.status}")
        return said


def _refusal(said: HttpsAnswer) -> NotTaken:
    """Whether the file is gone for good: Meta says its limits, its trouble and what is wrong with a token with the same
    status, and by a code. Raises MediaLater for those."""
    error = error_of(said.status, said.body)
    if error.kind in ("refused", "unreachable") and error.reason not in _TROUBLE:
        return NotTaken("gone")
    raise MediaLater(error.reason)


def _is_digest(content: bytes, said: str) -> bool:
    """Meta says it in hexadecimal."""
    return hashlib.sha256(content).hexdigest() == said.strip().lower()


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
