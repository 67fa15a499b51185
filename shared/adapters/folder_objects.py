"""A store of objects in a folder: for the laptop, for tests, and for a lake that was copied from its bucket."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path

from shared.ports.objects import Found, NoSuchObject

_UNFINISHED = ".unfinished"


class FolderObjects:
    """``Objects`` as files below ``root``."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def listed(self, prefix: str) -> Iterator[Found]:
        base = self._root / prefix.rpartition("/")[0]
        files = (Path(folder) / name for folder, _, names in os.walk(base) for name in names)
        keyed = sorted((file.relative_to(self._root).as_posix(), file) for file in files)
        for key, file in keyed:
            if key.startswith(prefix) and not key.endswith(_UNFINISHED):
                try:
                    yield Found(key, file.stat().st_size)
                except FileNotFoundError:
                    continue

    def fetch(self, key: str, folder: Path) -> Path:
        file = self._root / key
        if not file.is_file():
            raise NoSuchObject(key)
        return file

    def beginning(self, key: str, size: int) -> bytes:
        file = self._root / key
        if not file.is_file():
            raise NoSuchObject(key)
        with file.open("rb") as opened:
            return opened.read(size)

    def put(self, key: str, file: Path) -> None:
        target = self._root / key
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished = target.with_name(f"{uuid.uuid4().hex}{_UNFINISHED}")
        shutil.copyfile(file, unfinished)
        unfinished.replace(target)

    def delete(self, keys: Iterable[str]) -> None:
        for key in keys:
            (self._root / key).unlink(missing_ok=True)
