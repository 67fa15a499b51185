"""A published release as JSON, for readers that need a part of it and load no model of definitions."""

from __future__ import annotations

import json
from typing import Any

from shared.ports import Table


def current_number(catalog: Table) -> int:
    """The number of the current release; 0 before the first."""
    pointer = catalog.get("release", "current")
    return 0 if pointer is None else int(pointer["number"])


def release_json(catalog: Table, number: int) -> dict[str, Any]:
    """Everything that a release holds; empty if there is none of this number."""
    parts: list[bytes] = []
    cursor = None
    while True:
        page = catalog.query(f"release#{number}", prefix="part#", cursor=cursor)
        parts += [item["data"] for item in page.items]
        cursor = page.cursor
        if cursor is None:
            break
    found: dict[str, Any] = json.loads(b"".join(parts)) if parts else {}
    return found
