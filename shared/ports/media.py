"""The port of files that a channel keeps for a while: what a customer sent on WhatsApp, Instagram or Messenger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class NotTaken:
    """The file will never be had; ``reason``: ``gone``, ``too_large`` or ``elsewhere`` (no address of the channel)."""

    reason: str


class MediaLater(Exception):
    """The channel does not give the file now; the same question later may be answered. The text is a stable word."""


class Media(Protocol):
    def fetch(self, channel: str, source: str) -> bytes | NotTaken:
        """The bytes of a file. ``source``: its id (WhatsApp) or its address, as the channel's webhook said it.

        Raises
        ------
        MediaLater
        """
