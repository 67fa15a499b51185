"""The webhook ``stock.changed``: what the shop's own systems are told of levels, and how they know that we told it.

Signed as the Standard Webhooks specification says (https://www.standardwebhooks.com), which has libraries in most
languages: HMAC-SHA256 over ``id.timestamp.body``, in base64, after ``v1,``.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.identity.keys import moment, time_text
from shared.domain.stock.level import Level

TYPE = "stock.changed"
MOST_LEVELS = 100
"""Levels in one request."""
PREFIX = "whsec_"
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(minutes=15)


class UnreadableTask(ValueError):
    """A text that is no task of the queue."""


@dataclass(frozen=True, slots=True)
class ChangedLevel:
    """A level after a change. ``version`` counts the changes of this level: the larger one is the later state."""

    sku: str
    location: str
    version: int
    level: Level
    changed_ms: int


def task_of(levels: Sequence[ChangedLevel]) -> str:
    """The text of a queue message: some levels, at most ``MOST_LEVELS``."""
    rows = [
        [one.sku, one.location, one.version, one.level.on_hand, one.level.reserved, one.level.incoming, one.changed_ms]
        for one in levels
    ]
    return json.dumps({"hook": TYPE, "levels": rows}, ensure_ascii=False, separators=(",", ":"))


def read_task(text: str) -> tuple[ChangedLevel, ...]:
    """Raises UnreadableTask."""
    try:
        found = json.loads(text)
        return tuple(_changed(*row) for row in found["levels"])
    except (AttributeError, LookupError, TypeError, ValueError) as broken:
        raise UnreadableTask("this is no task of the webhook") from broken


def _changed(
    sku: str, location: str, version: int, on_hand: int, reserved: int, incoming: int, changed_ms: int
) -> ChangedLevel:
    level = Level(int(on_hand), int(reserved), int(incoming))
    return ChangedLevel(str(sku), str(location), int(version), level, int(changed_ms))


def id_of(task: str) -> str:
    """The id of the request: the same whenever the task is tried again."""
    return f"stock-{hashlib.blake2b(task.encode(), digest_size=16).hexdigest()}"


def body_of(levels: Sequence[ChangedLevel]) -> str:
    """What is sent: for each level its numbers, its version, and when it changed."""
    said = [
        {
            "sku": one.sku,
            "location": one.location,
            "version": one.version,
            "on_hand": one.level.on_hand,
            "reserved": one.level.reserved,
            "incoming": one.level.incoming,
            "available": one.level.available,
            "changed_at": time_text(moment(one.changed_ms)),
        }
        for one in levels
    ]
    newest = max((one.changed_ms for one in levels), default=0)
    whole = {"type": TYPE, "timestamp": time_text(moment(newest)), "data": {"levels": said}}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":"))


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
