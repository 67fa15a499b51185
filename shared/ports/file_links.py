"""The port that gives links to files in a bucket, for a short while."""

from __future__ import annotations

from typing import Protocol


class FileLinks(Protocol):
    def link(self, place: str, *, name: str, type: str, shown: bool, seconds: int) -> str:  # noqa: A002
        """An address at which the file can be fetched for so many seconds, without a key.

        ``shown``: a page may show it; otherwise it is handed out as a download under its name.
        """
