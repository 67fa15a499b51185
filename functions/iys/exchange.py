"""Tells IYS what is due, asks what became of it, and reads what recipients changed there. One of it works at a time."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from typing import TypeVar

from msgspec.structs import replace

from functions.iys.intake import Intake
from functions.iys.pace import Pace
from functions.iys.reading import Reading
from shared.domain.identity.keys import time_text
from shared.domain.iys.record import (
    Record,
    answered,
    moved,
    not_taken,
    resolved,
    too_old,
    uploading,
    without_address,
)
from shared.domain.iys.statement import Outcome, RecipientType
from shared.ports import Conflict
from shared.ports.iys import Iys, IysDown, IysForgotten, IysRefused, IysUnknown, IysUnreadable
from shared.stores.iys_records import IysRecords, UploadItem

log = logging.getLogger("kervan.iys")
Given = TypeVar("Given")
Made = TypeVar("Made")
Place = tuple[str, RecipientType]

MOST_TOLD = 1_000
"""Statements of one upload."""
ASK_LOST_AFTER = timedelta(hours=1)
"""An upload without an answer may still stand in IYS's queue; until then nobody asks what became of it."""
RETRIES = 8
OF_CONTENT = frozenset({"H111", "H113", "H114", "http_400", "http_413"})
"""Codes that say what is wrong with the statement itself."""
MOST_QUESTIONED = 100
"""Refusals of one run for which IYS is asked what it holds."""


