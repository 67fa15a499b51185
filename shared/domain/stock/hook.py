"""The webhook ``stock.changed``: what the shop's own systems are told of levels."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from shared.domain.identity.keys import moment, time_text
from shared.domain.stock.level import Level
from shared.domain.webhooks.standard_webhook import Told, UnreadableTask

TYPE = "stock.changed"
MOST_LEVELS = 100
"""Levels in one request."""


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


def told(task: str) -> Told:
    """The request that a task stands for. Raises UnreadableTask."""
    return Told(id_of(task), body_of(read_task(task)))
