"""What began the enrollment of a message, read again in the moment of sending: the order, the product, the offer."""

from __future__ import annotations

from datetime import datetime

from shared.domain.journeys.enrollment import Enrollment
from shared.domain.profile.profile import Line, Profile
from shared.domain.templates.definition import Template
from shared.domain.templates.recommendations import MAX_PRODUCTS, RECOMMENDED, ranked
from shared.domain.templates.trigger_event import NOTHING, TriggerEvent, lines_of, needs_trigger_event
from shared.stores.companions import CompanionStore
from shared.stores.customers import CustomerStore
from shared.stores.event_items import UnreadableEvent


def read_trigger_event(
    customers: CustomerStore,
    companions: CompanionStore | None,
    enrollment: Enrollment | None,
    template: Template,
    profile: Profile,
) -> TriggerEvent:
    """The event that the enrollment names: one more read (a unit per 4 KB), only for templates that say something of
    it; two more for those that recommend.

    Empty if nobody asks, or if the enrollment was begun by no event (a segment, a date) or by one that was erased
    since.
    """
    if enrollment is None or not needs_trigger_event(template.needs):
        return NOTHING
    try:
        event = customers.event(enrollment.trigger.pk, enrollment.trigger.sk)
    except UnreadableEvent:
        return NOTHING
    if event is None:
        return NOTHING
    lines = lines_of(event.properties)
    asked = companions is not None and any(name.startswith("recommended.") for name in template.needs)
    recommended = _recommended(companions, lines, profile, event.time) if companions is not None and asked else ()
    return TriggerEvent(event.name, event.properties, event.trusted, event.time, recommended)


def _recommended(
    companions: CompanionStore, lines: tuple[Line, ...], profile: Profile, at: datetime
) -> tuple[Line, ...]:
    """What others bought with the products of the order, without what the customer has, by now, or has in the cart."""
    bought = companions.read(line.product_id for line in lines[:MAX_PRODUCTS])
    owned = {product for order in profile.orders for product, _, _ in order.products}
    owned |= {line.product_id for line in (*lines, *profile.cart.items)}
    best = ranked(bought.values(), owned)[:RECOMMENDED]
    known = companions.read(best)
    return tuple(Line(product, 1, at, known[product].shown) for product in best if product in known)
