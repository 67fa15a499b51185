"""How a receiver knows that a request is ours, and when one that was not taken comes again.

Signed as the Standard Webhooks specification says (https://www.standardwebhooks.com), which has libraries in most
languages: HMAC-SHA256 over ``id.timestamp.body``, in base64, after ``v1,``.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

PREFIX = "whsec_"
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(minutes=15)


class UnreadableTask(ValueError):
    """A text that is no task of the queue."""


@dataclass(frozen=True, slots=True)
class Told:
    """One request. ``id`` is the same whenever it is tried again; ``body`` is JSON with ``type, timestamp, data``."""

    id: str
    body: str


def key_of(secret: str) -> bytes:
    """The key that a secret stands for: base64, perhaps after ``whsec_``.

    Raises
    ------
    ValueError
        If it is not base64, or shorter than 24 bytes.
    """
    key = base64.b64decode(secret.strip().removeprefix(PREFIX), validate=True)
    if len(key) < 24:
        raise ValueError("the secret of a webhook is at least 24 bytes in base64")
    return key


def signed_headers(key: bytes, id_: str, at: datetime, body: str) -> dict[str, str]:
    """The headers by which a receiver knows that the body is ours, and of now."""
    stamp = str(int(at.timestamp()))
    digest = hmac.new(key, f"{id_}.{stamp}.{body}".encode(), hashlib.sha256).digest()
    return {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Kervan",
        "webhook-id": id_,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


def pause_after(attempt: int) -> timedelta:
    """How long a task waits after its attempt of this number, the first being 1: 30 s, 1 min, 2 min, up to 15 min."""
    doublings: int = min(max(attempt, 1) - 1, 10)
    return min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)
