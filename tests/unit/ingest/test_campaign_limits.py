"""A campaign stops by itself when its own bounces or complaints pass its limit; never for reports about others."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from functions.ingest.campaign_limits import CampaignLimits
from shared.adapters.memory import MemoryTable
from shared.domain.campaigns.campaign import Campaign, Stopped
from shared.domain.campaigns.definition import CampaignDefinition, StopAt
from shared.domain.campaigns.stop import AT_LEAST, FEWEST_BOUNCES, FEWEST_COMPLAINTS, limit_passed
from shared.domain.messages.message import Record, State
from shared.domain.messages.reputation import Feedback
from shared.domain.messages.request import CAMPAIGN_RUN, campaign_switch
from shared.stores.campaigns import Campaigns
from shared.stores.journey_controls import JourneyControls
from tests.support.cases import UNIT, cases

pytestmark = UNIT
NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)


class Running:
    """A campaign that runs, and reports about its messages."""

    def __init__(self, **stop_at: Any) -> None:
        self.catalog = MemoryTable()
        self.campaigns = Campaigns(self.catalog)
        definition = CampaignDefinition.model_validate(
            {
                "campaign": "sale", "segment": "new", "send": "spring", "purpose": "marketing",
                "channels": ["email", "sms"], "at": "now", **({"stop_at": stop_at} if stop_at else {}),
            }
        )  # fmt: skip
        self.campaigns.create(Campaign(definition, 1, NOW, NOW))
        self.told: list[str] = []
        self.limits = CampaignLimits(self.catalog, self.told.append)

    def sent(self, count: int, channel: str = "email") -> None:
        self.campaigns.count("sale", channel, {"sent": count})

    def report(self, what: str, **changed: Any) -> None:
        self.limits.count(what, replace(RECORD, **changed), NOW)

    @property
    def campaign(self) -> Campaign:
        found = self.campaigns.get("sale")
        assert found is not None
        return found

    @property
    def switch(self) -> str:
        return JourneyControls(self.catalog).of(campaign_switch("sale"))


RECORD = Record(
    message_id="m", state=State.SENT, home="u.1", root="u.1", enrollment=CAMPAIGN_RUN, journey="sale", release=1,
    step="campaign", template="spring", purpose="marketing", channel="email", due_ms=0, clock_ms=0, decided_at=NOW,
    updated_at=NOW, revision=1,
)  # fmt: skip


@given(
    sent=st.integers(0, 2_000),
    bounced=st.integers(0, 300),
    complained=st.integers(0, 40),
    bounces=st.decimals(Decimal("0.5"), 20, places=1),
    complaints=st.decimals(Decimal("0.1"), 5, places=1),
)
@cases(100)
def test_a_limit_is_passed_exactly_from_its_share_on(
    sent: int, bounced: int, complained: int, bounces: Decimal, complaints: Decimal
) -> None:
    """Against the shares as fractions; too few messages or reports say nothing; complaints are named first."""
    found = limit_passed(StopAt(bounces=bounces, complaints=complaints), Feedback(sent, bounced, complained))
    enough = sent >= AT_LEAST
    by_complaints = enough and complained >= FEWEST_COMPLAINTS and Decimal(complained) / sent >= complaints / 100
    by_bounces = enough and bounced >= FEWEST_BOUNCES and Decimal(bounced) / sent >= bounces / 100
    assert (found.because if found else "") == ("complaints" if by_complaints else "bounces" if by_bounces else "")


def test_it_stops_at_the_report_that_reaches_the_limit_and_names_the_counts() -> None:
    """Of 250 messages the tenth bounce is 4%: what is queued is stopped by the switch, the rest by the campaign."""
    running = Running()
    running.sent(250)
    for _ in range(9):
        running.report("bounced")
    assert (running.campaign.cancelled_at, running.switch) == (None, "running")
    running.report("bounced")
    assert running.campaign.stopped == Stopped("bounces", Decimal(4), Feedback(250, 10, 0))
    assert (running.campaign.cancelled_at, running.switch, running.told) == (NOW, "stopped", ["email"])
    [(name, at, why)] = running.campaigns.stopped()
    assert (name, at, why.because) == ("sale", NOW, "bounces")
    running.report("bounced")
    assert running.told == ["email"]


def test_a_limit_of_its_own_and_complaints() -> None:
    running = Running(complaints=1)
    running.sent(300)
    running.report("complained")
    running.report("complained")
    assert running.campaign.stopped is None
    running.report("complained")
    assert running.campaign.stopped == Stopped("complaints", Decimal(1), Feedback(300, 0, 3))


@pytest.mark.parametrize("changed", [{"test": True}, {"enrollment": "e1"}, {"journey": "other"}, {"channel": "sms"}])
def test_reports_about_others_stop_nothing(changed: dict[str, Any]) -> None:
    """A test, a journey of the same name, another campaign; of another channel nothing was sent."""
    running = Running()
    running.sent(250)
    for _ in range(20):
        running.report("bounced", **changed)
    assert (running.campaign.stopped, running.switch, running.told) == (None, "running", [])


def test_one_that_somebody_cancelled_stays_so() -> None:
    """It was not the limit."""
    running = Running()
    running.campaigns.cancel(running.campaign, NOW)
    running.sent(250)
    for _ in range(12):
        running.report("bounced")
    assert (running.campaign.stopped, running.told) == (None, [])
