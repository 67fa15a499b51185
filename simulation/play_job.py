"""Goes on with a dry run that was asked for: some customers at a time, each time in a deployment of their own."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from shared.adapters.phones import phone_reader
from shared.domain.definitions.drafts import Draft, with_drafts
from shared.domain.definitions.release import Release
from shared.domain.identity.keys import moment, time_text
from shared.domain.messages.message import Record
from shared.ports import Clock, Conflict
from shared.queries.customer_tree import UNREADABLE, load_tree
from shared.stores.customers import SHARDS, CustomerStore
from shared.stores.dry_runs import DIED, OPEN, DryRunJob, DryRuns, Totals
from shared.stores.ledger import Ledger, read_record
from shared.stores.releases import Releases
from simulation.costs import cost_of
from simulation.dry_run import DryRun, dry_run
from simulation.needed_segments import needed_segments
from simulation.stored import TooMany, customer_story
from simulation.stories import Story, agreement
from simulation.world import GivenUp, World

AT_ONCE = 25
"""Customers of one part."""
MOST_EVENTS = 5_000
"""Of one part, and of one identifier: a part takes some 15 seconds of a core and 300 MB at most."""
SHOWN = 40
"""Customers of a part that are kept, and messages of one of them."""
MESSAGES = 200
"""Real messages of one identifier that are looked at."""


class Invalid(Exception):
    """The journey does not fit what is published any more."""


@dataclass(frozen=True, slots=True)
class JobPlayer:
    """``play`` returns whether there is more to do."""

    customers: CustomerStore
    ledger: Ledger
    releases: Releases
    runs: DryRuns
    clock: Clock

    def play(self, name: str, time_left: Callable[[], bool]) -> bool:
        """Parts until the time is nearly over; progress is saved after each. A run that somebody else goes on with, or
        stopped, is left alone; one that died goes on if somebody sends its message again."""
        job = self.runs.get(name)
        if job is None or not (job.state in OPEN or job.error == DIED):
            return False
        try:
            release = self._release(job)
        except Invalid:
            self._end(job, "failed", "invalid")
            return False
        try:
            while (job.state in OPEN or job.error == DIED) and time_left():
                job = self._part(job, release)
        except Conflict:
            return False
        return job.state in OPEN

    def gave_up(self, name: str) -> None:
        """Says of a run whose last try failed that it died, unless it is over."""
        job = self.runs.get(name)
        if job is not None and job.state in OPEN:
            self._end(job, "failed", DIED)

    def _release(self, job: DryRunJob) -> Release:
        """The release with the journey in the place of its namesake; the others rest."""
        release = self.releases.get(job.release)
        if release is None:
            raise Invalid
        draft = Draft(f"journey/{job.journey}", json.loads(job.content), "", "", "", 1)
        checked = with_drafts(release, [draft])
        if checked.bundle is None:
            raise Invalid
        made = checked.bundle.release()
        journeys = tuple(one for one in made.journeys if one.journey == job.journey)
        return replace(made, journeys=journeys, segments=needed_segments(journeys, made.segments))

    def _end(self, job: DryRunJob, state: Any, error: str = "") -> DryRunJob:
        return self.runs.put(replace(job, state=state, error=error), self.clock.now())

    def _part(self, job: DryRunJob, release: Release) -> DryRunJob:
        """The next customers of a shard; each shard has its share of what is left."""
        taken = job.totals.customers + job.totals.left_out
        share = -(-(job.limit - (taken - job.of_shard)) // (SHARDS - job.shard)) - job.of_shard
        roots = self.customers.live_after(job.shard, job.after, limit=min(share, AT_ONCE)) if share > 0 else []
        if not roots and job.shard + 1 < SHARDS:
            return self._part(replace(job, shard=job.shard + 1, after="", of_shard=0), release)
        if not roots:
            return self._end(job, "done")
        world = World(release, datetime(2000, 1, 1, tzinfo=UTC))
        story, used, left_out = self._story(roots, release, world)
        since, until = moment(job.since), moment(job.until)
        agreed = agreement(story.names, since) if job.agreed else ()
        try:
            done = dry_run(release, story, world, since=since, until=until, agreed=agreed)
        except GivenUp:  # a function gave a record of theirs up: the rest of the customers are played all the same
            return self._went_on(job, used, Totals(left_out=len(used)))
        was = {root: self._real(job, keys) for root, keys in used.items()}
        totals = _totals(done, len(used) - left_out, left_out, was, job.sms_price)
        people = _people(done, was)
        self.runs.put_part(job, people[:SHOWN], self.clock.now())
        return self._went_on(job, used, totals)

    def _went_on(self, job: DryRunJob, used: Collection[str], totals: Totals) -> DryRunJob:
        after = replace(
            job,
            state="running",
            error="",
            after=list(used)[-1],
            of_shard=job.of_shard + len(used),
            parts=job.parts + 1,
            totals=job.totals + totals,
        )
        return self.runs.put(after, self.clock.now())

    def _story(self, roots: Sequence[str], release: Release, world: World) -> tuple[Story, dict[str, list[str]], int]:
        """The story of the first of them, as many as a part takes; the keys of each who is used, and how many of them
        have too many events or cannot be read. Names in the story are the customers' keys."""
        whole, used, left_out = Story(), dict[str, list[str]](), 0
        phone = phone_reader(release.shop.region)
        for root in roots:
            try:
                tree = load_tree(self.customers, root)
                told = customer_story(self.customers, tree, world.keys, phone, MOST_EVENTS)
            except (TooMany, *UNREADABLE):
                used[root], left_out = [], left_out + 1
                continue
            if used and whole.events + told.events > MOST_EVENTS:
                break
            whole.happenings += told.happenings
            whole.names.update(dict.fromkeys(told.names, root))
            used[root] = list(tree.keys)
        return whole.sort(), used, left_out

    def _real(self, job: DryRunJob, keys: Sequence[str]) -> list[Record]:
        """What became of the journey's messages to these identifiers in that time."""
        span = {"at_least": time_text(moment(job.since)), "below": time_text(moment(job.until))}
        pages = [self.ledger.of_home(key, limit=MESSAGES, **span) for key in keys]
        found = [read_record(item) for page in pages for item in page.items]
        return [one for one in found if one.journey == job.journey and not one.test]


