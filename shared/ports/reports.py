"""The port of who answers reports: another function, which has the engine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class Reports(Protocol):
    """Answers a question about the lake while the caller waits."""

    def ask(self, question: Mapping[str, Any]) -> Mapping[str, Any]:
        """``status`` with ``answer`` if it is 200, and with ``message``, a sentence that says what to do, if not.

        Raises
        ------
        Throttled
            If nobody answers now.
        """
