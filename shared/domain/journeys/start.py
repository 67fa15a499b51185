"""Whether an enrollment begins: what triggers it, and what keeps it from beginning."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, assert_never

from msgspec import Struct
from msgspec.structs import replace

from shared.domain.definitions.value_test import matches
from shared.domain.facts import values
from shared.domain.facts.fold import CART_CHANGES
from shared.domain.identity.keys import CUSTOMER, moment
from shared.domain.journeys.advance import first_wake_up
from shared.domain.journeys.conditions import Bought, Ordered, SameOrder, nodes_of
from shared.domain.journeys.definition import (
    DateStart,
    EnteredStart,
    EventStart,
    JourneyDefinition,
    LeftStart,
    WhenStart,
)
from shared.domain.journeys.enrollment import Enrollment, Trigger, enrollment_id
from shared.domain.journeys.evidence import ConditionContext, Rules, evidence
from shared.domain.journeys.exit_rule import stopped
from shared.domain.journeys.start_definition import day_segment
from shared.domain.journeys.start_limits import ORDERED, known_order, too_many
from shared.domain.profile.customer_item import Customer
from shared.domain.profile.profile import Profile
from shared.domain.segments.state_rules import CartIs
from shared.domain.time.dates import read_date
from shared.domain.time.local_time import on_day, zone_of

ORDER_CHANGES = frozenset({ORDERED, "Order Cancelled", "Order Refunded"})
SAME_DAY = timedelta(days=2)
"""A customer who flies west or corrects his date has the same day twice: it begins one enrollment."""
SAME_YEAR = timedelta(days=300)


class Started(Struct, frozen=True):
    """A new enrollment, to be looked at first at ``due``; ``step``: what it waits for then."""

    enrollment: Enrollment
    due: datetime
    step: str = ""


class NotStarted(Struct, frozen=True):
    reason: str


def triggers(
    journey: JourneyDefinition, root: str, old: Customer | None, new: Customer, now: datetime
) -> tuple[Trigger, ...]:
    """What in this write of ``customer`` may begin the journey, oldest first."""
    if new.state != "live" or new.history:
        return ()
    start = journey.start
    match start:
        case EventStart():
            found = [Trigger(name, pk, sk, moment(at)) for name, pk, sk, at in new.events if name == start.event]
            return tuple(sorted(found, key=lambda trigger: (trigger.at, trigger.pk, trigger.sk)))
        case WhenStart():
            return _cart_changed(root, old, new)
        case EnteredStart():
            return _entered(start.entered, root, new, now, existing=start.existing)
        case DateStart():
            return _entered(day_segment(journey.journey), root, new, now, existing=False)
        case LeftStart():
            return _left(start.left, root, new, now)
        case _:
            assert_never(start)


def _cart_changed(root: str, old: Customer | None, new: Customer) -> tuple[Trigger, ...]:
    if new.cart_at is None or (old is not None and old.cart_at == new.cart_at):
        return ()
    changes = [Trigger(name, pk, sk, moment(at)) for name, pk, sk, at in new.events if name in CART_CHANGES]
    if not changes:
        # A link brought a cart along that was filled elsewhere; the enrollment lives on the root then.
        return (Trigger("Cart Changed", root, f"{CUSTOMER}@{new.cart_at}", moment(new.cart_at)),)
    return (max(changes, key=lambda trigger: (trigger.at, trigger.pk, trigger.sk)),)


def _entered(segment: str, root: str, new: Customer, now: datetime, *, existing: bool) -> tuple[Trigger, ...]:
    """Once per membership: the key holds since when. Who is in by a new rule counts from now, if at all."""
    since = new.segments.get(segment)
    by_rule = segment in new.backfilled
    if segment not in new.entered or since is None or (by_rule and not existing):
        return ()
    at = now if by_rule else moment(since)
    return (Trigger(f"Entered {segment}", root, f"{CUSTOMER}@{segment}@{since}", at),)


def _left(segment: str, root: str, new: Customer, now: datetime) -> tuple[Trigger, ...]:
    """Once per change of the customer in which the membership ended: the version is in the key."""
    if segment not in new.left or segment in new.backfilled:
        return ()
    left_at = new.left_at.get(segment)
    at = now if left_at is None else moment(left_at)
    return (Trigger(f"Left {segment}", root, f"{CUSTOMER}@{segment}@v{new.version}", at),)


def may_stop(journey: JourneyDefinition, old: Customer | None, new: Customer) -> bool:
    """True if this change of the customer may end an enrollment of the journey. It only spares reads; it decides
    nothing."""
    if journey.stop_when is None or new.state != "live":
        return False
    names = {name for name, _, _, _ in new.events}
    for node in nodes_of(journey.stop_when):
        if isinstance(node, Ordered | Bought) and ORDERED in names:
            return True
        if isinstance(node, SameOrder) and names & ORDER_CHANGES:
            return True
        if isinstance(node, CartIs) and new.cart_count == 0 and old is not None and old.cart_count > 0:
            return True
    return False


def may_go_on(waited: frozenset[str], new: Customer) -> bool:
    """True if this change of the customer may contain an event that an enrollment waits for."""
    return new.state == "live" and any(name in waited for name, _, _, _ in new.events)


def asks_event(journey: JourneyDefinition) -> bool:
    """Whether the journey needs more of the event that begins it than its name: then it is read."""
    start = journey.start
    return isinstance(start, EventStart) and (start.where is not None or bool(journey.asked))


def named_by(
    journey: JourneyDefinition, trigger: Trigger, properties: Mapping[str, Any] | None
) -> Trigger | NotStarted:
    """The trigger with the properties that the journey asks for; ``properties`` is None if the event is gone."""
    start = journey.start
    if not isinstance(start, EventStart):
        return trigger
    if properties is None:
        return NotStarted("event_gone")
    if start.where is not None and not matches(start.where, properties):
        return NotStarted("where")
    moments = journey.moments
    read = {
        name: _instant(said) if name in moments else values.id_of(said)
        for name, said in properties.items()
        if name in journey.asked
    }
    return replace(trigger, values={name: read[name] for name in sorted(read) if read[name]})


def _instant(said: Any) -> str:
    """An instant as it was written, in whichever form; nothing if it is none. An id would be a digest of some forms."""
    return said.strip() if read_date(said) is not None else ""


def start(
    journey: JourneyDefinition,
    trigger: Trigger,
    profile: Profile,
    enrollments: Iterable[Enrollment],
    last_sent_end: datetime | None,
    rules: Rules,
    release: int,
    now: datetime,
) -> Started | NotStarted:
    """Begin an enrollment, or say why not.

    ``enrollments`` are all in the customer's tree, of every journey; ``last_sent_end`` is when the last enrollment of
    this one that sent something ended. Re-entry is asked at the time of the trigger, so that a late delivery changes
    nothing.
    """
    began = profile.cart.updated_at if isinstance(journey.start, WhenStart) else None
    began = began or trigger.at
    enrollment = _enrollment(journey, trigger, profile, rules, release, now)
    if isinstance(journey.start, EnteredStart | LeftStart) and now >= trigger.at + journey.plan.worth_starting:
        return NotStarted("entered_before")
    reason = _held_off(journey, enrollment, list(enrollments))
    if reason is not None:
        return NotStarted(reason)
    if known_order(journey, enrollment, profile):
        return NotStarted("already_began")
    at = ConditionContext(profile, rules, now, began, trigger.values)
    condition = journey.start.if_
    if condition is not None and evidence(condition, at) is None:
        return NotStarted("condition")
    if stopped(journey, at) is not None:
        return NotStarted("stopped")
    if journey.reenter is not None and last_sent_end is not None and began < last_sent_end + journey.reenter.after:
        return NotStarted("too_soon_again")
    look = first_wake_up(journey, enrollment, profile, rules, now)
    return NotStarted("too_late") if look is None else Started(enrollment, look.at, look.step)


def _enrollment(
    journey: JourneyDefinition, trigger: Trigger, profile: Profile, rules: Rules, release: int, now: datetime
) -> Enrollment:
    """An enrollment of a day begins at its time of the customer's clock, however early the day was noticed."""
    home = trigger.pk if trigger.pk in profile.keys else profile.id
    one = trigger.values.get(journey.one_per, "") if journey.one_per is not None else ""
    at = trigger.at
    if isinstance(journey.start, DateStart):
        at = on_day(at, zone_of(profile, rules.shop, now), journey.start.at)
    return Enrollment(
        journey.journey,
        enrollment_id(journey.journey, trigger, home, one),
        home,
        release,
        trigger,
        at,
        one=one,
        group=journey.group or "",
        priority=journey.priority,
    )


def _held_off(journey: JourneyDefinition, enrollment: Enrollment, enrollments: list[Enrollment]) -> str | None:
    """What keeps this enrollment from beginning beside the others: ``no_value``, ``already_began``,
    ``already_running``, ``group_busy``, ``too_many``."""
    own = [other for other in enrollments if other.journey == enrollment.journey]
    if journey.one_per is not None:
        if not enrollment.one:
            return "no_value"
        if any(other.one == enrollment.one for other in own):
            return "already_began"
        if too_many(journey, enrollment, own):
            return "too_many"
    elif any(other.live for other in own):
        return "already_running"
    if isinstance(journey.start, DateStart):
        near = min((journey.start.before or timedelta()) + SAME_DAY, SAME_YEAR)
        if any(abs(other.started_at - enrollment.started_at) < near for other in own):
            return "already_began"
    others = (other for other in enrollments if other.live and other.journey != enrollment.journey)
    busy = any(
        enrollment.group and other.group == enrollment.group and other.priority >= enrollment.priority
        for other in others
    )
    return "group_busy" if busy else None