def _word(*parts: str) -> str:
    return "|".join(part.replace("|", " ") for part in parts)


def _of(record: Record) -> str:
    return _word(record.step, record.channel, record.state.value, str(getattr(record.outcome, "reason", "") or ""))


def _totals(done: DryRun, customers: int, left_out: int, was: dict[str, list[Record]], price: float) -> Totals:
    return Totals(
        customers=customers,
        events=done.events,
        left_out=left_out,
        begun=sum(done.begun.values()),
        would=Counter(_word(one.step, one.channel, one.state, one.reason) for one in done.messages),
        was=Counter(_of(record) for records in was.values() for record in records),
        ends=_by_reason(done.ends),
        not_begun=_by_reason(done.not_begun),
        units=cost_of(done.messages, price).units,
    )


def _by_reason(counts: Any) -> Counter[str]:
    found: Counter[str] = Counter()
    for (_journey, reason), count in counts.items():
        found[str(reason)] += count
    return found


def _people(done: DryRun, was: dict[str, list[Record]]) -> list[dict[str, Any]]:
    """Customers of whom there is something to tell, by their keys: no name, no address, no text."""
    would: dict[str, list[list[str]]] = defaultdict(list)
    for one in done.messages:
        would[one.customer].append([time_text(one.at), _word(one.step, one.channel, one.state, one.reason)])
    real = {root: [[time_text(one.decided_at), _of(one)] for one in records] for root, records in was.items()}
    told = [root for root in was if would.get(root) or real[root]]
    return [{"customer": root, "would": would[root][:SHOWN], "was": real[root][:SHOWN]} for root in told]
