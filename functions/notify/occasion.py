"""What began the run of a message, read again in the moment of acting: the order, the product, the offer."""

from __future__ import annotations

from shared.domain.journeys.enrollment import Enrollment
from shared.domain.templates.language import Template
from shared.domain.templates.occasion import NOTHING, Occasion, asks_occasion
from shared.stores.customers import CustomerStore
from shared.stores.event_items import UnreadableEvent


def occasion_of(customers: CustomerStore, run: Enrollment | None, template: Template) -> Occasion:
    """The event that the run names: one more read (a unit per 4 KB), only for templates that say something of it.

    Empty if nobody asks, or if the run was begun by no event (a segment, a date) or by one that was erased since.
    """
    if run is None or not asks_occasion(template.needs):
        return NOTHING
    try:
        event = customers.event(run.trigger.pk, run.trigger.sk)
    except UnreadableEvent:
        return NOTHING
    if event is None:
        return NOTHING
    return Occasion(event.name, event.properties, event.trusted, event.time)
