"""Pictures that lie beside definitions: what makes a message slow, or is not shown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from shared.domain.definitions.problems import Problem

HEAVY = 1_000_000
"""Bytes of a picture from which a phone on a slow network loads it for seconds."""
KINDS = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg"})


def picture_warnings(folder: Path) -> Iterator[Problem]:
    """Pictures below a folder that are too heavy, or of a kind that mail does not show. Fetches none from the web."""
    for path in sorted(path for path in folder.rglob("*") if path.suffix.lower() in KINDS and path.is_file()):
        name, size = path.relative_to(folder).as_posix(), path.stat().st_size
        if size > HEAVY:
            told = f"the picture has {size / 1_000_000:.1f} MB"
            yield Problem(name, "", told, "make it smaller than 1 MB: 1,200 points are wide enough")
        if path.suffix.lower() == ".svg":
            yield Problem(name, "", "most mail programs show no SVG", "save it as PNG")
