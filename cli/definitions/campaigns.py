"""A campaign as a file: one YAML document."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cli.failure import Failure, WrongUse
from shared.adapters.yaml_text import InvalidYaml, as_json_takes_it, document

MAX_BYTES = 100_000


def read_campaign(path: Path) -> dict[str, Any]:
    """What is asked about it: the definition as JSON takes it, and the file's name for the problems in it. What it says
    is checked by the deployment, which has the definitions.

    Raises
    ------
    WrongUse, Failure
        If there is no such file, or it holds no campaign.
    """
    if not path.is_file():
        raise WrongUse(f"there is no file {path}")
    if path.stat().st_size > MAX_BYTES:
        raise Failure(f"{path}: the file is larger than 100 KB; a campaign is a few lines")
    try:
        content = document(path.read_text("utf-8"))
    except UnicodeDecodeError as broken:
        raise Failure(f"{path}: the file is not UTF-8; save it as UTF-8") from broken
    except InvalidYaml as broken:
        where = f", line {broken.line}" if broken.line else ""
        raise Failure(f"{path}{where}: {broken}") from broken
    if not isinstance(content, dict) or "campaign" not in content:
        raise Failure(f"{path}: the file holds no campaign; begin it with campaign:")
    return {"definition": as_json_takes_it(content), "file": path.name.encode("utf-8", "replace").decode()}
