"""Counts bounces and complaints of each campaign, and stops one whose limit they pass."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from shared.domain.campaigns.stop import limit_passed
from shared.domain.messages.message import Record
from shared.domain.messages.request import CAMPAIGN_RUN
from shared.ports import Table
from shared.stores.campaigns import Campaigns

log = logging.getLogger("kervan.ingest")


def _nobody(_channel: str) -> None:
    return


@dataclass(frozen=True, slots=True)
class CampaignLimits:
    """``stopped`` is told the channel when a campaign stops by itself."""

    catalog: Table
    stopped: Callable[[str], None] = _nobody

    def count(self, what: str, record: Record, now: datetime) -> None:
        """One bounce or complaint: a write, and reads of the counts and of the campaign. A test counts nowhere."""
        if record.enrollment != CAMPAIGN_RUN or record.test:
            return
        campaigns, name = Campaigns(self.catalog), record.journey
        found = campaigns.report(name, record.channel, what)
        campaign = campaigns.get(name)
        if campaign is None or campaign.cancelled_at is not None:
            return
        stopped = limit_passed(campaign.definition.stop_at, found)
        if stopped is None:
            return
        if campaigns.stop(campaign, stopped, now):
            log.error("a campaign by %s stopped by itself: %s", record.channel, stopped.because)
            self.stopped(record.channel)
