"""A lake in a folder of this machine: the demo's, or one that was copied from its bucket."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cli.failure import Failure, WrongUse

ABOUT = "lake.json"
"""Beside the files: the shop's ``time_zone``, ``currency`` and ``prices`` of messages, and ``now`` if time has stopped
there."""


def report_of_folder(folder: Path, name: str, asked: Mapping[str, str]) -> dict[str, Any]:
    """A report from the files of a folder, as the API answers it.

    Raises
    ------
    Failure
        If there is no lake, or no such report.
    WrongUse
        If the days cannot be used.
    """
    from functions.measure.answer_report import RefusedReport, answer_report
    from shared.adapters.folder_objects import FolderObjects

    if not folder.is_dir():
        raise Failure(f"{folder} is no folder: name one with a lake, such as `kervan demo shop` makes")
    about = _about(folder)
    try:
        return answer_report(FolderObjects(folder), {**asked, **about, "report": name})
    except RefusedReport as refused:
        raise (WrongUse if refused.status == 400 else Failure)(str(refused)) from refused


def _about(folder: Path) -> dict[str, Any]:
    try:
        said = json.loads((folder / ABOUT).read_text("utf-8"))
    except FileNotFoundError:
        said = {}
    except (OSError, ValueError) as broken:
        raise Failure(f"{folder / ABOUT} cannot be read: it is JSON with time_zone and currency") from broken
    return {
        "time_zone": said.get("time_zone", "Europe/Istanbul"),
        "currency": said.get("currency", "TRY"),
        "prices": said.get("prices", {}),
        "now": said.get("now") or datetime.now(UTC).isoformat(),
    }
