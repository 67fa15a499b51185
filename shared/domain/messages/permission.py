"""May we write to this address, for this purpose? Decided from the statements themselves, not from facts (design 7)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from shared.domain.consent import Consent

EVERYTHING = "all"
"""The purpose under which an address is suppressed: a hard bounce, or a refusal of every message."""


def consented(statements: Iterable[Consent], channel: str, purpose: str, address_key: str) -> bool:
    """True if the latest statement about this address, channel and purpose is a grant.

    A statement without an address speaks for all of the customer's addresses of its channel. A withdrawal counts from
    any source, at the later of its own and the received time; a grant counts from permitted sources only, at the
    earlier. The later one decides, a withdrawal wins ties. No statement is no consent.
    """
    latest: tuple[datetime, bool] | None = None
    for statement in statements:
        if (statement.channel, statement.purpose) != (channel, purpose):
            continue
        if statement.address_key not in {"", address_key} or (statement.granted and not statement.may_grant):
            continue
        said = (_effective(statement), not statement.granted)
        latest = said if latest is None else max(latest, said)
    return latest is not None and not latest[1]


def suppressed(statements: Iterable[Consent], channel: str, address_key: str) -> bool:
    """True if the latest statement about everything on this channel is a refusal of this address."""
    about = [s for s in statements if s.purpose == EVERYTHING]
    refused = any(not s.granted and s.channel == channel and s.address_key in {"", address_key} for s in about)
    return refused and not consented(about, channel, EVERYTHING, address_key)


def _effective(statement: Consent) -> datetime:
    if statement.granted:
        return min(statement.time, statement.received_at)
    return max(statement.time, statement.received_at)
