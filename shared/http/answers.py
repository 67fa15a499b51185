"""Answers of the HTTP API: JSON, errors with a sentence that says what to do."""

from __future__ import annotations

import json
from typing import Any

Answer = dict[str, Any]

# Who may read an answer is said by the HTTP API alone (infra/api.py): said twice, browsers refuse the answer.
_HEADERS = {"content-type": "application/json"}
_PREFLIGHT = {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "GET, POST, OPTIONS",
    "access-control-allow-headers": "authorization, content-type, content-encoding, if-none-match",
    "access-control-max-age": "86400",
}
RETRY_AFTER_SECONDS = 2


class Problem(Exception):
    """An answer that is an error: status, code, and what to do about it."""

    def __init__(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers or {}

    def answer(self) -> Answer:
        return answer({"error": self.code, "message": self.message}, self.status, self.headers)


def answer(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    body = json.dumps(content, separators=(",", ":"))
    return {"statusCode": status, "headers": _HEADERS | (headers or {}), "body": body, "isBase64Encoded": False}


def preflight() -> Answer:
    """To a browser that asks whether it may post: yes, from everywhere; the key decides, not the origin."""
    return {"statusCode": 204, "headers": dict(_PREFLIGHT), "body": "", "isBase64Encoded": False}


def unauthorized(
    message: str = "the write key is missing or unknown; send it as Basic user name or as writeKey",
) -> Problem:
    return Problem(401, "unauthorized", message)


def forbidden(message: str) -> Problem:
    return Problem(403, "forbidden", message)


def not_found(message: str) -> Problem:
    return Problem(404, "not_found", message)


def malformed(message: str) -> Problem:
    return Problem(400, "malformed", message)


def wrong_method(allowed: str, *also: str) -> Problem:
    """``also``: what is answered here beside it; of most paths the browser's OPTIONS."""
    return Problem(
        405, "method_not_allowed", f"use {allowed} here", {"allow": ", ".join((allowed, *(also or ("OPTIONS",))))}
    )


def too_large(message: str) -> Problem:
    return Problem(413, "too_large", message)


def too_many(message: str, seconds: int) -> Problem:
    """429: the sender has reached its quota, and may send again after ``seconds``."""
    return Problem(429, "quota_exceeded", f"{message}; send it again after {seconds} s", {"retry-after": str(seconds)})


def unavailable() -> Problem:
    seconds = str(RETRY_AFTER_SECONDS)
    return Problem(503, "unavailable", f"nothing is lost; send it again after {seconds} s", {"retry-after": seconds})
