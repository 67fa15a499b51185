"""Where a release came from, so that files and the console do not overwrite each other unnoticed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

from shared.domain.identity.keys import time_text

Source = Literal["files", "console"]


class Origin(Struct, frozen=True):
    """``by`` is the account of the console; empty for files. ``at`` is an instant as text, in UTC."""

    source: Source
    at: str
    by: str = ""

    @classmethod
    def files(cls, now: datetime) -> Origin:
        """Of ``kervan definitions apply``."""
        return cls("files", time_text(now))

    @classmethod
    def console(cls, now: datetime, by: str) -> Origin:
        """Of somebody who published in the console."""
        return cls("console", time_text(now), by)


def write_origin(origin: Origin) -> dict[str, str]:
    """As JSON takes it."""
    return {"source": origin.source, "at": origin.at, "by": origin.by}


def read_origin(said: Mapping[str, Any]) -> Origin:
    """The inverse of ``write_origin``."""
    return Origin(said["source"], said["at"], said["by"])
