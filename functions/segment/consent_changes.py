"""Hands on whose consents may be others than they were, to the workers that tell registers and audiences of them.

No further reader of the stream is needed (docs/decisions/2026-11-30-iys.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from functions.segment.batch import Batch
from functions.segment.identity import Moved
from shared.domain.definitions.shop import Shop
from shared.domain.events.event import Event
from shared.domain.events.event_names import (
    CONSENT_GRANTED,
    CONSENT_WITHDRAWN,
    UNSUBSCRIBED,
    WITHDRAWAL_TAKEN_BACK,
)
from shared.domain.identity.identifiers import IdentifierType
from shared.domain.identity.keys import type_of_key
from shared.ports import Queue

STATING = frozenset(
    {
        CONSENT_GRANTED,
        CONSENT_WITHDRAWN,
        UNSUBSCRIBED,
        WITHDRAWAL_TAKEN_BACK,
        "Email Marked as Spam",
        "Objection Made",
        "Objection Lifted",
    }
)
"""Events beside which statements of consent or an objection are stored. Bounces are none: nobody refused."""
RESTRICTING = frozenset({"Processing Restricted", "Restriction Lifted"})
ADDRESSES = frozenset({IdentifierType.EMAIL, IdentifierType.PHONE})


class ConsentChanges(Struct, frozen=True):
    """``iys`` is the queue of the register's worker, ``audiences`` that of lists at advertising platforms; None where
    there is none."""

    iys: Queue | None
    audiences: Queue | None = None

    def hand_on(self, batches: Iterable[Batch], moves: Sequence[Moved], shop: Shop) -> None:
        """Durable when it returns. Handing on again is harmless.

        Linked addresses count too: what a customer said without naming an address holds for them from now on.
        """
        stating = {batch.pk for batch in batches if any(map(_states_consent, batch.events))}
        homes = stating | {move.child for move in moves if type_of_key(move.child) in ADDRESSES}
        if homes and self.iys is not None and shop.iys is not None:
            from shared.domain.iys.tasks import homes_tasks  # seldom needed, and paid at each cold start

            self.iys.send_many(homes_tasks(homes))
        restricted = {batch.pk for batch in batches if any(one.name in RESTRICTING for one in batch.events)}
        moved = stating | restricted | {move.child for move in moves}
        if moved and self.audiences is not None and shop.audiences:
            self._tell_audiences(moved)

    def flipped(self, root: str, segments: Iterable[str], shop: Shop) -> None:
        """The customer entered or left these segments. It is handed on before that is stored, and read some seconds
        later: a crash between costs a look, and loses nobody."""
        if self.audiences is None or not shop.audiences:
            return
        if {audience.segment for audience in shop.audiences.values()}.intersection(segments):
            self._tell_audiences([root])

    def _tell_audiences(self, homes: Iterable[str]) -> None:
        from shared.domain.audiences.tasks import tasks  # as above

        if self.audiences is not None:
            self.audiences.send_many(tasks(homes))


NOBODY_IS_TOLD = ConsentChanges(None)


def _states_consent(event: Event) -> bool:
    return event.name in STATING
