"""A bucket in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from shared.ports.objects import Found, NoSuchObject


class MemoryObjects:
    """``Objects`` whose contents a test sees in ``kept``."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def listed(self, prefix: str) -> Iterator[Found]:
        yield from (Found(key, len(self.kept[key])) for key in sorted(self.kept) if key.startswith(prefix))

    def fetch(self, key: str, folder: Path) -> Path:
        if key not in self.kept:
            raise NoSuchObject(key)
        file = folder / key.replace("/", "_")
        file.write_bytes(self.kept[key])
        return file

    def beginning(self, key: str, size: int) -> bytes:
        if key not in self.kept:
            raise NoSuchObject(key)
        return self.kept[key][:size]

    def put(self, key: str, file: Path) -> None:
        self.kept[key] = file.read_bytes()

    def delete(self, keys: Iterable[str]) -> None:
        for key in keys:
            self.kept.pop(key, None)
