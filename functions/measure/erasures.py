"""Who was erased from the lake: an object per erasure, which readers obey at once and compaction carries out."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import orjson

from functions.measure.layout import ERASED
from shared.ports.objects import NoSuchObject, Objects


def read_erasures(objects: Objects, folder: Path) -> dict[str, int]:
    """By home the instant until which what was written of it is erased."""
    until: dict[str, int] = {}
    for found in list(objects.listed(ERASED)):
        try:
            said = orjson.loads(objects.fetch(found.key, folder).read_bytes())
        except NoSuchObject:
            continue
        for home in said["homes"]:
            until[home] = max(until.get(home, 0), said["until"])
    return until


def note_erasure(objects: Objects, folder: Path, homes: Collection[str], until: int) -> str:
    """Rows of these homes that were written until then are gone for every reader when it returns; the key of the note.

    ``homes`` are the keyed digests of all identifiers of the customer.
    """
    import hashlib

    said = orjson.dumps({"homes": sorted(homes), "until": until})
    file = folder / "erased.json"
    file.write_bytes(said)
    key = f"{ERASED}{until:015d}-{hashlib.sha256(said).hexdigest()[:24]}.json"
    objects.put(key, file)
    file.unlink()
    return key
