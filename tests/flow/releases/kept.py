"""The files of released versions: items as DynamoDB holds them, what is on its way, and what was answered."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "data" / "releases"


def versions() -> list[str]:
    """Released versions, by name."""
    return sorted(path.name for path in FOLDER.iterdir() if path.is_dir())


def place_of(version: str, scene: str) -> Path:
    return FOLDER / version / f"{scene}.json.gz"


def write(version: str, scene: str, kept: dict[str, Any]) -> Path:
    """Keep a scene of a version, in the same bytes for the same content."""
    path = place_of(version, scene)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(json.dumps(kept, default=_base64, sort_keys=True).encode(), mtime=0))
    return path


def read(version: str, scene: str) -> Any:
    """What ``write`` kept; bytes are bytes again."""
    return json.loads(gzip.decompress(place_of(version, scene).read_bytes()), object_hook=_bytes)


def holds(now: Any, before: Any) -> bool:
    """Whether an answer says everything that it said before; a new version may say more."""
    if isinstance(before, dict):
        return isinstance(now, dict) and all(name in now and holds(now[name], before[name]) for name in before)
    if isinstance(before, list):
        return isinstance(now, list) and len(now) == len(before) and all(map(holds, now, before))
    return bool(now == before)


def _base64(value: Any) -> dict[str, str]:
    return {"base64": base64.b64encode(bytes(value)).decode()}


def _bytes(found: dict[str, Any]) -> Any:
    return base64.b64decode(found["base64"]) if found.keys() == {"base64"} else found
