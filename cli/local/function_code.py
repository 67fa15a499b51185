"""The code of functions, unpacked once per content.

The emulator unpacks a function's archive for each of its processes, some thousand files of ours, and Python compiled
every module anew in each. Here all processes of the same code share one folder with its compiled modules.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import threading
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

_unpacking = threading.Lock()


def unpacked(archive: Path, folder: Path) -> Path:
    """The directory below ``folder`` that holds what is in the archive; made if there is none of this content yet."""
    target = folder / hashlib.sha256(archive.read_bytes()).hexdigest()[:32]
    with _unpacking:
        if not target.is_dir():
            folder.mkdir(parents=True, exist_ok=True)
            unfinished = Path(tempfile.mkdtemp(prefix="unfinished-", dir=folder))
            try:
                with zipfile.ZipFile(archive) as packed:
                    packed.extractall(unfinished)
                unfinished.rename(target)
            except BaseException:
                shutil.rmtree(unfinished, ignore_errors=True)
                raise
    return target


def sharing(folder: Path) -> Any:
    """Stands in for the module ``zipfile`` where the emulator unpacks code: a link to the shared directory takes the
    place of the empty one that it made."""

    class Archive(zipfile.ZipFile):
        def extractall(self, path: Any = None, members: Any = None, pwd: Any = None) -> None:
            if members is not None or path is None or self.filename is None:
                super().extractall(path, members, pwd)
                return
            found = unpacked(Path(self.filename), folder)
            Path(path).rmdir()
            Path(path).symlink_to(found, target_is_directory=True)

    named = {name: getattr(zipfile, name) for name in zipfile.__all__}
    return SimpleNamespace(**{**named, "ZipFile": Archive})