@dataclass(slots=True)
class Exchange:
    """One run. ``name`` is its own; ``time_left`` says whether another request may begin. ``questions``: of how many
    approved recipients IYS is asked."""

    iys: Iys
    records: IysRecords
    intake: Intake
    pace: Pace
    now: Callable[[], datetime]
    time_left: Callable[[], bool]
    name: str
    workers: int = 1
    most: int = MOST_TOLD
    questions: int = 0
    tally: Counter[str] = field(default_factory=Counter)
    _numbers: count[int] = field(default_factory=count)

    def run(self) -> None:
        """Reads first: while IYS does not answer, nothing is told, so that nothing gets lost on its way.

        Raises
        ------
        IysDown
            While IYS cannot be asked; the next run goes on.
        """
        reading = Reading(
            self.iys, self.records, self.intake, self.pace, self.now, self.time_left, self.questions, self.tally
        )
        reading.read_list()
        for upload in self.records.uploads():
            if self.time_left():
                self._follow(upload)
        while self.time_left() and self._tell():
            pass
        reading.ask()

    def _follow(self, upload: UploadItem) -> None:
        """Notes what became of an upload. Where IYS says nothing of it for an hour, or knows the request no more, it is
        asked of each recipient."""
        late = self.now() >= upload.at + ASK_LOST_AFTER
        if not upload.request:
            if late:
                self._find_out(upload, upload.places)
            return
        self.pace.wait()
        try:
            found = {one.index: one for one in self.iys.outcomes(upload.request)}
        except (IysForgotten, IysUnreadable) as lost:
            log.warning("IYS does not say what became of an upload: %s", lost)
            self.tally["lost"] += 1
            found = {}
        outcomes = [found.get(place, Outcome(place, "pending")) for place in range(len(upload.places))]
        self._note(upload.id, upload.places, outcomes)
        unnamed = [place for number, place in enumerate(upload.places) if number not in found]
        if late and unnamed and not self._find_out(upload, unnamed, end=False):
            return
        if not any(one.state == "pending" and (one.index in found or not late) for one in outcomes):
            self.records.end_upload(upload.id)

    def _find_out(self, upload: UploadItem, places: Sequence[Place], *, end: bool = True) -> bool:
        """Asks IYS for each recipient. Whether it said something of all; the rest follows with the next run."""
        whole = True
        for record in self.records.get_many(places):
            if record.pending is None or record.pending.batch != upload.id:
                continue
            if not self.time_left():
                return False
            self.pace.wait()
            try:
                known = self.iys.known(record.recipient, record.recipient_type, record.type)
            except IysUnreadable:
                whole = False
                continue
            found = partial(resolved, batch=upload.id, known=known)
            self.intake.verify(record, known, self.now(), from_file=True, before=found)
            self.tally["found_out"] += 1
        if whole and end:
            self.records.end_upload(upload.id)
        return whole

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
        self._send(upload, marked)
        return len(ready) == self.most

    def _send(self, upload: UploadItem, marked: Sequence[Record]) -> None:
        """What IYS does not take as a whole is told in halves, down to the statement that it does not take."""
        if not self.time_left():
            self._give_back(upload, marked)
            return
        told = [record.upload(record.pending) for record in marked if record.pending is not None]
        self.pace.wait()
        try:
            if len(told) == 1:
                outcome = self.iys.tell(told[0])
                self._note(upload.id, upload.places, [replace(outcome, index=0)])
                self.records.end_upload(upload.id)
            else:
                self.records.put_upload(replace(upload, request=self.iys.tell_many(told)))
        except IysRefused as refused:
            log.warning("IYS does not take an upload as a whole: %s", refused)
            self.tally["halved"] += 1
            self._halve(upload, marked)
        except IysUnknown as unknown:
            log.warning("nobody knows whether IYS got an upload: %s", unknown)
            self.records.put_upload(replace(upload, lost=True))
            self.tally["lost"] += 1
        except IysDown:
            self._give_back(upload, marked)
            raise
        else:
            self.tally["told"] += len(told)

    def _halve(self, upload: UploadItem, marked: Sequence[Record]) -> None:
        """Both halves stand as uploads of their own before the whole goes, so that a crash leaves each statement with
        an upload that is followed."""
        middle = len(marked) // 2
        parts: list[tuple[UploadItem, list[Record]]] = []
        for number, part in enumerate((marked[:middle], marked[middle:])):
            half = UploadItem(f"{upload.id}-{number}", self.now(), _places(part))
            self.records.put_upload(half)
            given = partial(moved, batch=upload.id, to=half.id)
            self._each(lambda one, given=given: self._change(one.key, one.recipient_type, given), part)  # type: ignore[misc]
            held = {(one.key, one.recipient_type): one for one in self.records.get_many(half.places)}
            kept = [held[place] for place in half.places if place in held]
            mine = [one for one in kept if one.pending is not None and one.pending.batch == half.id]
            parts.append((replace(half, places=_places(mine)), mine))
        self.records.end_upload(upload.id)
        for place, (half, part) in enumerate(parts):
            try:
                self._send(half, part) if part else self.records.end_upload(half.id)
            except IysDown:
                for later, rest in parts[place + 1 :]:
                    self._give_back(later, rest)
                raise

    def _give_back(self, upload: UploadItem, marked: Sequence[Record]) -> None:
        """Nothing of the upload is on its way: its statements are due again."""
        untold = partial(not_taken, batch=upload.id)
        self._each(lambda record: self._change(record.key, record.recipient_type, untold), marked)
        self.records.end_upload(upload.id)

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
        """The record with its statement on the way; None if somebody changed it meanwhile: the next run has it.

        Before a refusal the plan is made again from what was said: an operator may have taken a forged withdrawal back
        since, and what IYS was told of a person it keeps."""
        refusal = record.open is not None and record.open.status == "RET" and not record.erased
        if refusal and self._planned_anew(record):
            return None
        try:
            return self.records.put(uploading(record, upload))
        except Conflict:
            return None

    def _planned_anew(self, record: Record) -> bool:
        """Whether the plan of the record was another one."""
        self.intake.refresh_address(record.key, self.now())
        found = self.records.get(record.key, record.recipient_type)
        return found is None or found.version != record.version

    def _note(self, upload: str, places: Sequence[Place], outcomes: Sequence[Outcome]) -> None:
        pairs = list(zip(places, outcomes, strict=True))

        def note(pair: tuple[Place, Outcome]) -> None:
            (key, kind), outcome = pair
            if self._change(key, kind, partial(_accepted, batch=upload, outcome=outcome, now=self.now())):
                self.tally[outcome.state] += 1

        self._each(note, [pair for pair in pairs if pair[1].state == "accepted"])
        for place, outcome in pairs:
            if outcome.state == "refused":
                self._note_refusal(upload, place, outcome)

    def _note_refusal(self, upload: str, place: Place, outcome: Outcome) -> None:
        """A refusal that is not about what was sent says that IYS holds something else than is known here: it is
        asked what."""
        record = self.records.get(*place)
        if record is None or record.pending is None or record.pending.batch != upload:
            return
        known = None
        if outcome.code not in OF_CONTENT and self.time_left() and self.tally["questioned"] < MOST_QUESTIONED:
            self.tally["questioned"] += 1
            self.pace.wait()
            with suppress(IysUnreadable):
                known = self.iys.known(record.recipient, record.recipient_type, record.type)
        refusal = partial(answered, batch=upload, outcome=outcome)
        self.intake.verify(record, known, self.now(), from_file=True, before=refusal)
        self.intake.refresh_address(record.key, self.now())
        self.tally["refused"] += 1

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


def _accepted(record: Record, batch: str, outcome: Outcome, now: datetime) -> Record:
    """IYS just said what it holds, so nobody has to ask again soon."""
    done = answered(record, batch, outcome)
    return record if done is record else replace(done, asked=now)


def _places(records: Iterable[Record]) -> tuple[tuple[str, RecipientType], ...]:
    return tuple((one.key, one.recipient_type) for one in records)
