"""Writes what journeys add to the customer's log: traits that they set, and notes. Safe to repeat."""

from __future__ import annotations

from collections.abc import Iterator

from shared.domain.events.event import Event, EventType
from shared.domain.identity.identifiers import Identifier
from shared.domain.journeys.advance import Advance, Note, SetTraits
from shared.domain.journeys.enrollment import Enrollment
from shared.queries.customer_tree import Tree
from shared.stores.customers import CustomerStore
from shared.stores.event_items import event_item

SOURCE = "journey"
NOTED = "Journey Note"
_NO_VISIT = {"active": False}


def write_own_events(store: CustomerStore, enrollment: Enrollment, step: Advance, tree: Tree) -> None:
    """Writes into the log of the enrollment's home. Ids and times were decided before, so a repetition changes nothing.

    A home without a plain name was erased and gets no event.
    """
    home = next((member.identifier for member in tree.members if member.key == enrollment.home), None)
    if home is None:
        return
    items = [
        event_item(event, lambda _: enrollment.home, home=enrollment.home) for event in _events(enrollment, step, home)
    ]
    if items:
        store.put_events(items)


def _events(enrollment: Enrollment, step: Advance, home: Identifier) -> Iterator[Event]:
    for effect in step.effects:
        if isinstance(effect, SetTraits | Note):
            sets = isinstance(effect, SetTraits)
            yield Event(
                type=EventType.IDENTIFY if sets else EventType.TRACK,
                name="Identified" if sets else NOTED,
                message_id=f"{enrollment.journey}-{enrollment.id}-{effect.step}",
                time=effect.at,
                received_at=effect.at,
                source=SOURCE,
                channel=SOURCE,
                trusted=True,
                identifiers=(home,),
                traits=dict(effect.traits) if isinstance(effect, SetTraits) else {},
                properties={"journey": enrollment.journey, "step": effect.step, "text": effect.text}
                if isinstance(effect, Note)
                else {},
                context=_NO_VISIT,
            )
