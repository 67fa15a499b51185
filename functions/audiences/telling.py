"""Tells the platforms who enters and leaves, and walks through segments now and then. One of it works at a time."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice

from functions.audiences.membership import Membership, Wanted, kind_of_key
from shared.domain.audiences.entry import Entry, told
from shared.domain.definitions.audience import Audience
from shared.ports import Conflict
from shared.ports.ad_platform import AdPlatform, Member, PlatformDown
from shared.stores.audience_entries import AudienceEntries, AudienceState, Batch
from shared.stores.customers import SHARDS, CustomerStore

log = logging.getLogger("kervan.audiences")

MOST_TOLD = 5_000
"""Addresses of one change."""
LOST_AFTER = timedelta(hours=1)
"""A job whose name nobody heard may run for so long; until then nothing else is told of its list."""
JOB_ENDS = timedelta(days=2)
"""A job that runs longer is taken for failed."""
WALK_EVERY = timedelta(days=7)
PAGE = 100


@dataclass(slots=True)
class Telling:
    """One run. ``time_left`` says whether another step may begin."""

    entries: AudienceEntries
    membership: Membership
    customers: CustomerStore
    platform: Callable[[Audience], AdPlatform]
    now: Callable[[], datetime]
    time_left: Callable[[], bool]
    most: int = MOST_TOLD
    tally: Counter[str] = field(default_factory=Counter)

    def run(self) -> None:
        """A platform that does not take changes holds up no other; what was not told waits for the next run."""
        states = {state.name: state for state in self.entries.states()}
        for name, audience in self.membership.audiences().items():
            if not self.time_left():
                return
            state = states.get(name) or AudienceState(name, audience.settings)
            if state.settings.segment != audience.settings.segment:
                state = replace(state, walk="", walked=None)
            state = replace(state, settings=audience.settings, closing=not audience.open)
            self.entries.put_state(state)
            try:
                if self._tell(name, audience):
                    state = replace(state, failing=None, problem="")
            except PlatformDown as down:
                log.warning("an audience is not taken: %s", down)
                self.tally["failed"] += 1
                state = replace(state, failing=state.failing or self.now(), problem=str(down)[:60])
            self._end(name, audience, self._walk(name, audience, state))

    def _tell(self, name: str, audience: Wanted) -> bool:
        """Whether the platform took everything so far; False while a change is on its way."""
        platform = self.platform(audience.settings)
        if not self._followed(name, audience.settings, platform):
            return False
        while self.time_left():
            ready = self._ready(name, audience)
            if not ready:
                return True
            batch = Batch("", self.now(), tuple((one.key, one.version, one.want) for one in ready))
            self.entries.put_batch(name, batch)
            job = platform.change(audience.settings, [_member(one) for one in ready])
            self.tally["told"] += len(ready)
            if job:
                self.entries.put_batch(name, replace(batch, job=job))
                return False
            self._settle(name, batch)
        return True

    def _followed(self, name: str, settings: Audience, platform: AdPlatform) -> bool:
        """Notes what became of the change before; False while it is on its way."""
        batch = self.entries.batch(name)
        if batch is None:
            return True
        if not batch.job:  # nobody heard an answer: everything in it is told again
            if settings.to == "google" and self.now() < batch.at + LOST_AFTER:
                return False
            self.entries.end_batch(name)
            return True
        state = platform.job(settings, batch.job)
        if state == "running" and self.now() < batch.at + JOB_ENDS:
            return False
        if state == "done":
            self._settle(name, batch)
            return True
        self.entries.end_batch(name)
        raise PlatformDown("job_failed")

    def _ready(self, name: str, audience: Wanted) -> list[Entry]:
        """What the platform must be told now, looked at once more and marked as on its way, so that a crash leaves
        nothing of which it is thought to be known what the platform has."""
        found: list[Entry] = []
        for key in list(islice(self.entries.listed(name, "due"), self.most)):
            entry, _ = self.membership.look(name, audience, key, self.now())
            if entry is None or not entry.due:
                continue
            try:
                found.append(self.entries.put(replace(entry, held="maybe")))
            except Conflict:
                continue  # somebody changed it meanwhile: the next run has it
        return found

    def _settle(self, name: str, batch: Batch) -> None:
        """The platform took the change. Who changed since then stays due."""
        said = {key: (version, added) for key, version, added in batch.places}
        for entry in self.entries.get_many(name, list(said)):
            version, added = said[entry.key]
            if entry.version == version:
                try:
                    self.entries.put(told(entry, added=added))
                except Conflict:
                    continue
                self.tally["added" if added else "removed"] += 1
        self.entries.end_batch(name)

    def _walk(self, name: str, audience: Wanted, state: AudienceState) -> AudienceState:
        """Goes through everybody of the segment and everybody of the list, as far as time allows: at the beginning, and
        once a week, so that nobody is missed for good."""
        due = state.walked is None or self.now() >= state.walked + WALK_EVERY
        if not audience.open:
            for key in self.entries.listed(name, "in"):
                if not self.time_left():
                    break
                self.membership.look(name, audience, key, self.now())
            return state
        if not state.walk and not due:
            return state
        phase, shard, cursor = _place(state.walk)
        while self.time_left():
            if phase == "members":
                page = self.customers.members_page(audience.settings.segment, shard, limit=PAGE, cursor=cursor)
                last = SHARDS
            else:
                page = self.entries.page(name, shard, limit=PAGE, cursor=cursor)
                last = self.entries.shards
            for item in page.items:
                self.membership.refresh(item["pk"], {name: audience}, self.now())
            self.tally["walked"] += len(page.items)
            cursor = page.cursor
            if cursor is None:
                phase, shard = _next(phase, shard + 1, last)
            if not phase:
                return replace(state, walk="", walked=self.now())
            state = replace(state, walk=f"{phase} {shard} {cursor or ''}")
        return state

    def _end(self, name: str, audience: Wanted, state: AudienceState) -> None:
        held, due = self.entries.count(name, "in"), self.entries.count(name, "due")
        if not audience.open and not held and not due and self.entries.batch(name) is None:
            self.entries.end_state(name)
            return
        self.entries.put_state(replace(state, size=held))


def _member(entry: Entry) -> Member:
    return Member(kind_of_key(entry.key) or "email", entry.digest, entry.want)


def _place(walk: str) -> tuple[str, int, str | None]:
    phase, shard, cursor = walk.split(" ", 2) if walk else ("members", "0", "")
    return phase, int(shard), cursor or None


def _next(phase: str, shard: int, last: int) -> tuple[str, int]:
    if shard < last:
        return phase, shard
    return ("in", 0) if phase == "members" else ("", 0)
