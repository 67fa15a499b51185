"""Who was erased and writes again: what is new is taken, what was on its way before is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from shared.domain.conversations.message import Inbound
from shared.domain.identity.keys import milliseconds
from shared.domain.privacy.erasure import Erasure, State
from shared.operators.agent_actions import Busy
from shared.ports import Conflict, Table
from shared.stores.erasures import note_anew

ANEW = "erased"
"""The tag of a conversation of who was erased before: an agent sees why nothing else is known of him."""


@dataclass(frozen=True, slots=True)
class ErasedPeople:
    """``read`` gives an erasure by its id. Asked only where an identifier carries the mark of one."""

    customers: Table
    read: Callable[[str], Erasure | None]

    def writes_anew(self, inbound: Inbound, erasure: str, now: datetime) -> bool:
        """Whether he wrote it after he asked to be erased; then the mark says so, before anything is kept.

        Raises
        ------
        Busy
            If the erasure is not over: what is kept now would go with the second look. The channel comes again.
        """
        known = self.read(erasure) if erasure else None
        if known is None or inbound.automatic or inbound.at <= known.requested_at:
            return False
        if known.state is not State.CONFIRMED:
            raise Busy
        try:
            note_anew(self.customers, inbound.home, known.id, milliseconds(now))
        except Conflict as begun_again:
            raise Busy from begun_again
        return True
