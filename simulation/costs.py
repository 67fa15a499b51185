"""What the messages of a dry run would cost at the providers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from simulation.dry_run import Planned

EMAIL = 0.10 / 1_000
"""SES, a message, us-east-1; data and attachments aside."""
PUSH = 1.00 / 1_000_000
"""Pinpoint's push, a message."""
SMS_PART = 0.02
"""SNS, a part of a text message: differs by country and operator, so the command asks for the shop's own price."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Dollars, and how many units they are for, by channel."""

    units: Mapping[str, int]
    dollars: float


def cost_of(messages: Iterable[Planned], sms_part: float = SMS_PART) -> Cost:
    """Of those that were sent."""
    sent = [one for one in messages if one.state == "sent"]
    units = {
        "email": sum(one.channel == "email" for one in sent),
        "sms": sum(one.sms_parts for one in sent),
        "push": sum(one.channel == "push" for one in sent),
    }
    return Cost(units, units["email"] * EMAIL + units["sms"] * sms_part + units["push"] * PUSH)
