"""Whether a run begins: what triggers it, and what keeps it from beginning."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from shared.domain.customer import Customer
from shared.domain.facts.fold import CART_CHANGES
from shared.domain.journeys.advance import first_look
from shared.domain.journeys.conditions import Ordered, evidence, nodes_of
from shared.domain.journeys.enrollment import Enrollment, Trigger, earliest_live, enrollment_id
from shared.domain.journeys.language import EventStart, JourneyDefinition, WhenStart
from shared.domain.journeys.stopping import stopped
from shared.domain.keys import CUSTOMER, moment
from shared.domain.profile import Profile
from shared.domain.shop import Shop

ORDERED = "Order Completed"


@dataclass(frozen=True, slots=True)
class Started:
    """A new run, to be looked at first at ``due``."""

    enrollment: Enrollment
    due: datetime


@dataclass(frozen=True, slots=True)
class NotStarted:
    reason: str


def triggers(journey: JourneyDefinition, root: str, old: Customer | None, new: Customer) -> tuple[Trigger, ...]:
    """What in this write of ``customer`` may begin the journey, oldest first."""
    start = journey.start
    if new.state != "live":
        return ()
    if isinstance(start, EventStart):
        found = [Trigger(name, pk, sk, moment(at)) for name, pk, sk, at in new.events if name == start.event]
        return tuple(sorted(found, key=lambda trigger: (trigger.at, trigger.pk, trigger.sk)))
    if new.cart_at is None or (old is not None and old.cart_at == new.cart_at):
        return ()
    changes = [Trigger(name, pk, sk, moment(at)) for name, pk, sk, at in new.events if name in CART_CHANGES]
    if not changes:
        # A link brought a cart along that was filled elsewhere; the run lives on the root then.
        return (Trigger("Cart Changed", root, f"{CUSTOMER}@{new.cart_at}", moment(new.cart_at)),)
    return (max(changes, key=lambda trigger: (trigger.at, trigger.pk, trigger.sk)),)


def may_stop(journey: JourneyDefinition, old: Customer | None, new: Customer) -> bool:
    """True if this write may have ended a run of the journey; a guess that spares reads, never the decision."""
    if journey.stop_when is None or new.state != "live":
        return False
    if any(name == ORDERED for name, _, _, _ in new.events):
        return any(isinstance(node, Ordered) for node in nodes_of(journey.stop_when))
    return new.cart_count == 0 and old is not None and old.cart_count > 0


def start(
    journey: JourneyDefinition,
    trigger: Trigger,
    profile: Profile,
    runs: Iterable[Enrollment],
    last_sent_end: datetime | None,
    shop: Shop,
    release: int,
    now: datetime,
) -> Started | NotStarted:
    """Begin a run, or say why not.

    ``runs`` are all of this journey in the customer's tree; ``last_sent_end`` is when the last run that sent something
    ended. Re-entry is asked at the time of the trigger, so that a late delivery changes nothing.
    """
    if earliest_live(runs, journey.journey) is not None:
        return NotStarted("already_running")
    began = profile.cart.updated_at if isinstance(journey.start, WhenStart) else None
    began = began or trigger.at
    condition = journey.start.if_
    if condition is not None and evidence(condition, profile, began) is None:
        return NotStarted("condition")
    if stopped(journey, profile, began) is not None:
        return NotStarted("stopped")
    if journey.reenter is not None and last_sent_end is not None and began < last_sent_end + journey.reenter.after:
        return NotStarted("too_soon_again")
    home = trigger.pk if trigger.pk in profile.keys else profile.id
    enrollment = Enrollment(
        journey.journey, enrollment_id(journey.journey, trigger), home, release, trigger, trigger.at
    )
    due = first_look(journey, enrollment, profile, shop, now)
    return NotStarted("too_late") if due is None else Started(enrollment, due)
