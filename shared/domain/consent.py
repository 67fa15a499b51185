"""Consent to be written to: per address, channel and purpose."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Consent:
    """One statement of consent, as ingest stored it (an item of its own, never folded).

    ``address_key`` is the partition key of the address that the event named, else empty: then it speaks for the
    customer's addresses of this channel. ``may_grant`` is the permission that the source had when it spoke.
    """

    channel: str
    purpose: str
    granted: bool
    time: datetime
    received_at: datetime
    may_grant: bool
    source: str
    message_id: str
    address_key: str = ""
    text_version: str = ""
    origin: str = ""
