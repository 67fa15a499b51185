"""A campaign as a file: one YAML document."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml

from cli.failure import Failure, WrongUse

MAX_BYTES = 100_000


def read_campaign(path: Path) -> dict[str, Any]:
    """The definition as JSON takes it; what it says is checked by the deployment, which has the definitions.

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
        content = yaml.safe_load(path.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as broken:
        mark = getattr(broken, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise Failure(f"{path}{where}: this is no YAML; write one document that begins with campaign:") from broken
    if not isinstance(content, dict) or "campaign" not in content:
        raise Failure(f"{path}: the file holds no campaign; begin it with campaign:")
    return {str(name): _plain(value) for name, value in content.items()}


def _plain(value: Any) -> Any:
    """YAML reads some times as times."""
    match value:
        case datetime() | date():
            return value.isoformat()
        case dict():
            return {str(name): _plain(inner) for name, inner in value.items()}
        case list():
            return [_plain(inner) for inner in value]
        case _:
            return value
