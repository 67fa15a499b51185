"""A request of the HTTP API (payload format 2.0), and the key in its header."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from shared.domain.events.refusals import Malformed
from shared.domain.events.size_limits import BODY_BYTES, check_body_size, inflate, is_gzip


@dataclass(frozen=True, slots=True)
class Request:
    """``path`` holds the decoded parts; header names are in lower case."""

    method: str
    path: tuple[str, ...]
    headers: Mapping[str, str]
    query: Mapping[str, str]
    text: str
    encoded: bool
    ip: str = ""
    cookies: Mapping[str, str] = field(default_factory=dict)
    id: str = ""
    """By which the HTTP API names it, in its access log and in the header ``apigw-requestid`` of the answer."""

    def body(self, limit: int = BODY_BYTES) -> bytes:
        """The body, decoded and decompressed.

        Raises
        ------
        Malformed
            If it is not what its headers say.
        TooLarge
            If it is larger than ``limit``, before or after decompression.
        """
        if not self.encoded:
            raw = self.text.encode("utf-8", "surrogatepass")
        else:
            check_body_size(len(self.text) * 3 // 4 - 2, limit)
            try:
                raw = base64.b64decode(self.text, validate=True)
            except (binascii.Error, ValueError) as broken:
                raise Malformed("the body is not valid base64") from broken
        check_body_size(len(raw), limit)
        encoding = self.headers.get("content-encoding", "").strip().lower()
        if is_gzip(raw) or encoding == "gzip":
            return inflate(raw, limit)
        if encoding not in {"", "identity"}:
            raise Malformed("the body may be compressed with gzip only")
        return raw


def read_request(event: Mapping[str, Any]) -> Request:
    """The request behind a Lambda event. The stage's name is no part of the path."""
    context = event.get("requestContext") or {}
    path = str(event.get("rawPath") or "/")
    stage = context.get("stage", "$default")
    if stage != "$default" and (path == f"/{stage}" or path.startswith(f"/{stage}/")):
        path = path[len(stage) + 1 :]
    return Request(
        method=str((context.get("http") or {}).get("method", "")).upper(),
        path=tuple(unquote(part) for part in path.strip("/").split("/")),
        headers={name.lower(): str(value) for name, value in (event.get("headers") or {}).items()},
        query=event.get("queryStringParameters") or {},
        text=event.get("body") or "",
        encoded=bool(event.get("isBase64Encoded")),
        ip=str((context.get("http") or {}).get("sourceIp") or ""),
        cookies=_cookies(event),
        id=str(context.get("requestId") or "")[:100],
    )


def _cookies(event: Mapping[str, Any]) -> dict[str, str]:
    """By name; of two with one name the first, which a browser sends for the longer path."""
    found: dict[str, str] = {}
    for pair in event.get("cookies") or str((event.get("headers") or {}).get("cookie") or "").split(";"):
        name, equals, value = str(pair).partition("=")
        if equals:
            found.setdefault(name.strip(), value.strip())
    return found


def basic_key(headers: Mapping[str, str]) -> str | None:
    """The write key of ``Authorization: Basic base64(key:)``; the colon may be missing. None without such a header.

    A header that cannot be read gives the empty key, which nobody holds.
    """
    scheme, _, value = headers.get("authorization", "").partition(" ")
    if not scheme:
        return None
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(value.strip(), validate=True).decode().partition(":")[0]
    except (binascii.Error, ValueError):
        return ""


def bearer_key(headers: Mapping[str, str]) -> str | None:
    """The key of ``Authorization: Bearer key``, else None."""
    scheme, _, value = headers.get("authorization", "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else None


def any_key(headers: Mapping[str, str]) -> str | None:
    """The key of a bearer, else the one of HTTP Basic, else None."""
    key = bearer_key(headers)
    return basic_key(headers) if key is None else key
