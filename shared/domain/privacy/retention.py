"""Whose data have been kept long enough: nobody heard of him for as long as the shop says; pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from shared.domain.consent.consent import Consent, in_force
from shared.domain.definitions.retention import Retention
from shared.domain.profile.profile import Profile

Due = Literal["customer", "prospect"]
AN_HOUR = timedelta(hours=1)
"""Activity is remembered by the hour in which it began."""


@dataclass(frozen=True, slots=True)
class Signs:
    """``last``: the last thing that the person did, as far as it is remembered; None if nothing is. ``known``: he
    bought something, or agreed to something that holds. ``open``: the shop owes him something."""

    last: datetime | None
    known: bool
    open: bool


def signs_of(profile: Profile, now: datetime) -> Signs:
    """What the person did by himself: orders, visits, the cart, opens and clicks of people, consents, complaints. What
    was sent to him, and what programs did with it, is no sign of life."""
    last = max(_moments(profile), default=None)
    known = bool(profile.orders) or any(one.granted and one.may_grant for one in _newest(profile.consents, now))
    return Signs(last, known, any(case.open for case in profile.cases))


def due(signs: Signs, rules: Retention, now: datetime, *, held: bool) -> Due | None:
    """Why his data may go; None if they have to stay. ``held``: his data are kept for a claim (restriction of
    processing), or a request of his own waits. Of whom nothing is remembered nothing is decided."""
    if signs.last is None or signs.open or held:
        return None
    if signs.known:
        return "customer" if signs.last < now - timedelta(days=rules.customers_days) else None
    return "prospect" if signs.last < now - timedelta(days=rules.prospects_days) else None


def _moments(profile: Profile) -> Iterator[datetime]:
    for order in profile.orders:
        yield from (
            at for at in (order.at, order.delivered_at, order.cancelled_at, order.refunded_at) if at is not None
        )
    yield from (begin + AN_HOUR for begin, _, _ in profile.activity)
    yield from (begin + AN_HOUR for begin, _, _ in profile.used)
    yield from (one.at for one in profile.engagement.reactions if not one.machine)
    yield from (one.last_received for one in in_force(profile.consents) if not one.bounced)
    yield from (case.closed_at or case.opened_at for case in profile.cases)
    if profile.cart.updated_at is not None:
        yield profile.cart.updated_at


def _newest(consents: tuple[Consent, ...], now: datetime) -> list[Consent]:
    """The last statement of each address, channel and purpose: what holds."""
    found: dict[tuple[str, str, str], Consent] = {}
    for one in sorted(in_force(consents), key=lambda said: (said.effective_at, not said.granted)):
        if one.received_at <= now and not one.bounced:
            found[one.address_key, one.channel, one.purpose] = one
    return list(found.values())
