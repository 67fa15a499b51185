"""The wait before a change of an item is decided anew, because somebody else changed the item meanwhile."""

from __future__ import annotations

import random
import time

FIRST_SECONDS, LONGEST_SECONDS = 0.01, 0.3


def pause(attempt: int) -> None:
    """Wait after attempt number ``attempt``, from 0: longer each time, and by chance, so that two who wait do not come
    again together."""
    longest = min(FIRST_SECONDS * 2**attempt, LONGEST_SECONDS)
    time.sleep(random.uniform(0, longest))  # noqa: S311 - jitter, not a secret
