"""What keeps enrollments from being begun without end: by pages, by one customer, by orders that are told again."""

from __future__ import annotations

from datetime import timedelta

from shared.domain.facts.features import ORDER_ID
from shared.domain.journeys.definition import JourneyDefinition
from shared.domain.journeys.enrollment import KEPT_AFTER_END, Enrollment
from shared.domain.profile.profile import Profile

ORDERED = "Order Completed"
MOST_LIVE = 50
"""Live enrollments that a customer may have in one journey (``one_per``)."""
MOST_PUBLIC, PUBLIC_TIME = 5, timedelta(hours=1)
"""Of those that pages and apps began, so many in so long: a confirmation needs no consent."""
PUBLIC = "#p"


def too_many(journey: JourneyDefinition, enrollment: Enrollment, own: list[Enrollment]) -> bool:
    """Every enrollment is read with every event of its customer, and a page may report what it likes."""
    if sum(other.live for other in own) >= MOST_LIVE:
        return True
    if not _told_by_anyone(enrollment) or all(step.purpose == "marketing" for step in journey.sends):
        return False
    near = (other for other in own if abs(other.started_at - enrollment.started_at) < PUBLIC_TIME)
    return sum(_told_by_anyone(other) for other in near) >= MOST_PUBLIC


def _told_by_anyone(enrollment: Enrollment) -> bool:
    """Begun by an event of a public source: the end of an event's key says so."""
    return enrollment.trigger.sk.endswith(PUBLIC)


def known_order(journey: JourneyDefinition, enrollment: Enrollment, profile: Profile) -> bool:
    """An order that was completed long before this event: its enrollment may be forgotten by now."""
    if journey.one_per != ORDER_ID or enrollment.trigger.name != ORDERED:
        return False
    return any(
        order.id == enrollment.one and order.at < enrollment.trigger.at - KEPT_AFTER_END for order in profile.orders
    )
