"""Reads what recipients changed at IYS: by its list of changes, and by asking of each approved recipient in turn."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from msgspec.structs import replace

from functions.iys.intake import Intake
from functions.iys.pace import Pace
from shared.domain.iys.record import Record
from shared.domain.iys.wire import ChangePage, change_json, kept_row, read_withdrawal
from shared.ports.iys import Iys, IysCursorLost, IysUnreadable
from shared.stores.iys_records import APPROVED, IysRecords, Pull

log = logging.getLogger("kervan.iys")

MOST_PAGES = 200
"""Of changes in one run; the next one goes on."""
REACHES_BACK = timedelta(days=6, hours=20)
"""IYS lists the changes of seven days; who read last before that may have missed some."""
ASKED_AGAIN_AFTER = timedelta(minutes=10)
"""An exchange that follows another one at once asks nobody twice."""


@dataclass(slots=True)
class Reading:
    """``questions``: of how many approved recipients IYS is asked in one run."""

    iys: Iys
    records: IysRecords
    intake: Intake
    pace: Pace
    now: Callable[[], datetime]
    time_left: Callable[[], bool]
    questions: int
    tally: Counter[str] = field(default_factory=Counter)

    def read_list(self) -> None:
        """The list of changes from where the last reading ended.

        If IYS does not go on from there, everything that it still lists is read again, which states nothing twice, and
        what it does not list any more is asked for: of every approved recipient.

        Raises
        ------
        IysDown
            While IYS cannot be asked.
        """
        pull = self.records.pull()
        if pull.at is not None and pull.gap is None and self.now() - pull.at > REACHES_BACK:
            pull = self._gap(pull.after, pull.at)
        for _ in range(MOST_PAGES):
            if not self.time_left():
                return
            self.pace.wait()
            try:
                page, more = self.iys.changes(pull.after)
            except IysCursorLost as lost:
                log.error("IYS does not go on with its list of changes: %s", lost)
                pull = self._gap("", pull.at)
                continue
            self._take(page)
            pull = replace(pull, after=page.after or pull.after, at=self.now())
            self.records.put_pull(pull)
            if not more:
                return

    def _gap(self, after: str, at: datetime | None) -> Pull:
        self.tally["gap"] += 1
        pull = Pull(after, at, self.now())
        self.records.put_pull(pull)
        return pull

    def _take(self, page: ChangePage) -> None:
        """What cannot be read is kept and counted; the refusal in it counts."""
        now = self.now()
        for change in page.changes:
            if self.intake.apply(change, now):
                self.tally["changed"] += 1
            else:
                self._keep(change_json(change))
        for row in page.unreadable:
            refusal = read_withdrawal(row)
            self._keep(row, "" if refusal is None else self.intake.refuse(refusal, now))

    def _keep(self, row: object, customer: str = "") -> None:
        self.records.keep_unreadable(kept_row(row), self.now(), customer)
        self.tally["unreadable"] += 1

    def ask(self) -> None:
        """Asks IYS of approved recipients whether they still are, who was not asked for longest first.

        The list leaves the last hour out, so a withdrawal is found sooner so. While changes may be missing, as many are
        asked as time allows, until everybody was.
        """
        gap = self.records.pull().gap
        for asked, (_, record) in enumerate(self.records.waiting(APPROVED)):
            if gap is not None and record.asked is not None and record.asked >= gap:
                self._close_gap()
                gap = None
            recently = record.asked is not None and record.asked > self.now() - ASKED_AGAIN_AFTER
            if not self.time_left() or (gap is None and (recently or asked >= self.questions)):
                return
            self._ask(record)
        if gap is not None:
            self._close_gap()

    def _close_gap(self) -> None:
        self.records.put_pull(replace(self.records.pull(), gap=None))

    def _ask(self, record: Record) -> None:
        self.pace.wait()
        self.tally["asked"] += 1
        try:
            known = self.iys.known(record.recipient, record.recipient_type, record.type)
        except IysUnreadable:
            known = None
        if known is None:
            self.tally["unanswered"] += 1
        if self.intake.verify(record, known, self.now(), from_file=False):
            self.tally["changed"] += 1
