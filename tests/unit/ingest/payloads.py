"""Raw payloads from files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parents[2] / "payloads"


def payload(name: str) -> dict[str, Any]:
    """The JSON of one file below ``tests/payloads``."""
    found: dict[str, Any] = json.loads((_FOLDER / f"{name}.json").read_text())
    return found
