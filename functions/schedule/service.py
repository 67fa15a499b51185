"""Starting and stopping runs when a customer changed. Restarting a clock costs nothing: nothing is written for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

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
"""Releases before the current one whose runs are woken at once by what they wait for."""


class ReleaseUnknown(Exception):
    """A run pins a release that cannot be read whole: come again, decide nothing without it."""


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
    ) -> None:
        """``told`` hears of each run that does not begin, with the journey and the reason."""
        self._told = told
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
        runs: list[Enrollment] = []
        for run in customer.runs:
            asked = run.journey in concerned or run.group in groups
            runs.append(self._stopped_or_not(run, customer, now, broken) if asked else run)
        for journey in release.journeys:
            for trigger in found[journey.journey]:
                try:
                    begun = self._begin(release, journey, trigger, customer, runs, now)
                except POISON as unreadable:
                    broken.append(unreadable)
                else:
                    runs += [begun] if begun else []
        if broken:
            raise broken[0]

    def _stopped_or_not(
        self, run: Enrollment, customer: CustomerEnrollments, now: datetime, broken: list[Exception]
    ) -> Enrollment:
        """One run that cannot be decided costs the others nothing; its timer says so in the end."""
        try:
            return self.stop_if_due(run, customer, now)
        except ReleaseUnknown:
            return run
        except POISON as unreadable:
            broken.append(unreadable)
            return run

    def _waited(self, release: Release) -> dict[str, frozenset[str]]:
        """The events that runs of each journey wait for, under this release and the few before it: a run keeps its
        own. Runs of older ones find what came when their time is over."""
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

    def definition(self, run: Enrollment) -> tuple[Release, JourneyDefinition | None]:
        """The release that the run pins, and its journey there."""
        release = self._releases.get(run.release)
        if release is None:
            raise ReleaseUnknown(f"release {run.release}")
        return release, release.journey(run.journey)

    def rules(self, release: Release) -> Rules:
        """What conditions are asked by."""
        if self._rules is None or self._rules[0] is not release:
            self._rules = (release, Rules.of(release))
        return self._rules[1]

    def carry_out(self, step: Advance, run: Enrollment, customer: CustomerEnrollments) -> None:
        """What a step writes into the customer's log, before the run says that it is done; nothing for most."""
        if any(isinstance(effect, SetTraits | Note) for effect in step.effects):
            write_own_events(self._store, run, step, customer.tree)

    def switch(self, journey: str, run: Enrollment | None = None) -> str:
        """``running``, ``paused`` or ``stopped``; a run from before a stop stays stopped."""
        return self._controls.of(journey, run.began if run is not None else None)

    def outcomes(self, journey: JourneyDefinition, run: Enrollment, now: datetime) -> Outcomes:
        return read_outcomes(self._ledger, journey, run, now)

    def sent_steps(
        self, run: Enrollment, outcomes: Outcomes, customer: CustomerEnrollments, now: datetime
    ) -> Mapping[Place, SentSteps]:
        """How far the messages of this run came, and of those of the same journey that it met; nothing if it is
        alone. One that was stopped by hand, and ends when it is looked at, is of another story."""

        def pinned(one: Enrollment) -> JourneyDefinition | None:
            release = self._releases.get(one.release)
            return None if release is None else release.journey(one.journey)

        met = [one for one in customer.runs if not one.live or self.switch(one.journey, one) != "stopped"]
        return read_sent_steps(self._ledger, pinned, run, outcomes, met, customer.profile, now)

    def bump(self, run: Enrollment, customer: CustomerEnrollments) -> None:
        """Whoever decides from what was read of this run must look again; Conflict if it moved itself."""
        self.store(run, run, customer)

    def record_skips(self, step: Advance, root: str, now: datetime) -> None:
        """Skips get their place in the ledger, so that "why not" has an answer there too."""
        for effect in step.effects:
            if isinstance(effect, Skip):
                self._ledger.skip(effect.request, root, effect.why, now)

    def store(self, before: Enrollment, after: Enrollment, customer: CustomerEnrollments) -> Enrollment:
        """Write the run on condition of the version it was read at; Conflict if it moved meanwhile."""
        _, journey = self.definition(before)
        after = replace(explained(after, customer.tree), version=before.version + 1)
        self._store.put_enrollment(after.home, _item(after, journey), expect={"version": before.version})
        return after

    def stop_if_due(self, run: Enrollment, customer: CustomerEnrollments, now: datetime) -> Enrollment:
        """The run, ended if its exit rule says so now; correctness does not depend on this being prompt.

        If what it waited for came about, a timer of the next minute acts on it.
        """
        if not run.live:
            return run
        release, journey = self.definition(run)
        if journey is None:
            return run
        outcomes = read_outcomes(self._ledger, journey, run, now)
        step = advance(journey, run, CustomerChanged(), customer.profile, outcomes, self.rules(release), now)
        for effect in step.effects:
            if isinstance(effect, Arm):
                self._timers.arm("journey", effect.due, run.home, run.ref, run.version, effect.step)
        if step.enrollment is run:
            return run
        self.record_skips(step, customer.tree.root, now)
        return self.store(run, step.enrollment, customer)

    def _begin(
        self,
        release: Release,
        journey: JourneyDefinition,
        trigger: Trigger,
        customer: CustomerEnrollments,
        runs: list[Enrollment],
        now: datetime,
    ) -> Enrollment | None:
        """Timer first, then the run if it is not there: a crash between the two leaves a timer that finds nothing."""
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
        runs = [run for run in runs if not run.live or self.switch(run.journey, run) != "stopped"]
        last = self._last_sent_end(journey, runs, trigger.at, now)
        begun = start(
            journey, trigger, customer.profile, runs, last, self.rules(release), release.number, now
        )  # fmt: skip
        if not isinstance(begun, Started):
            self._told(journey.journey, begun.reason)
            return None
        run = replace(begun.enrollment, version=1, begun_at=now)
        if any((known.home, known.ref) == (run.home, run.ref) for known in runs):
            return None  # this event began it before
        self._timers.arm("journey", begun.due, run.home, run.ref, run.version, begun.step)
        try:
            self._store.put_enrollment(run.home, _item(run, journey), expect={"pk": None})
        except Conflict:
            return None
        return run

    def _last_sent_end(
        self, journey: JourneyDefinition, runs: list[Enrollment], began: datetime, now: datetime
    ) -> datetime | None:
        """When the last run that sent something ended: runs that sent nothing block nothing."""
        if journey.reenter is None:
            return None
        ends = [
            run.end.at
            for run in runs
            if run.journey == journey.journey
            and run.end is not None
            and run.end.at + journey.reenter.after > began
            and self._sent(run, now)
        ]
        return max(ends, default=None)

    def _sent(self, run: Enrollment, now: datetime) -> bool:
        if run.clock is not None:
            return True  # only a message freezes it
        try:
            _, journey = self.definition(run)
        except ReleaseUnknown:
            return True  # rather silent for the time of re-entry than twice
        return journey is not None and sent_something(read_outcomes(self._ledger, journey, run, now).values())


def _item(run: Enrollment, journey: JourneyDefinition | None) -> dict[str, object]:
    return to_item(run, journey.reenter.after) if journey and journey.reenter else to_item(run)
