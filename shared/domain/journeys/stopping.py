"""Exit rules, asked of the joined profile in the moment of acting: by schedule, and by notify's gate (design 6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from shared.domain.journeys.conditions import evidence
from shared.domain.journeys.language import JourneyDefinition
from shared.domain.keys import time_text
from shared.domain.profile import Profile

_REASONS = {"ordered": "stopped_ordered", "cart": "stopped_cart_empty"}


@dataclass(frozen=True, slots=True)
class Stop:
    """``reason`` is a stable word; ``evidence`` names the order (``order``, ``ordered_at``, ``order_channel``)."""

    reason: str
    evidence: Mapping[str, str] = field(default_factory=dict)


def stopped(journey: JourneyDefinition, profile: Profile, clock: datetime) -> Stop | None:
    """Why nothing more of this run may be sent; None if it goes on.

    ``clock`` is the run's clock: that of the hand-over when notify asks (``SendRequest.clock``).
    """
    if journey.stop_when is None:
        return None
    found = evidence(journey.stop_when, profile, clock)
    if found is None:
        return None
    said = {}
    if found.order is not None:
        order = found.order
        said = {"order": order.id, "ordered_at": time_text(order.at), "order_channel": order.channel}
    return Stop(_REASONS.get(found.word, "stopped"), said)
