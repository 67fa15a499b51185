"""Objects whose copies are kept between reports: files of the lake are written once and never changed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from shared.ports.objects import Found, Objects


class KeptObjects:
    """``Objects`` that fetches into ``kept`` in place of the caller's folder.

    What is listed no more is taken away with the next listing of its prefix, so that rows of who was erased do not
    live on here; so is what was used longest ago if all copies together have more than ``most`` bytes.
    """

    def __init__(self, objects: Objects, kept: Path, most: int) -> None:
        self._objects = objects
        self._kept = kept
        self._most = most
        self._files: dict[str, Path] = {}

    def listed(self, prefix: str) -> Iterator[Found]:
        there = list(self._objects.listed(prefix))
        keys = {found.key for found in there}
        for key in [key for key in self._files if key.startswith(prefix) and key not in keys]:
            self._forget(key)
        self._make_room()
        yield from there

    def fetch(self, key: str, folder: Path) -> Path:
        self._kept.mkdir(parents=True, exist_ok=True)
        file = self._objects.fetch(key, self._kept)
        if file.is_relative_to(self._kept):
            os.utime(file)
            self._files[key] = file
        return file

    def beginning(self, key: str, size: int) -> bytes:
        return self._objects.beginning(key, size)

    def put(self, key: str, file: Path) -> None:
        self._objects.put(key, file)

    def delete(self, keys: Iterable[str]) -> None:
        self._objects.delete(keys)

    def _forget(self, key: str) -> None:
        self._files.pop(key).unlink(missing_ok=True)

    def _make_room(self) -> None:
        """Only between reports: a report that runs reads the files that it fetched."""
        aged = sorted((file.stat().st_mtime, key, file.stat().st_size) for key, file in self._files.items())
        size = sum(one for _, _, one in aged)
        for _, key, one in aged:
            if size <= self._most:
                return
            self._forget(key)
            size -= one
