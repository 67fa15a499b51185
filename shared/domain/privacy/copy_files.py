"""Where the copies lie that people ask for by themselves, and for how long."""

from __future__ import annotations

from datetime import timedelta

COPIES = "copies/"
"""A rule of the bucket deletes what lies here after a day (infra/conversation_files.py)."""
KEPT = timedelta(hours=24)
LINK_LASTS = timedelta(minutes=10)


def place_of(case: str) -> str:
    """The key of a case's copy: nobody can guess it, and it names nobody."""
    return f"{COPIES}{case}.zip"
