"""Counts what became of a campaign's messages: one write for up to ten messages.

A message is counted after its outcome is stored. A crash in between leaves it out of the counts; the ledger is
complete.
"""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from shared.adapters.error_kinds import kind_of
from shared.domain.identity.keys import milliseconds, moment
from shared.domain.messages.message import UNREACHABLE, Failed, Reason, Record, Sent, Skipped, Unknown
from shared.domain.messages.request import SendRequest

if TYPE_CHECKING:
    from shared.stores.campaigns import Campaigns

log = logging.getLogger("kervan.notify")


class CampaignCounts:
    """The counts of one batch."""

    def __init__(self) -> None:
        self._found: dict[str, Counter[str]] = defaultdict(Counter)
        self._seen: set[tuple[str, str]] = set()

    def note(self, request: SendRequest, record: Record, now: datetime) -> None:
        """Counts a final outcome. A deferral, or another channel that is tried next, is not final."""
        if request.campaign is None or request.test:
            return
        word, which = outcome_of(request, record, now), (record.message_id, request.home)
        if word is not None and which not in self._seen:
            self._seen.add(which)
            self._found[request.campaign][word] += 1

    def write(self, campaigns: Callable[[], Campaigns], channel: str) -> None:
        """Writes the counts, if a message was of a campaign. If the table is busy, the counts of this batch are lost;
        no message is."""
        for name, outcomes in self._found.items():
            try:
                campaigns().count(name, channel, outcomes)
            except Exception as error:  # noqa: BLE001 - every message of the batch has its outcome already
                log.warning("uncounted: %s", kind_of(error))


def outcome_of(request: SendRequest, record: Record, now: datetime) -> str | None:
    """``sent``, ``failed``, ``unknown`` or the reason of a skip; None if it is not the end, or was counted before."""
    if record.home != request.home:
        if record.delivered_or_unknown:
            return Reason.SAME_ADDRESS
    elif record.updated_at != moment(milliseconds(now)):
        return None
    match record.outcome:
        case Skipped(Reason.ALREADY_SAID):
            return None  # the same customer's message to an address that he had before
        case Skipped(reason) | Failed(reason) if reason in UNREACHABLE and len(request.channels) > 1:
            return None
        case Skipped(reason):
            return reason
        case Sent():
            return "sent"
        case Failed():
            return "failed"
        case Unknown():
            return "unknown"
        case _:
            return None
