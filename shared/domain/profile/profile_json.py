"""The three kinds of data about a customer as JSON: demographic, behavioural, engagement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from shared.domain.definitions.shop import Shop
from shared.domain.facts.facts import MAX_ACTIVITY
from shared.domain.identity.keys import time_text
from shared.domain.messages.request import CHANNELS
from shared.domain.profile.active_hours import active_hours
from shared.domain.profile.behaviour import Bought, categories_bought, channels_bought, days_since_last, purchase_cycle
from shared.domain.profile.demographic import UNKNOWN_YEAR, demographic
from shared.domain.profile.engagement import WINDOW, ChannelEngagement, channel_engagement
from shared.domain.profile.preferred_channel import TRAIT, PreferredChannel
from shared.domain.profile.profile import Order, Profile

MOST_CATEGORIES = 10


def profile_json(
    profile: Profile, orders: Sequence[Order], shop: Shop, zone: ZoneInfo, now: datetime
) -> dict[str, Any]:
    """``orders`` are those that count, oldest first; ``zone`` is the customer's. docs/customer.md says each field."""
    who = demographic(profile, zone, now)
    return {
        "demographic": {
            "birthday": _day(who.birthday),
            "age": who.age,
            "gender": who.gender,
            "city": who.city,
            "region": who.region,
            "postal_code": who.postal_code,
            "country": who.country,
            "job_title": who.job_title,
            "company": who.company,
            "industry": who.industry,
            "time_zone": zone.key,
        },
        "behavioural": {
            "days_since_last_order": days_since_last(orders, now),
            "cycle_days": purchase_cycle(orders, ZoneInfo(shop.time_zone)),
            "currency": shop.currency,
            "categories": _bought("category", categories_bought(orders, shop.currency)[:MOST_CATEGORIES]),
            "channels": _bought("channel", channels_bought(orders, shop.currency)),
            "viewed_products": [
                {"product_id": seen.product_id, "name": seen.name, "category": seen.category, "at": time_text(seen.at)}
                for seen in profile.viewed
            ],
            "viewed_categories": [{"category": name, "at": time_text(at)} for name, at in profile.categories_viewed],
        },
        "engagement": {
            "window_days": WINDOW.days,
            "channels": {
                channel: _engaged(channel_engagement(profile.engagement, channel, now)) for channel in CHANNELS
            },
            "active_hours": [{"hour": one.hour, "days": one.days} for one in active_hours(profile, zone, now)],
            "visits": _visits(profile, now),
        },
    }


def because_json(preference: PreferredChannel) -> dict[str, Any]:
    """Why this channel is preferred, or why none is."""
    if preference.by == "said":
        said_at = preference.said_at
        return {"by": "said", "trait": TRAIT, "at": time_text(said_at) if said_at else None}
    return {
        "by": preference.by,
        "window_days": WINDOW.days,
        "channels": {
            one.channel: {
                "received": one.received,
                "answered": one.answered,
                "rate": one.rate,
                "last_reaction_at": _time(one.last_reaction_at),
                "at_least": one.at_least,
            }
            for one in preference.channels
        },
    }


def _engaged(one: ChannelEngagement) -> dict[str, Any]:
    return {
        "received": one.received,
        "answered": one.answered,
        "rate": one.rate,
        "opened": one.opened,
        "clicked": one.clicked,
        "tapped": one.tapped,
        "visited": one.visited,
        "machine_opened": one.machine_opened,
        "machine_clicked": one.machine_clicked,
        "last_reaction_at": _time(one.last_reaction_at),
        "at_least": one.at_least,
    }


def _visits(profile: Profile, now: datetime) -> dict[str, Any]:
    """Per channel of the shop, the hours (UTC) with something done there, in the window."""
    recent = [(when, channel) for when, channel, _ in profile.activity if now - WINDOW < when <= now]
    full = len(profile.activity) == MAX_ACTIVITY and profile.activity[-1][0] > now - WINDOW
    return {
        "channels": {
            name: {
                "hours": len({when for when, channel in recent if channel == name}),
                "days": len({when.date() for when, channel in recent if channel == name}),
                "last_at": time_text(max(when for when, channel in recent if channel == name)),
            }
            for name in sorted({channel for _, channel in recent})
        },
        "at_least": full,
    }


def _bought(name: str, found: Iterable[Bought]) -> list[dict[str, Any]]:
    return [
        {
            name: one.name,
            "orders": one.orders,
            "amount": float(one.amount),
            "first_at": time_text(one.first_at),
            "last_at": time_text(one.last_at),
        }
        for one in found
    ]


def _day(day: date | None) -> str | None:
    if day is None:
        return None
    return f"--{day:%m-%d}" if day.year == UNKNOWN_YEAR else day.isoformat()


def _time(when: datetime | None) -> str | None:
    return None if when is None else time_text(when)
