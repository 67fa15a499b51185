"""A customer as JSON, for people and other programs (design 9). Money is a number, time is ISO 8601 in UTC."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from shared.domain.consent import CHANNELS, Consent, consent_state
from shared.domain.journeys.enrollment import Enrollment, Handed
from shared.domain.keys import time_text
from shared.domain.local_time import zone_of
from shared.domain.profile import Line, Order, Profile
from shared.domain.shop import Shop

ACTIVE_HOURS = 5
_DAY_SECONDS = 86_400


def customer_json(
    profile: Profile,
    consents: Iterable[Consent],
    addresses: Mapping[str, str],
    enrollments: Iterable[Enrollment],
    shop: Shop,
    now: datetime,
) -> dict[str, Any]:
    """Everything that is known about a customer.

    ``consents`` are those of the customer and of its addresses; ``addresses`` gives the key of the address that each
    channel would use.
    """
    preferred = profile.trait("preferred_channel")
    return {
        "id": profile.id,
        "identifiers": [str(one) for one in profile.identifiers],
        "traits": {name: trait.value for name, trait in profile.traits.items()},
        "consent": _consent(list(dict.fromkeys(consents)), addresses, now),
        "segments": {name: time_text(since) for name, since in profile.segments.items()},
        "cart": {
            "items": [_line(line) for line in profile.cart.items],
            "updated_at": _time(profile.cart.updated_at),
        },
        "wishlist": [_line(line) for line in profile.wishlist],
        "orders": _orders(profile.counted_orders(shop.orders_ignore), shop.currency),
        "preferred_channel": preferred if preferred in CHANNELS else None,
        "active_hours": _active_hours(profile, shop, now),
        "journeys": [_journey(run) for run in sorted(enrollments, key=lambda run: run.order)],
    }


def _consent(consents: list[Consent], addresses: Mapping[str, str], now: datetime) -> dict[str, dict[str, Any]]:
    """Per channel and purpose: yes or no for the address in use, and the statement that decides it."""
    view: dict[str, dict[str, Any]] = {}
    for channel, purpose in sorted({(said.channel, said.purpose) for said in consents}):
        state = consent_state(consents, channel, purpose, addresses.get(channel, ""), now)
        if state.proof is not None:
            proof = {"at": time_text(state.proof.time), "source": state.proof.source}
            optional = {"origin": state.proof.origin, "text_version": state.proof.text_version}
            view.setdefault(channel, {})[purpose] = (
                {"granted": state.granted} | proof | {name: text for name, text in optional.items() if text}
            )
    return view


def _line(line: Line) -> dict[str, Any]:
    return {**line.details, "product_id": line.product_id, "quantity": line.quantity}


def _orders(orders: tuple[Order, ...], currency: str) -> dict[str, Any]:
    """Counts and sums of the orders that count, refunds taken off; sums are over the shop's currency."""
    amounts = [order.total - order.refunded for order in orders if order.currency in {"", currency}]
    total = sum(amounts, Decimal(0))
    span = (orders[-1].at - orders[0].at).total_seconds() if len(orders) > 1 else None
    return {
        "count": len(orders),
        "total": float(total),
        "average": float(round(total / len(amounts), 2)) if amounts else None,
        "currency": currency,
        "first_at": _time(orders[0].at) if orders else None,
        "last_at": _time(orders[-1].at) if orders else None,
        "cycle_days": None if span is None else round(span / (len(orders) - 1) / _DAY_SECONDS, 1),
    }


def _active_hours(profile: Profile, shop: Shop, now: datetime) -> list[int]:
    """The hours of the customer's day with the most visits, most frequent first."""
    zone = zone_of(profile, shop, now)
    hours = Counter(when.astimezone(zone).hour for when, _, _ in profile.activity)
    return [hour for hour, _ in sorted(hours.items(), key=lambda pair: (-pair[1], pair[0]))[:ACTIVE_HOURS]]


def _journey(run: Enrollment) -> dict[str, Any]:
    view: dict[str, Any] = {
        "journey": run.journey,
        "id": run.id,
        "state": "live" if run.end is None else "ended",
        "release": run.release,
        "started_at": time_text(run.started_at),
        "clock": _time(run.clock),
        "steps": [
            {
                "step": name,
                "state": "handed_over" if isinstance(progress, Handed) else "skipped",
                "at": time_text(progress.at),
                **({} if isinstance(progress, Handed) else {"reason": progress.reason}),
            }
            for name, progress in run.steps.items()
        ],
    }
    if run.end is not None:
        view |= {"reason": run.end.reason, "ended_at": time_text(run.end.at), "evidence": dict(run.end.evidence)}
    return view


def _time(when: datetime | None) -> str | None:
    return None if when is None else time_text(when)
