"""Counts reports of providers, and stops commercial messages before a provider reviews the account."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.messages.reputation import WINDOW, Suspension, limit_reached
from shared.ports import Table
from shared.stores.reputation import Reports, Suspensions

log = logging.getLogger("kervan.ingest")
HOUR = timedelta(hours=1)
"""Reports are counted by the hour."""


def _nobody(_channel: str) -> None:
    return


@dataclass(frozen=True, slots=True)
class Reputation:
    """``stopped`` is told the channel when its commercial messages stop."""

    metrics: Table
    catalog: Table
    stopped: Callable[[str], None] = _nobody

    def count(self, what: str, channel: str, now: datetime, *, recipient: str = "") -> None:
        """One write for each report; a bounce or complaint also reads the counts of the window, and counts once for a
        recipient (the keyed digest of an address).

        Only what was reported since an operator last let messages go on counts, from the next hour on.
        """
        reports, suspensions = Reports(self.metrics, channel), Suspensions(self.catalog, channel)
        if what != "sent" and recipient and not reports.is_new(what, recipient, now):
            return
        reports.count(what, now)
        if what == "sent":
            return
        suspension, resumed = suspensions.read()
        if suspension is not None:
            return
        begin = now - WINDOW if resumed is None else max(now - WINDOW, resumed + HOUR)
        found = reports.since(begin, now)
        because = limit_reached(found)
        if because and suspensions.suspend(Suspension(now, because, found)):
            log.error("commercial messages by %s stopped: %s", channel, because)
            self.stopped(channel)
