"""How far an import is: a small file beside the imported one, replaced in one step after each batch."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from cli.failure import WrongUse, of_disk

SUFFIX = ".kervan-progress"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Progress:
    """All rows before ``line`` (at ``offset`` of the decompressed file) are answered for.

    ``rejected_bytes`` is the length of the file of rejected rows at that moment.
    """

    offset: int = 0
    line: int = 1
    accepted: int = 0
    rejected: int = 0
    rejected_bytes: int = 0

    @property
    def rows(self) -> int:
        return self.accepted + self.rejected

    def after(self, *, offset: int, line: int, accepted: int, rejected: int, rejected_bytes: int) -> Progress:
        return replace(
            self,
            offset=offset,
            line=line,
            accepted=self.accepted + accepted,
            rejected=self.rejected + rejected,
            rejected_bytes=rejected_bytes,
        )


class ProgressFile:
    """The progress of one file with one set of options; ``about`` is both."""

    def __init__(self, imported: Path, about: dict[str, Any]) -> None:
        self.path = imported.with_name(imported.name + SUFFIX)
        self._about = about

    def load(self) -> Progress | None:
        """Where an earlier run stopped; None if there was none, or its file cannot be read: duplicates are harmless.

        Raises
        ------
        WrongUse
            If it was a run of another file, or with other options.
        """
        try:
            found = json.loads(self.path.read_bytes())
            about, done = found["about"], Progress(**found["done"])
            usable = found["version"] == VERSION and all(type(value) is int for value in asdict(done).values())
        except FileNotFoundError:
            return None
        except OSError as problem:
            raise of_disk(problem, f"reading {self.path}") from problem
        except (ValueError, KeyError, TypeError, RecursionError):
            return None
        if not usable:
            return None
        changed = [name for name in self._about if about.get(name) != self._about[name]]
        if changed:
            raise WrongUse(
                f"an import was begun with another {', '.join(changed)} ({self.path}): "
                "go on as it was begun, or begin anew with --restart"
            )
        return done

    def save(self, done: Progress) -> None:
        """Raises Failure if the disk does not take it."""
        text = json.dumps(
            {"version": VERSION, "about": self._about, "done": asdict(done)}, indent=1, ensure_ascii=False
        )
        try:
            handle, draft = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}.")
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    file.write(text + "\n")
                    file.flush()
                    os.fsync(file.fileno())
                Path(draft).replace(self.path)
            except BaseException:
                Path(draft).unlink(missing_ok=True)
                raise
        except OSError as problem:
            raise of_disk(problem, f"writing {self.path}") from problem

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)
