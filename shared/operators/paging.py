"""Lists come page by page: how many at once, and the cursor behind which the next page goes on."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from shared.http.answers import malformed

LIMIT = 50
MOST = 1_000


def limit_of(query: Mapping[str, str]) -> int:
    """How many items the caller wants on a page."""
    raw = query.get("limit", str(LIMIT))
    if not raw.isascii() or not raw.isdigit() or not 1 <= int(raw[:9]) <= MOST:
        raise malformed(f"limit must be a number from 1 to {MOST}")
    return int(raw)


def write_mark(mark: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(mark).encode()).decode().rstrip("=")


def read_mark(query: Mapping[str, str]) -> Any:
    """What ``write_mark`` put into the cursor, None without one. It comes from outside: check what is in it."""
    raw = query.get("cursor")
    if not raw:
        return None
    try:
        return json.loads(base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4)))
    except (binascii.Error, ValueError, RecursionError) as broken:
        raise malformed("the cursor is not one of ours; start again without it") from broken
