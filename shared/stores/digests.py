"""Which months were told to the shop's team: ``digest`` / ``2026-10`` in the catalog, written by the digest alone."""

from __future__ import annotations

from typing import Literal

from shared.domain.identity.keys import time_text
from shared.ports import Clock, Conflict, Table

State = Literal["open", "mailing", "mailed", "nothing", "unknown"]
_PK = "digest"


class Digests:
    """One item per month. ``open``: nothing went out yet, so it may be tried; ``mailing``: claimed by a run that did
    not say yet what became of it; ``unknown``: it may have gone out."""

    def __init__(self, catalog: Table, clock: Clock) -> None:
        self._table = catalog
        self._clock = clock

    def state(self, month: str) -> State:
        item = self._table.get(_PK, month)
        return "open" if item is None else item["state"]

    def change(self, month: str, before: State, after: State) -> bool:
        """False if the month is not in the state ``before`` any more: another run has it."""
        item = {"pk": _PK, "sk": month, "state": after, "at": time_text(self._clock.now())}
        for stored in (before, None) if before == "open" else (before,):
            try:
                self._table.put(item, expect={"state": stored})
            except Conflict:
                continue
            return True
        return False
