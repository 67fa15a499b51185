"""A segment out of a file that need not be published."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cli.definitions.folder import InvalidFile, documents_of
from cli.failure import Failure, WrongUse
from shared.adapters.yaml_text import as_json_takes_it


def read_draft(file: Path, name: str | None) -> dict[str, Any]:
    """The segment of this name in a file, or the only one.

    Raises
    ------
    WrongUse, Failure
        If the file cannot be read, or it is not clear which is meant.
    """
    try:
        found = [document.content for document in documents_of(file, file.name)]
    except InvalidFile as broken:
        raise Failure(str(broken)) from broken
    except OSError as absent:
        raise WrongUse(f"{file} cannot be read: name the file of the draft") from absent
    drafts = [content for content in found if isinstance(content, dict) and "segment" in content]
    meant = [draft for draft in drafts if name is None or draft["segment"] == name]
    if len(meant) != 1:
        there = ", ".join(str(draft["segment"]) for draft in drafts) or "no segment"
        which = (
            "it holds several: name one" if name is None and meant else f"there is no one segment {name or ''}".strip()
        )
        raise Failure(f"{file}: {which} (the file defines {there})")
    plain: dict[str, Any] = as_json_takes_it(meant[0])
    return plain
