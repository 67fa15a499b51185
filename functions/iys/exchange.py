"""Tells IYS what is due, asks what became of it, and reads what recipients changed there. One of it works at a time."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from typing import TypeVar

from functions.iys.intake import Intake
from shared.domain.identity.keys import time_text
from shared.domain.iys.record import Record, answered, not_taken, resolved, too_old, uploading, without_address
from shared.domain.iys.statement import Outcome, RecipientType
from shared.ports import Conflict
from shared.ports.iys import Iys, IysDown, IysUnknown
from shared.stores.iys_records import IysRecords, Pull, UploadItem

log = logging.getLogger("kervan.iys")
Given = TypeVar("Given")
Made = TypeVar("Made")

MOST_TOLD = 1_000
"""Statements of one upload."""
ASK_LOST_AFTER = timedelta(hours=1)
"""An upload without an answer may still stand in IYS's queue; until then nobody asks what became of it."""
RETRIES = 8
MOST_PAGES = 200
"""Of changes in one run; the next one goes on."""


@dataclass(slots=True)
class Pace:
    """Keeps the requests of a minute below a limit: the next one waits."""

    per_minute: int
    elapsed: Callable[[], float]
    sleep: Callable[[float], None]
    requests: int = 0
    _next: float = 0.0

    def wait(self) -> None:
        now = self.elapsed()
        if now < self._next:
            self.sleep(self._next - now)
        self._next = max(now, self._next) + 60 / self.per_minute
        self.requests += 1


@dataclass(slots=True)
class Exchange:
    """One run. ``name`` is its own; ``time_left`` says whether another request may begin."""

    iys: Iys
    records: IysRecords
    intake: Intake
    pace: Pace
    now: Callable[[], datetime]
    time_left: Callable[[], bool]
    name: str
    workers: int = 1
    most: int = MOST_TOLD
    tally: Counter[str] = field(default_factory=Counter)
    _numbers: count[int] = field(default_factory=count)

    def run(self) -> None:
        """Reads first: while IYS does not answer, nothing is told, so that nothing gets lost on its way.

        Raises
        ------
        IysDown
            While IYS cannot be asked; the next run goes on.
        """
        self._pull()
        for upload in self.records.uploads():
            if self.time_left():
                self._follow(upload)
        while self.time_left() and self._tell():
            pass

    def _pull(self) -> None:
        after = self.records.pull().after
        for _ in range(MOST_PAGES):
            if not self.time_left():
                return
            self.pace.wait()
            changes, onward, more = self.iys.changes(after)
            for change in changes:
                done = self.intake.apply(change, self.now())
                self.tally["changed" if done else "unreadable"] += 1
            after = onward or after
            self.records.put_pull(Pull(after, self.now()))
            if not more:
                return

    def _follow(self, upload: UploadItem) -> None:
        """Notes what became of an upload."""
        if upload.request:
            self.pace.wait()
            found = {one.index: one for one in self.iys.outcomes(upload.request)}
            waiting = Outcome(0, "pending")
            outcomes = [found.get(place, waiting) for place in range(len(upload.places))]
            self._note(upload.id, upload.places, outcomes)
            if all(one.state != "pending" for one in outcomes):
                self.records.end_upload(upload.id)
        elif self.now() >= upload.at + ASK_LOST_AFTER:
            self._find_out(upload)

    def _find_out(self, upload: UploadItem) -> None:
        """Nobody heard an answer: IYS is asked for each recipient. It goes on with the next run if time is over."""
        for record in self.records.get_many(upload.places):
            if record.pending is None or record.pending.batch != upload.id:
                continue
            if not self.time_left():
                return
            self.pace.wait()
            known = self.iys.known(record.recipient, record.recipient_type, record.type)
            self._change(record.key, record.recipient_type, partial(resolved, batch=upload.id, known=known))
            self.tally["found_out"] += 1
        self.records.end_upload(upload.id)

    def _tell(self) -> bool:
        """One upload of what is due; whether there may be more."""
        ready = self._ready()
        if not ready:
            return False
        upload = UploadItem(f"{time_text(self.now())}-{next(self._numbers)}-{self.name}", self.now(), _places(ready))
        self.records.put_upload(upload)
        marked = [one for one in self._each(lambda record: self._mark(record, upload.id), ready) if one is not None]
        if len(marked) < len(ready):
            upload = replace(upload, places=_places(marked))
            self.records.put_upload(upload)
        if not marked:
            self.records.end_upload(upload.id)
            return True
        try:
            self._send(upload, marked)
        except IysDown:
            untold = partial(not_taken, batch=upload.id)
            self._each(lambda record: self._change(record.key, record.recipient_type, untold), marked)
            self.records.end_upload(upload.id)
            raise
        return len(ready) == self.most

    def _send(self, upload: UploadItem, marked: Sequence[Record]) -> None:
        told = [record.upload(record.pending) for record in marked if record.pending is not None]
        self.pace.wait()
        try:
            if len(told) == 1:
                outcome = self.iys.tell(told[0])
                self._note(upload.id, upload.places, [replace(outcome, index=0)])
                self.records.end_upload(upload.id)
            else:
                self.records.put_upload(replace(upload, request=self.iys.tell_many(told)))
        except IysUnknown as unknown:
            log.warning("nobody knows whether IYS got an upload: %s", unknown)
            self.records.put_upload(replace(upload, lost=True))
            self.tally["lost"] += 1
        else:
            self.tally["told"] += len(told)

    def _ready(self) -> list[Record]:
        """What may be told now, the most urgent first. What grew too old on the way is planned anew."""
        found: list[Record] = []
        for _, listed in self.records.waiting("due"):
            record, one = listed, listed.sendable(self.now())
            if one is not None and too_old(one.at, self.now()):
                self.intake.refresh_address(listed.key, self.now())
                record = self.records.get(listed.key, listed.recipient_type) or listed
                one = record.sendable(self.now())
            if one is None or too_old(one.at, self.now()):
                continue
            found.append(record)
            if len(found) == self.most:
                break
        return found

    def _mark(self, record: Record, upload: str) -> Record | None:
        """The record with its statement on the way; None if somebody changed it meanwhile: the next run has it."""
        try:
            return self.records.put(uploading(record, upload))
        except Conflict:
            return None

    def _note(self, upload: str, places: Sequence[tuple[str, RecipientType]], outcomes: Sequence[Outcome]) -> None:
        def note(pair: tuple[tuple[str, RecipientType], Outcome]) -> None:
            (key, kind), outcome = pair
            if outcome.state == "pending":
                return
            if self._change(key, kind, partial(answered, batch=upload, outcome=outcome)):
                self.tally[outcome.state] += 1
            if outcome.state == "refused":
                self.intake.refresh_address(key, self.now())

        self._each(note, list(zip(places, outcomes, strict=True)))

    def _change(self, key: str, kind: RecipientType, change: Callable[[Record], Record]) -> bool:
        for _ in range(RETRIES):
            held = self.records.get(key, kind)
            if held is None:
                return False
            wanted = without_address(change(held))
            if wanted == held:
                return False
            try:
                self.records.put(wanted)
            except Conflict:
                continue
            return True
        raise Conflict("a record of IYS keeps changing under us")

    def _each(self, work: Callable[[Given], Made], given: Iterable[Given]) -> list[Made]:
        if self.workers == 1:
            return [work(one) for one in given]
        with ThreadPoolExecutor(self.workers) as pool:
            return list(pool.map(work, given))


def _places(records: Iterable[Record]) -> tuple[tuple[str, RecipientType], ...]:
    return tuple((one.key, one.recipient_type) for one in records)
