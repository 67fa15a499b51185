"""A campaign that was scheduled, how far it is, and what it asks notify to send."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Literal

from msgspec import Struct, field

from shared.domain.campaigns.definition import CampaignDefinition
from shared.domain.campaigns.timing import EASTERNMOST, WESTERNMOST
from shared.domain.identity.keys import milliseconds
from shared.domain.journeys.coupon_gift import give_of
from shared.domain.messages.reputation import Feedback
from shared.domain.messages.request import CAMPAIGN_RUN, TEST_RUN, SendRequest

Standing = Literal["scheduled", "running", "done", "cancelled"]


class Stopped(Struct, frozen=True):
    """``because``: ``bounces`` or ``complaints``; ``found``: the counts that passed the limit, ``limit`` per cent."""

    because: str
    limit: Decimal
    found: Feedback


class Campaign(Struct, frozen=True):
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
    stopped: Stopped | None = None
    """Why it stopped by itself, if it did: it is cancelled then."""
    sample: bool = False
    """A template is tried, not a campaign: made-up values stand in for what the recipient does not have."""

    @property
    def name(self) -> str:
        return self.definition.campaign

    @property
    def over(self) -> datetime:
        """From here on none of its messages is fresh."""
        last = self.begins + EASTERNMOST + WESTERNMOST if self.definition.local_time else self.begins
        return last + self.definition.fresh_for

    def request(self, home: str, due: datetime, run: str = CAMPAIGN_RUN) -> SendRequest:
        """What is handed over for one customer. ``run`` is another for each test."""
        definition = self.definition
        return SendRequest(
            home=home,
            enrollment=run,
            journey=self.name,
            campaign=self.name,
            test=run.startswith(TEST_RUN),
            sample=True if self.sample and run.startswith(TEST_RUN) else None,
            release=self.release,
            step="test" if run.startswith(TEST_RUN) else "campaign",
            template=definition.send,
            purpose=definition.purpose,
            channels=definition.channels,
            due_ms=milliseconds(due),
            fresh_until_ms=milliseconds(due + definition.fresh_for),
            clock_ms=milliseconds(due),
            give=give_of(definition.give),
            excluded=definition.excluded or None,
        )


class Walk(Struct, frozen=True):
    """How far one shard of the segment's members was walked. ``touched``: when last, to tell a walk that goes on from
    one whose worker died.

    ``place``: of the segment that is read, among those of the campaign. ``walked``: members that were found, of whom
    ``excluded`` were in a segment that is left out, and ``repeated`` had been found in a segment before.
    ``ended``: its members were seen to the end. ``upto``: since when the last of them is one; ``behind``, by segment:
    that of the last look, so that the next one begins behind it. ``last``: this look began after all shards had ended.
    """

    shard: int
    cursor: str | None = None
    place: int = 0
    walked: int = 0
    excluded: int = 0
    repeated: int = 0
    ended: bool = False
    last: bool = False
    upto: str = ""
    behind: tuple[str, ...] = ()
    finished: bool = False
    touched: datetime | None = None
    version: int = 0

    @property
    def handed(self) -> int:
        """Members whom nothing speaks against."""
        return self.walked - self.excluded - self.repeated

    def behind_of(self, place: int) -> str:
        """Where the next look at a segment begins; empty for its beginning."""
        return self.behind[place] if place < len(self.behind) else ""

    def looked(self, place: int, upto: str) -> tuple[str, ...]:
        """``behind`` after a segment was read up to there."""
        before = (*self.behind, *[""] * (place + 1 - len(self.behind)))
        return (*before[:place], upto, *before[place + 1 :])


class Progress(Struct, frozen=True):
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
        """Members that were found, each time that they were."""
        return sum(walk.walked for walk in self.walks.values())

    @property
    def excluded(self) -> int:
        """Of them those who were left out when they were found, for a segment under ``except``."""
        return sum(walk.excluded for walk in self.walks.values())

    @property
    def repeated(self) -> int:
        """Of them those who had been found in a segment before."""
        return sum(walk.repeated for walk in self.walks.values())

    @property
    def settled(self) -> int:
        return sum(self.outcomes.values())

    def open(self, campaign: Campaign, now: datetime) -> int:
        """Handed over and without an outcome: queued, or deferred to a permitted hour."""
        return 0 if self.over(campaign, now) else max(0, self.handed - self.settled)

    def uncounted(self, campaign: Campaign, now: datetime) -> int:
        """What is left without an outcome in the end: members found twice, and what a crash left uncounted."""
        return max(0, self.handed - self.settled) if self.over(campaign, now) else 0

    def over(self, campaign: Campaign, now: datetime) -> bool:
        """True if nothing can go out any more: all were handed over, and nothing is fresh."""
        return self.standing(campaign) in {"done", "cancelled"} and now >= campaign.over

    def standing(self, campaign: Campaign) -> Standing:
        if campaign.cancelled_at is not None:
            return "cancelled"
        if not self.walks:
            return "scheduled"
        finished = len(self.walks) == self.shards and all(walk.finished for walk in self.walks.values())
        return "done" if finished and not self.waiting else "running"
