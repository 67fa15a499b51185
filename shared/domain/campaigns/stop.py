"""When a campaign stops by itself: its own bounces or complaints pass the limit that its definition says."""

from __future__ import annotations

from shared.domain.campaigns.campaign import Stopped
from shared.domain.campaigns.definition import StopAt
from shared.domain.messages.reputation import Feedback

AT_LEAST = 200
"""Messages of the campaign on this channel below which no rate is believed."""
FEWEST_BOUNCES, FEWEST_COMPLAINTS = 5, 3
"""So few say nothing, whatever the rate."""


def limit_passed(stop_at: StopAt, found: Feedback) -> Stopped | None:
    """Which limit was reached, complaints first, with the counts as evidence; None if none was.

    >>> limit_passed(StopAt(), Feedback(sent=1_000, bounced=40)).because
    'bounces'
    >>> limit_passed(StopAt(), Feedback(sent=199, bounced=199)) is None
    True
    """
    if found.sent < AT_LEAST:
        return None
    if found.complained >= FEWEST_COMPLAINTS and found.complained * 100 >= stop_at.complaints * found.sent:
        return Stopped("complaints", stop_at.complaints, found)
    if found.bounced >= FEWEST_BOUNCES and found.bounced * 100 >= stop_at.bounces * found.sent:
        return Stopped("bounces", stop_at.bounces, found)
    return None
