"""Reads the file of Turkey's register of consent: its own columns, divided by commas or semicolons."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from cli.failure import Failure, WrongUse

COLUMNS = ("recipient", "recipientType", "type", "status", "consentDate")
"""That must be there; ``source`` and ``transactionId`` may."""
_KNOWN = {name.lower(): name for name in (*COLUMNS, "source", "transactionId", "creationDate")}


def rows_of(file: Path, size: int) -> Iterator[list[dict[str, str]]]:
    """The rows, ``size`` at a time.

    Raises
    ------
    WrongUse
        If it is no such file.
    Failure
        If it cannot be read.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            head = text.readline()
            names = [_KNOWN.get(name.strip().strip('"').lower(), "") for name in head.replace(";", ",").split(",")]
            missing = [name for name in COLUMNS if name not in names]
            if missing:
                raise WrongUse(f"the file has no column {', '.join(missing)}: take the file that IYS gives, as it is")
            rows: list[dict[str, str]] = []
            for row in csv.reader(text, delimiter=";" if ";" in head else ","):
                if row:
                    rows.append({name: value for name, value in zip(names, row, strict=False) if name})
                if len(rows) == size:
                    yield rows
                    rows = []
            if rows:
                yield rows
    except (OSError, UnicodeDecodeError, csv.Error) as broken:
        raise Failure(f"{file} cannot be read: {type(broken).__name__}") from broken
