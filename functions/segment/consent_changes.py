"""Hands on whose consents may be others than they were, to the workers that tell registers and audiences of them.

No further reader of the stream is needed (docs/decisions/2026-11-30-iys.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from functions.segment.batch import Batch
from functions.segment.identity import Moved
from shared.domain.definitions.shop import Shop
from shared.domain.events.event import Event
from shared.domain.events.event_names import CONSENT_GRANTED, CONSENT_WITHDRAWN, UNSUBSCRIBED
from shared.domain.identity.identifiers import IdentifierType
from shared.domain.identity.keys import type_of_key
from shared.domain.iys.tasks import homes_tasks
from shared.ports import Queue

STATING = frozenset(
    {CONSENT_GRANTED, CONSENT_WITHDRAWN, UNSUBSCRIBED, "Email Marked as Spam", "Objection Made", "Objection Lifted"}
)
"""Events beside which statements of consent or an objection are stored. Bounces are none: nobody refused."""
ADDRESSES = frozenset({IdentifierType.EMAIL, IdentifierType.PHONE})


@dataclass(frozen=True, slots=True)
class ConsentChanges:
    """``iys`` is the queue of the register's worker; None where there is none."""

    iys: Queue | None

    def hand_on(self, batches: Iterable[Batch], moves: Sequence[Moved], shop: Shop) -> None:
        """Durable when it returns. Handing on again is harmless.

        Linked addresses count too: what a customer said without naming an address holds for them from now on.
        """
        if self.iys is None or shop.iys is None:
            return
        homes = {batch.pk for batch in batches if any(map(_states_consent, batch.events))}
        homes |= {move.child for move in moves if type_of_key(move.child) in ADDRESSES}
        if homes:
            self.iys.send_many(homes_tasks(homes))


NOBODY_IS_TOLD = ConsentChanges(None)


def _states_consent(event: Event) -> bool:
    return event.name in STATING
