"""Addresses that get nothing at all, order notices included: they bounced for good, or refused every message."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from shared.domain.consent.consent import EVERY_PURPOSE, Consent, first_of_each, in_force, in_order


def suppressed(consents: Iterable[Consent], channel: str, address_key: str, now: datetime) -> Consent | None:
    """The refusal of every purpose that holds for this address, by what had reached us at ``now``; else None.

    It ends with a later grant, for whatever purpose, of somebody who may grant: the address is alive again. An earlier
    grant that is only sent again ends nothing. What bounces said ends also when an operator takes it back, or when mail
    is delivered after soft bounces. A run that is kept as of every purpose because there were too many refuses no more
    than messages that need consent.
    """
    heard = in_force(
        one
        for one in consents
        if one.channel == channel and one.address_key in {"", address_key} and one.received_at <= now
    )
    refusals = [one for one in heard if not one.granted and one.purpose == EVERY_PURPOSE and not _widened(one)]
    revivals = first_of_each(one for one in heard if one.granted and one.may_grant)
    last = next(reversed(in_order([*refusals, *revivals])), None)
    return None if last is None or last.granted else last


def _widened(one: Consent) -> bool:
    return one.run is not None and one.run.widened
