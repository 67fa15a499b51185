"""A store of objects in a folder that gives copies, as a bucket does: what was fetched outlives its object."""

from __future__ import annotations

import shutil
from pathlib import Path

from shared.adapters.folder_objects import FolderObjects


class CopiedObjects(FolderObjects):
    """``FolderObjects`` that fetches a key into a folder once, as the adapter of S3 does."""

    def fetch(self, key: str, folder: Path) -> Path:
        copy = folder / key.replace("/", "+")
        if not copy.exists():
            shutil.copyfile(super().fetch(key, folder), copy)
        return copy
