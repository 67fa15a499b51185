"""A customer as JSON, for people and other programs (docs/api.md). Money is a number, time is ISO 8601 in UTC."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from shared.domain.consent.consent import Consent, consent_state
from shared.domain.definitions.shop import Shop
from shared.domain.identity.keys import time_text
from shared.domain.journeys.describe_outcome import asks_definition
from shared.domain.journeys.enrollment import ChosenBranch, ChosenChannels, End, Enrollment, Progress, SkippedStep
from shared.domain.messages.describe_reason import SENTENCES
from shared.domain.messages.evidence_json import FindJourney, evidence_json, no_journey
from shared.domain.profile.active_hours import active_hours
from shared.domain.profile.behaviour import purchase_cycle
from shared.domain.profile.preferred_channel import preferred_channel
from shared.domain.profile.profile import Line, Order, Profile
from shared.domain.profile.profile_json import because_json, profile_json
from shared.domain.time.local_time import zone_of

PROVISIONAL_SHOWN = 20
"""Provisional orders in the answer: the newest ones."""


def customer_json(
    profile: Profile,
    consents: Iterable[Consent],
    addresses: Mapping[str, str],
    enrollments: Iterable[Enrollment],
    shop: Shop,
    now: datetime,
    names: Mapping[str, str] | None = None,
    find: FindJourney = no_journey,
) -> dict[str, Any]:
    """Everything that is known about a customer.

    ``consents`` are those of the customer and of its addresses; ``addresses`` gives the key of the address that each
    channel would use. ``names`` puts plain identifiers to the keys that the reasons of enrollments name; ``find``
    reads the journeys whose conditions are read aloud.
    """
    zone = zone_of(profile, shop, now)
    preference = preferred_channel(profile, now)
    orders = profile.counted_orders(shop.orders_ignore)
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
        "orders": _orders(orders, profile.provisional, shop),
        "preferred_channel": preference.channel,
        "preferred_channel_because": because_json(preference),
        "active_hours": [found.hour for found in active_hours(profile, zone, now)],
        "journeys": [
            _journey(enrollment, names or {}, find)
            for enrollment in sorted(enrollments, key=lambda enrollment: enrollment.order)
        ],
        "profile": profile_json(profile, orders, shop, zone, now),
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
    price = {"price": float(line.details["price"])} if "price" in line.details else {}
    return {**line.details, **price, "product_id": line.product_id, "quantity": line.quantity}


def _orders(orders: tuple[Order, ...], reported: tuple[Order, ...], shop: Shop) -> dict[str, Any]:
    """Counts and sums of the orders that count, refunds taken off; sums are over the shop's currency. Beside them, if
    there are any, the newest provisional ones: only a public source reported them."""
    amounts = [order.total - order.refunded for order in orders if order.currency in {"", shop.currency}]
    total = sum(amounts, Decimal(0))
    return {
        "count": len(orders),
        "total": float(total),
        "average": float(round(total / len(amounts), 2)) if amounts else None,
        "currency": shop.currency,
        "first_at": _time(orders[0].at) if orders else None,
        "last_at": _time(orders[-1].at) if orders else None,
        "cycle_days": purchase_cycle(orders, ZoneInfo(shop.time_zone)),
        **({"provisional": [_reported(order) for order in reported[-PROVISIONAL_SHOWN:]]} if reported else {}),
    }


def _reported(order: Order) -> dict[str, Any]:
    return {"id": order.id, "at": time_text(order.at), "channel": order.channel}


def _step(name: str, progress: Progress, enrollment: Enrollment, find: FindJourney) -> dict[str, Any]:
    """A message that was handed over or skipped, or which way an enrollment went (``choice``)."""
    said = {"step": name, "at": time_text(progress.at)}
    if isinstance(progress, SkippedStep):
        evidence = evidence_json(progress.reason, progress.found, enrollment.release, enrollment.journey, name, find)
        return {**said, "state": "skipped", "reason": progress.reason, "evidence": evidence}
    if isinstance(progress, ChosenBranch):
        return {**said, "state": "decided", "choice": progress.choice}
    return {**said, "state": "handed_over"}


def _journey(enrollment: Enrollment, names: Mapping[str, str], find: FindJourney) -> dict[str, Any]:
    view: dict[str, Any] = {
        "journey": enrollment.journey,
        "id": enrollment.id,
        "state": "live" if enrollment.end is None else "ended",
        "release": enrollment.release,
        "started_at": time_text(enrollment.started_at),
        "clock": _time(enrollment.clock),
        "steps": [
            _step(name, one, enrollment, find)
            for name, one in enrollment.steps.items()
            if not isinstance(one, ChosenChannels)
        ],
    }
    if enrollment.end is not None:
        because = _because(enrollment, enrollment.end, find)
        evidence = {**_evidence(enrollment.end, names), **because}
        view |= {"reason": enrollment.end.reason, "ended_at": time_text(enrollment.end.at), "evidence": evidence}
    return view


def _because(enrollment: Enrollment, end: End, find: FindJourney) -> dict[str, Any]:
    """``rule`` and ``found`` of an enrollment that did not come to its end by itself."""
    if not (asks_definition(end.reason) or end.found or end.reason in SENTENCES):
        return {}
    return evidence_json(end.reason, end.found, enrollment.release, enrollment.journey, "", find)


def _evidence(end: End, names: Mapping[str, str]) -> dict[str, Any]:
    """``order_on``: the identifier that ordered; ``link``: the two that a claim joined, child first. Of identifiers
    that are another's by now the key is all that is said."""
    said: dict[str, Any] = dict(end.evidence)
    if "order_on" in said:
        said["order_on"] = names.get(said["order_on"], said["order_on"])
    if "link" in said:
        said["link"] = [names.get(key, key) for key in said["link"].split(" ")]
    return said


def _time(when: datetime | None) -> str | None:
    return None if when is None else time_text(when)
