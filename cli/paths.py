"""Where the local stack keeps its files: ``.kervan`` in the project, or the folder that KERVAN_HOME names."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from cli.failure import Failure, of_disk

LOCAL = "local.json"
"""The operators' contract (docs/api.md): endpoint, aws_endpoint, write_keys, admin_key."""
STATE = "state.json"
"""What the local stack remembers for itself: port, process, what is deployed."""
CLOCK = "clock.json"
"""``{"offset_seconds": float}``: shifts the time of the functions."""


def project() -> Path:
    """The folder of the repository."""
    return Path(__file__).resolve().parent.parent


def home() -> Path:
    """The folder of this local stack; several can live side by side, each with its own KERVAN_HOME."""
    named = os.environ.get("KERVAN_HOME")
    return Path(named).resolve() if named else project() / ".kervan"


def path(name: str) -> Path:
    return home() / name


def read(name: str) -> dict[str, Any]:
    """A JSON object of the local stack, empty if it is not there.

    Raises
    ------
    Failure
        If the file is there and cannot be read.
    """
    try:
        found = json.loads(path(name).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as broken:
        raise Failure(f"{path(name)} cannot be read: run `kervan stop`, remove it, and `make run` again") from broken
    return found if isinstance(found, dict) else {}


def write(name: str, content: dict[str, Any]) -> None:
    """Replaces a JSON file in one step, so that no reader ever sees half of it; readable by its owner only."""
    target = path(name)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=target.parent, prefix=f".{name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(content, file, indent=2, ensure_ascii=False)
                file.write("\n")
                file.flush()
                os.fsync(file.fileno())
            Path(draft).replace(target)
        except OSError:
            Path(draft).unlink(missing_ok=True)
            raise
    except OSError as problem:
        raise of_disk(problem, f"writing {target}") from problem


def remember(**values: Any) -> None:
    """Adds to what the local stack remembers; None forgets."""
    state = {**read(STATE), **values}
    write(STATE, {name: value for name, value in state.items() if value is not None})
