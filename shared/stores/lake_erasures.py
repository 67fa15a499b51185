"""The note by which a person is erased from the lake (docs/lake.md#erasure)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from shared.ports.objects import Objects

ERASED = "erased/"


def note_erasure(
    objects: Objects, name: str, homes: Mapping[str, int], noted_ms: int, *, shared: Mapping[str, int] | None = None
) -> None:
    """When it returns, no reader that begins sees rows of these homes that were written until the given instants.

    Parameters
    ----------
    name
        Of the erasure. Each call writes a note of its own, so readers may keep what they fetched.
    homes
        By the keyed digest of an identifier the instant, in milliseconds by the clock of rows.
    noted_ms
        Now, by the clock of the machines.
    shared
        By identifiers that are another person's too, the instant before which what is filed of them is erased.
    """
    with TemporaryDirectory(prefix="erased-") as folder:
        file = Path(folder) / "note.json"
        file.write_text(json.dumps({"homes": dict(homes), "shared": dict(shared or {}), "noted": noted_ms}), "utf-8")
        objects.put(f"{ERASED}{name}-{noted_ms:015d}.json", file)
