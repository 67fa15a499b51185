"""A campaign that was scheduled, how far it is, and what it asks notify to send."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from shared.domain.campaigns.language import CampaignDefinition
from shared.domain.keys import milliseconds
from shared.domain.messages.request import CAMPAIGN_RUN, TEST_RUN, Give, SendRequest

Standing = Literal["scheduled", "running", "done", "cancelled"]


@dataclass(frozen=True, slots=True)
class Campaign:
    """``release`` is the one that was current when it was scheduled: template and shop stay as they were.

    ``begins``: when customers are looked up; without ``local_time`` also when they are due. ``estimate``: members of
    the segment when it was scheduled, ``at_least`` if counting stopped there.
    """

    definition: CampaignDefinition
    release: int
    begins: datetime
    scheduled_at: datetime
    estimate: int = 0
    at_least: bool = False
    cancelled_at: datetime | None = None

    @property
    def name(self) -> str:
        return self.definition.campaign

    def request(self, home: str, due: datetime, run: str = CAMPAIGN_RUN) -> SendRequest:
        """What is handed over for one customer. ``run`` is another for each test."""
        definition, given = self.definition, self.definition.give
        return SendRequest(
            home=home,
            enrollment=run,
            journey=self.name,
            campaign=self.name,
            test=run.startswith(TEST_RUN),
            release=self.release,
            step="test" if run.startswith(TEST_RUN) else "campaign",
            template=definition.send,
            purpose=definition.purpose,
            channels=definition.channels,
            due_ms=milliseconds(due),
            fresh_until_ms=milliseconds(due + definition.fresh_for),
            clock_ms=milliseconds(due),
            give=None
            if given is None
            else Give(
                coupon=given.coupon,
                percent=given.percent,
                valid_ms=None if given.valid is None else round(given.valid.total_seconds() * 1000),
                once_per_ms=None if given.once_per is None else round(given.once_per.total_seconds() * 1000),
            ),
        )


@dataclass(frozen=True, slots=True)
class Walk:
    """How far one shard of the segment's members was walked. ``touched``: when last, to tell a walk that goes on from
    one whose worker died."""

    shard: int
    cursor: str | None = None
    walked: int = 0
    finished: bool = False
    touched: datetime | None = None
    version: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """Everything that is known about how far a campaign is.

    ``outcomes`` counts by word (``sent``, a reason, ``failed``, ``unknown``); counted after the fact, so a crash may
    leave out the last few: the ledger is the truth. ``waiting`` are customers whose local time has not come.
    """

    walks: Mapping[int, Walk]
    handed: int
    waiting: int = 0
    outcomes: Mapping[str, int] = field(default_factory=dict)
    shards: int = 16

    @property
    def walked(self) -> int:
        return sum(walk.walked for walk in self.walks.values())

    @property
    def settled(self) -> int:
        return sum(self.outcomes.values())

    @property
    def open(self) -> int:
        """Handed over and without an outcome: queued, or deferred to a permitted hour."""
        return max(0, self.handed - self.settled)

    def standing(self, campaign: Campaign) -> Standing:
        if campaign.cancelled_at is not None:
            return "cancelled"
        if not self.walks:
            return "scheduled"
        finished = len(self.walks) == self.shards and all(walk.finished for walk in self.walks.values())
        return "done" if finished and not self.waiting else "running"
