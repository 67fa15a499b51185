"""Begins and stops enrollments when a customer changed. Restarting a clock writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from msgspec.structs import replace

from functions.schedule.customer_enrollments import CustomerEnrollments, explained, read_customer_enrollments
from functions.schedule.journey_events import write_own_events
from functions.schedule.unreadable import POISON
from shared.domain.definitions.release import Release
from shared.domain.journeys.advance import Advance, Arm, CustomerChanged, Note, SetTraits, Skip, advance
from shared.domain.journeys.competing_enrollments import Place, SentSteps
from shared.domain.journeys.definition import JourneyDefinition
from shared.domain.journeys.enrollment import Enrollment, Trigger, to_item
from shared.domain.journeys.evidence import Rules
from shared.domain.journeys.outcomes import Outcomes, sent_something
from shared.domain.journeys.start import (
    NotStarted,
    Started,
    asks_event,
    may_go_on,
    may_stop,
    named_by,
    start,
    triggers,
)
from shared.domain.profile.customer_item import Customer
from shared.ports import Conflict
from shared.queries.enrollment_outcomes import read_outcomes, read_sent_steps
from shared.stores.customers import CustomerStore
from shared.stores.journey_controls import JourneyControls
from shared.stores.ledger import Ledger
from shared.stores.releases import Releases
from shared.stores.timers import Timers

RECENT = 3
"""Releases before the current one whose enrollments are woken at once by what they wait for."""


class ReleaseUnknown(Exception):
    """The release of an enrollment cannot be read as a whole yet: decide nothing and try again."""


class Scheduling:
    """The only writer of enrollments. Everything in it may be repeated at any point (docs/architecture.md#timers)."""

    def __init__(
        self,
        store: CustomerStore,
        timers: Timers,
        ledger: Ledger,
        releases: Releases,
        controls: JourneyControls,
        told: Callable[[str, str], None] = lambda _journey, _reason: None,
        begun: Callable[[Enrollment], None] = lambda _enrollment: None,
    ) -> None:
        """``told`` hears of each enrollment that does not begin, with the journey and the reason; ``begun`` of each
        that is stored."""
        self._told = told
        self._begun = begun
        self._store = store
        self._timers = timers
        self._ledger = ledger
        self._releases = releases
        self._controls = controls
        self._rules: tuple[Release, Rules] | None = None
        self._waits: tuple[int, dict[str, frozenset[str]]] | None = None

    def customer_changed(self, root: str, old: Customer | None, new: Customer, now: datetime) -> None:
        """A write of ``customer``: end what its exit rule ends, wake what waited for it, begin what it triggers.

        Reads nothing if no journey can care.

        Raises
        ------
        Conflict, Throttled
            Come again with the same images.
        ValueError, ...
            Something of it cannot be read (``POISON``); everything else of it was done.
        """
        release = self._releases.current()
        found = {journey.journey: triggers(journey, root, old, new, now) for journey in release.journeys}
        concerned = {name for name, begun in found.items() if begun}
        concerned |= {one.journey for one in release.journeys if may_stop(one, old, new)}
        concerned |= {name for name, waited in self._waited(release).items() if may_go_on(waited, new)}
        if not concerned:
            return
        customer = read_customer_enrollments(self._store, root)
        groups = {one.group for one in release.journeys if one.journey in concerned and one.group}
        broken: list[Exception] = []
        enrollments: list[Enrollment] = []
        for enrollment in customer.enrollments:
            asked = enrollment.journey in concerned or enrollment.group in groups
            enrollments.append(self._stopped_or_not(enrollment, customer, now, broken) if asked else enrollment)
        for journey in release.journeys:
            for trigger in found[journey.journey]:
                try:
                    begun = self._begin(release, journey, trigger, customer, enrollments, now)
                except POISON as unreadable:
                    broken.append(unreadable)
                else:
                    enrollments += [begun] if begun else []
        if broken:
            raise broken[0]

    def _stopped_or_not(
        self, enrollment: Enrollment, customer: CustomerEnrollments, now: datetime, broken: list[Exception]
    ) -> Enrollment:
        """The enrollment, ended if its exit rule holds. One that cannot be decided does not stop the others; its timer
        reports it later."""
        try:
            return self.stop_if_due(enrollment, customer, now)
        except ReleaseUnknown:
            return enrollment
        except POISON as unreadable:
            broken.append(unreadable)
            return enrollment

    def _waited(self, release: Release) -> dict[str, frozenset[str]]:
        """The events that enrollments of each journey wait for, under this release and the few before it.

        An enrollment keeps its release. Enrollments of older releases find the event when their waiting time is over.
        """
        if self._waits is None or self._waits[0] != release.number:
            names: dict[str, set[str]] = {}
            before = (self._releases.get(number) for number in range(max(1, release.number - RECENT), release.number))
            for known in (release, *(one for one in before if one is not None)):
                for journey in known.journeys:
                    names.setdefault(journey.journey, set()).update(one.wait_for.event for one in journey.plan.waits)
            self._waits = (release.number, {name: frozenset(waited) for name, waited in names.items() if waited})
        return self._waits[1]

    def customer_enrollments(self, key: str) -> CustomerEnrollments:
        return read_customer_enrollments(self._store, key)

    def definition(self, enrollment: Enrollment) -> tuple[Release, JourneyDefinition | None]:
        """The release that the enrollment pins, and its journey there."""
        release = self._releases.get(enrollment.release)
        if release is None:
            raise ReleaseUnknown(f"release {enrollment.release}")
        return release, release.journey(enrollment.journey)

    def rules(self, release: Release) -> Rules:
        """The settings of the shop that conditions depend on."""
        if self._rules is None or self._rules[0] is not release:
            self._rules = (release, Rules.of(release))
        return self._rules[1]

    def carry_out(self, step: Advance, enrollment: Enrollment, customer: CustomerEnrollments) -> None:
        """Writes what a step adds to the customer's log, before the enrollment records the step as done."""
        if any(isinstance(effect, SetTraits | Note) for effect in step.effects):
            write_own_events(self._store, enrollment, step, customer.tree)

    def switch(self, journey: str, enrollment: Enrollment | None = None) -> str:
        """``running``, ``paused`` or ``stopped``; an enrollment from before a stop stays stopped."""
        return self._controls.of(journey, enrollment.began if enrollment is not None else None)

    def switched_at(self, enrollment: Enrollment) -> str:
        """When the switch of its journey was set that counts for the enrollment; empty if it never was."""
        return self._controls.changed_at(enrollment.journey, enrollment.began)

    def outcomes(self, journey: JourneyDefinition, enrollment: Enrollment, now: datetime) -> Outcomes:
        return read_outcomes(self._ledger, journey, enrollment, now)

    def sent_steps(
        self, enrollment: Enrollment, outcomes: Outcomes, customer: CustomerEnrollments, now: datetime
    ) -> Mapping[Place, SentSteps]:
        """How far the messages of this enrollment came, and those of other enrollments of its journey; empty if it is
        alone.

        Enrollments that were stopped by hand are left out.
        """

        def pinned(one: Enrollment) -> JourneyDefinition | None:
            release = self._releases.get(one.release)
            return None if release is None else release.journey(one.journey)

        met = [one for one in customer.enrollments if not one.live or self.switch(one.journey, one) != "stopped"]
        return read_sent_steps(self._ledger, pinned, enrollment, outcomes, met, customer.profile, now)

    def bump(self, enrollment: Enrollment, customer: CustomerEnrollments) -> None:
        """Raises the version, so that whoever read this enrollment decides again. Conflict if it was changed
        meanwhile."""
        self.store(enrollment, enrollment, customer)

    def record_skips(self, step: Advance, root: str, now: datetime) -> None:
        """Records skips in the ledger, so that it says for every message why it was not sent."""
        for effect in step.effects:
            if isinstance(effect, Skip):
                self._ledger.skip(effect.request, root, effect.why, now)

    def store(self, before: Enrollment, after: Enrollment, customer: CustomerEnrollments) -> Enrollment:
        """Writes the enrollment on condition of the version that was read. Conflict if it was changed meanwhile."""
        _, journey = self.definition(before)
        after = replace(explained(after, customer.tree), version=before.version + 1)
        self._store.put_enrollment(after.home, _item(after, journey), expect={"version": before.version})
        return after

    def stop_if_due(self, enrollment: Enrollment, customer: CustomerEnrollments, now: datetime) -> Enrollment:
        """The enrollment, ended if its exit rule says so now; correctness does not depend on this being prompt.

        If what it waited for came about, a timer of the next minute acts on it.
        """
        if not enrollment.live:
            return enrollment
        release, journey = self.definition(enrollment)
        if journey is None:
            return enrollment
        outcomes = read_outcomes(self._ledger, journey, enrollment, now)
        step = advance(journey, enrollment, CustomerChanged(), customer.profile, outcomes, self.rules(release), now)
        for effect in step.effects:
            if isinstance(effect, Arm):
                self._timers.arm(
                    "journey", effect.due, enrollment.home, enrollment.ref, enrollment.version, effect.step
                )
        if step.enrollment is enrollment:
            return enrollment
        self.record_skips(step, customer.tree.root, now)
        return self.store(enrollment, step.enrollment, customer)

    def _begin(
        self,
        release: Release,
        journey: JourneyDefinition,
        trigger: Trigger,
        customer: CustomerEnrollments,
        enrollments: list[Enrollment],
        now: datetime,
    ) -> Enrollment | None:
        """Timer first, then the enrollment: a crash between the two leaves a timer that finds nothing."""
        if self.switch(journey.journey) != "running":
            return None
        if asks_event(journey):
            event = self._store.event(trigger.pk, trigger.sk)
            named = named_by(journey, trigger, None if event is None else event.properties)
            if isinstance(named, NotStarted):
                self._told(journey.journey, named.reason)
                return None
            trigger = named
        # Those that a stop ends when they are looked at stand in nobody's way; ended ones count as ever.
        enrollments = [
            enrollment
            for enrollment in enrollments
            if not enrollment.live or self.switch(enrollment.journey, enrollment) != "stopped"
        ]
        last = self._last_sent_end(journey, enrollments, trigger.at, now)
        begun = start(
            journey, trigger, customer.profile, enrollments, last, self.rules(release), release.number, now
        )  # fmt: skip
        if not isinstance(begun, Started):
            self._told(journey.journey, begun.reason)
            return None
        enrollment = replace(begun.enrollment, version=1, begun_at=now)
        if any((known.home, known.ref) == (enrollment.home, enrollment.ref) for known in enrollments):
            return None  # this event began it before
        self._timers.arm("journey", begun.due, enrollment.home, enrollment.ref, enrollment.version, begun.step)
        try:
            self._store.put_enrollment(enrollment.home, _item(enrollment, journey), expect={"pk": None})
        except Conflict:
            return None
        self._begun(enrollment)
        return enrollment

    def _last_sent_end(
        self, journey: JourneyDefinition, enrollments: list[Enrollment], began: datetime, now: datetime
    ) -> datetime | None:
        """When the last enrollment that sent something ended. Enrollments that sent nothing do not count."""
        if journey.reenter is None:
            return None
        ends = [
            enrollment.end.at
            for enrollment in enrollments
            if enrollment.journey == journey.journey
            and enrollment.end is not None
            and enrollment.end.at + journey.reenter.after > began
            and self._sent(enrollment, now)
        ]
        return max(ends, default=None)

    def _sent(self, enrollment: Enrollment, now: datetime) -> bool:
        if enrollment.clock is not None:
            return True  # only a message freezes it
        try:
            _, journey = self.definition(enrollment)
        except ReleaseUnknown:
            return True  # rather silent for the time of re-entry than twice
        return journey is not None and sent_something(read_outcomes(self._ledger, journey, enrollment, now).values())


def _item(enrollment: Enrollment, journey: JourneyDefinition | None) -> dict[str, object]:
    return to_item(enrollment, journey.reenter.after) if journey and journey.reenter else to_item(enrollment)
