"""What the local stack is doing, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

WORK = ("running", "unread", "queued")
"""What the stack is not quiet with."""
SHOWN = (*WORK, "parked")
PROGRESS = "progress"
"""How much was done since the start; it only grows."""
OLDEST = "oldest"
"""For how many seconds of real time the oldest unread record and the oldest message of a queue have waited."""


def said(activity: Any) -> str:
    """``running: segment-on-events 1; queued: email 2``, or ``quiet``.

    >>> said({"running": {"notify-email": 1}, "queued": {}})
    'running: notify-email 1'
    """
    if not isinstance(activity, Mapping):
        return ""
    parts = [
        f"{kind}: " + ", ".join(f"{name} {count}" for name, count in what.items())
        for kind, what in activity.items()
        if what and kind in SHOWN
    ]
    return "; ".join(parts) or "quiet"
