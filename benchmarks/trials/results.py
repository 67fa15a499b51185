"""Figures of the last run of each trial; ``docs/reliability.md`` shows them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FILE = Path(__file__).resolve().parent / "results.json"


def read() -> dict[str, dict[str, Any]]:
    return dict(json.loads(FILE.read_text("utf-8"))) if FILE.exists() else {}


def keep(name: str, found: dict[str, Any]) -> None:
    """Beside the figures of the other trials."""
    FILE.write_text(json.dumps({**read(), name: found}, indent=1) + "\n", "utf-8")
