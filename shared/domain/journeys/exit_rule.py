"""Exit rules: schedule and notify ask them with the customer's profile of now."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from shared.domain.identity.keys import time_text
from shared.domain.journeys.definition import JourneyDefinition
from shared.domain.journeys.evidence import ConditionContext, evidence
from shared.domain.messages.evidence import Evidence
from shared.domain.messages.message import Skipped

_REASONS = {
    "ordered": "stopped_ordered",
    "cart": "stopped_cart",
    "cart_empty": "stopped_cart_empty",
    "order": "stopped_order",
    "bought": "stopped_bought",
    "in_cart": "stopped_in_cart",
    "open_case": "stopped_open_case",
}


class Stop(Struct, frozen=True):
    """``reason`` is a stable word; ``evidence`` names the order (``order``, ``ordered_at``, ``order_channel``,
    ``order_state`` if that is the reason); ``found`` is what made the rule true."""

    reason: str
    evidence: Mapping[str, str] = field(default_factory=dict)
    found: Evidence = ()

    @property
    def skipped(self) -> Skipped:
        """The outcome of the message that would have been next."""
        return Skipped(self.reason, evidence=self.found)


def stopped(journey: JourneyDefinition, at: ConditionContext) -> Stop | None:
    """Why nothing more of this enrollment may be sent; None if it goes on.

    ``at.clock`` is the enrollment's clock: that of the hand-over when notify asks (``SendRequest.clock``).
    """
    if journey.stop_when is None:
        return None
    found = evidence(journey.stop_when, at)
    if found is None:
        return None
    said = {}
    if found.order is not None:
        order = found.order
        said = {"order": order.id, "ordered_at": time_text(order.at), "order_channel": order.channel}
        if found.word == "order":
            said["order_state"] = order.state
    return Stop(_REASONS.get(found.word, "stopped"), said, found.found)
