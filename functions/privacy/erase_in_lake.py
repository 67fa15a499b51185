"""What the lake holds of a person: no reader sees it when this is done, and compaction takes it out in the night."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from shared.domain.identity.keys import milliseconds
from shared.domain.privacy.erasure import Erasure
from shared.ports import Clock
from shared.ports.objects import Objects
from shared.stores.lake_erasures import note_erasure


class LakeErasure:
    """``machines``: the clock that files of the lake are named by; on the laptop it is not that of the shop."""

    def __init__(self, objects: Objects, machines: Clock) -> None:
        self._objects = objects
        self._machines = machines

    def hide(self, erasure: Erasure, shared_since: Mapping[str, int | None], now: datetime) -> None:
        """Of his own identifiers everything that was written until now; of those that are another person's too what
        was before them. Again for the second look: it hides what was on its way at the first."""
        note_erasure(
            self._objects,
            erasure.id,
            {home: milliseconds(now) for home, since in shared_since.items() if since is None},
            milliseconds(self._machines.now()),
            shared={home: since for home, since in shared_since.items() if since is not None},
        )
