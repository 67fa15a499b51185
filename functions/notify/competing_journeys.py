"""Which other journeys of this customer are about to send, and go first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from shared.domain.journeys.definition import JourneyDefinition
from shared.domain.journeys.enrollment import Enrollment, HandedOver, from_item
from shared.domain.journeys.evidence import Rules
from shared.domain.messages.message import UNREACHABLE, Failed, Skipped, State
from shared.domain.messages.priority import TURN, CompetingJourney
from shared.domain.messages.request import SendRequest, message_id
from shared.domain.profile.profile import Profile
from shared.queries.customer_tree import Tree
from shared.stores.journey_controls import JourneyControls
from shared.stores.ledger import Ledger
from shared.stores.releases import Releases


def competing_journeys(
    request: SendRequest,
    tree: Tree,
    profile: Profile,
    releases: Releases,
    ledger: Ledger,
    journeys: JourneyControls,
    now: datetime,
) -> tuple[CompetingJourney, ...]:
    """Live enrollments of a higher priority: with the time of their next commercial step, or now if one lies in a
    queue.

    Everything was read with the customer, except what became of a step handed over in these minutes: one request, then.
    """
    found = []
    live = list(_live(tree)) if _has_others(tree, request) else []
    for enrollment in (one for one in live if one.journey != request.journey and one.priority > request.priority):
        release = releases.get(enrollment.release)
        journey = release.journey(enrollment.journey) if release else None
        if release is None or journey is None or journeys.of(enrollment.journey, enrollment.began) != "running":
            continue
        if _stands_back(enrollment, live):
            continue
        if any(_in_a_queue(enrollment, step, ledger) for step in _just_handed(enrollment, journey, now)):
            found.append(CompetingJourney(enrollment.journey, enrollment.priority, now))
            continue
        from shared.domain.journeys.next_send import next_send  # seldom needed, and paid at each cold start

        coming = next_send(journey, enrollment, profile, Rules.of(release), now)
        if coming is not None:
            found.append(CompetingJourney(enrollment.journey, enrollment.priority, coming[1]))
    return tuple(found)


def _has_others(tree: Tree, request: SendRequest) -> bool:
    """Whether any enrollment of another journey is live: most customers have none."""
    items = (item for member in tree.members for item in member.control.enrollments)
    return any(item["state"] == "live" and item["journey"] != request.journey for item in items)


def _live(tree: Tree) -> Iterator[Enrollment]:
    return (
        from_item(item) for member in tree.members for item in member.control.enrollments if item["state"] == "live"
    )


def _stands_back(enrollment: Enrollment, live: Iterable[Enrollment]) -> bool:
    """Another journey of its group goes before it, or is paused and may: this enrollment says nothing meanwhile."""
    return bool(enrollment.group) and any(
        other.group == enrollment.group and other.journey != enrollment.journey and other.priority > enrollment.priority
        for other in live
    )


def _just_handed(enrollment: Enrollment, journey: JourneyDefinition, now: datetime) -> Iterator[str]:
    """Commercial steps that were handed over so short a time ago that they may not be decided yet."""
    for name, progress in enrollment.steps.items():
        step = journey.step(name)
        if isinstance(progress, HandedOver) and now - progress.at < TURN and step and step.purpose == "marketing":
            yield name


def _in_a_queue(enrollment: Enrollment, step: str, ledger: Ledger) -> bool:
    handed = enrollment.steps[step]
    assert isinstance(handed, HandedOver)  # noqa: S101  _just_handed says so
    ids = [message_id(enrollment.home, enrollment.journey, enrollment.id, step, channel) for channel in handed.channels]
    records = ledger.get_many(ids)
    for name in ids:
        record = records.get(name)
        if record is None or record.state is State.CLAIMED:
            return True
        unreached = isinstance(record.outcome, Skipped | Failed) and record.outcome.reason in UNREACHABLE
        if not unreached:
            return False
    return False
