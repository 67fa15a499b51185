"""The port through which rows of the lake are handed on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class LakeWriter(Protocol):
    """Takes rows as lines of JSON, each with the column ``table`` (docs/lake.md)."""

    def hand_on(self, lines: Sequence[bytes]) -> None:
        """Durable when it returns, at least once, in any order. A line ends without a line break.

        What the lake does not take now waits in a queue. Raises only if that does not take it either: then do the work
        again.
        """
