"""Histories of one customer for property tests of segments: every event is made of one number, so that a failing case
shrinks to few events and few numbers.

The instants lie at and beside each other's boundaries: ``anchor`` minus a duration that definitions use, a millisecond
more or less.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from shared.domain.consent.consent import Consent
from shared.domain.events.event import Event, EventType
from shared.domain.identity.identifiers import parse_identifier
from tests.support.world import KEYS

MS = timedelta(milliseconds=1)
DAY = timedelta(days=1)
DURATIONS = (timedelta(hours=1), DAY, timedelta(days=7), timedelta(days=30), timedelta(days=90))
AGES = (timedelta(), timedelta(seconds=2), timedelta(minutes=90), *DURATIONS, *DURATIONS[:4], timedelta(days=91))
ANCHORS = (
    datetime(2026, 11, 22, 10, tzinfo=UTC),
    datetime(2028, 2, 29, 12, tzinfo=UTC),
    datetime(2027, 3, 1, 5, tzinfo=UTC),
    datetime(2026, 3, 8, 7, tzinfo=UTC),  # New York's clocks go forward
    datetime(2026, 11, 1, 6, tzinfo=UTC),  # and back
    datetime(2027, 3, 27, 21, tzinfo=UTC),  # Beirut leaves out a midnight
    datetime(2026, 12, 31, 18, 15, tzinfo=UTC),  # New Year in Kathmandu
)
ZONES = ("Europe/Istanbul", "America/New_York", "Asia/Kathmandu", "Asia/Beirut")
MEMBERS = tuple(parse_identifier(name) for name in ("user:u1", "email:ayse@example.com", "anonymous:a1"))
MEMBER_KEYS = tuple(KEYS(name) for name in MEMBERS)
ADDRESSES = ("ayse@example.com", "AYSE@Example.com", "other@example.com", "no address")
PHONES = ("+905551112233", "+90 555 111 22 33", "0555 111 22 33")
CATEGORIES = ("Ayakkabı", "AYAKKABI", "Gömlek")
MOST_AHEAD = 8
"""Occurrences of one name that may be dated ahead of now: so many are remembered beyond the newest that count."""

_MESSAGES = (
    *(("Email", "m1", "marketing"),) * 3, ("Email", "m2", "transactional"), ("Email", "m3", ""),
    ("SMS", "s1", "marketing"), ("Push", "p1", "marketing"),
)  # fmt: skip
_AGENTS = ("Mozilla/5.0", "Barracuda Sentinel (EE)", "Mozilla/5.0 (X11) Firefox/140", None)


@dataclass(frozen=True)
class Told:
    """An event and where it lies. It arrives at ``event.received_at``."""

    member: int
    event: Event


def told(seed: int, topics: Sequence[str], anchor: datetime) -> Told:
    """The same numbers give the same event: a number that comes twice is an event that came twice."""
    pick = Random(seed)
    topic = pick.choice(topics)
    name, kind, channel, said = _TOPICS[topic](pick, anchor)
    trusted = pick.random() < 0.6
    at = anchor - pick.choice(AGES) + pick.choice((-MS, timedelta(), timedelta(), MS, DAY / 2, DAY, timedelta(hours=3)))
    member = pick.choice((0, 0, 1, 2))
    received = at + pick.choice((timedelta(), timedelta(), timedelta(), timedelta(days=3), -timedelta(minutes=4), -DAY))
    return Told(
        member,
        Event(
            type=kind,
            name=name,
            message_id=f"e{seed}",
            time=at,
            received_at=received,
            source=channel,
            channel=channel,
            trusted=trusted,
            identifiers=(MEMBERS[member],),
            traits=said.pop("traits", {}),
            context=_context(pick, said),
            properties=said,
        ),
    )


def _context(pick: Random, said: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"userAgent": said.pop("agent", None)}
    if pick.random() < 0.3:
        found["timezone"] = pick.choice(ZONES)
    if pick.random() < 0.4:
        found["device"] = {"type": pick.choice(("iOS", "ios", "android", "desktop")), "id": "d"}
        if pick.random() < 0.4:
            found["device"]["token"] = pick.choice(("t1", "t2"))
    if pick.random() < 0.1:
        found["active"] = False
    return found


_Made = tuple[str, EventType, str, dict[str, Any]]


_REFUNDS: tuple[dict[str, Any], ...] = (
    {"total": 10}, {"amount": "5.50"}, {"total": 20.5}, {}, {"products": [{"price": 5, "quantity": 2}]},
)  # fmt: skip


def _order(pick: Random, _: datetime) -> _Made:
    what = pick.choice(("Completed",) * 6 + ("Updated", "Cancelled", "Refunded", "Refunded", "Shipped", "Delivered"))
    said: dict[str, Any] = {"order_id": f"o{pick.randrange(9)}"}
    if what in ("Completed", "Updated"):
        said |= {"total": pick.choice((0, 10, 20.5, "30"))} if pick.random() < 0.8 else {}
        said |= {"currency": pick.choice(("TRY", "EUR"))} if pick.random() < 0.5 else {}
        said |= {"coupon": pick.choice(("CART10", "cart10", "YAZ"))} if pick.random() < 0.4 else {}
        said |= {"products": _products(pick)} if pick.random() < 0.6 else {}
        said |= {"cart_id": "c"} if pick.random() < 0.1 else {}
    elif what == "Refunded":
        said |= pick.choice(_REFUNDS)
        said |= {"refund_id": pick.choice("rs")} if pick.random() < 0.5 else {}
    return f"Order {what}", EventType.TRACK, pick.choice(("web", "Store", "store")), said


def _products(pick: Random) -> list[dict[str, Any]]:
    return [_product(pick) for _ in range(pick.randrange(3))]


def _product(pick: Random) -> dict[str, Any]:
    said: dict[str, Any] = {"product_id": pick.choice(("p1", "p2", "p3")), "category": pick.choice(CATEGORIES)}
    said |= {"price": pick.choice((5, 7.25, "12.50"))} if pick.random() < 0.7 else {}
    said |= {"currency": pick.choice(("TRY", "EUR"))} if pick.random() < 0.3 else {}
    return said | ({"quantity": pick.choice((0, 1, 2, 3))} if pick.random() < 0.7 else {})


_SHOPPING = (
    "Product Viewed", "Product Viewed", "Product Added", "Product Added", "Product Removed",
    "Product Quantity Changed", "Cart Updated", "Wishlist Product Added to Cart",
)  # fmt: skip


def _shopping(pick: Random, _: datetime) -> _Made:
    name = pick.choice(_SHOPPING)
    said = {"products": _products(pick)} if name == "Cart Updated" else _product(pick)
    return name, EventType.TRACK, pick.choice(("web", "mobile", "store")), said


def _search(pick: Random, _: datetime) -> _Made:
    said: dict[str, Any] = {"query": pick.choice(("Çizme", "çizme bot", "", 7)), "hits": pick.choice((0, 1, 3, "3"))}
    said |= {"facets": [{"tag": pick.choice(("yeni", "indirim"))}, {"tag": "son"}]} if pick.random() < 0.5 else {}
    return "Products Searched", EventType.TRACK, "web", said


def _message(pick: Random, _: datetime) -> _Made:
    medium, name, purpose = pick.choice(_MESSAGES)
    names = {
        "Email": ("Email Sent", "Email Delivered", "Email Opened", "Email Opened", "Email Link Clicked",
                  "Email Link Clicked", "Email Bounced"),
        "SMS": ("SMS Sent", "SMS Delivered", "SMS Link Clicked", "SMS Delivery Failed"),
        "Push": ("Push Sent", "Push Notification Received", "Push Notification Tapped"),
    }  # fmt: skip
    event = pick.choice(names[medium])
    said: dict[str, Any] = {"agent": pick.choice(_AGENTS)}
    if event.endswith(("Opened", "Clicked", "Tapped")) and pick.random() < 0.15:
        return event, EventType.TRACK, medium.lower(), said  # which message it was nobody says
    said["message_id"] = name
    if event.endswith(("Opened", "Clicked", "Tapped")):
        purpose = pick.choice((purpose, ""))
    if event == "Email Bounced":
        said |= pick.choice(({}, {"bounceType": "Permanent"}, {"bounceType": "Transient"}))
    return event, EventType.TRACK, medium.lower(), said | ({"purpose": purpose} if purpose else {})


def _traits(pick: Random, anchor: datetime) -> _Made:
    makers: dict[str, Callable[[], Any]] = {
        "city": lambda: pick.choice(("İzmir", "IZMIR", "Ankara", ["izmir", "ankara"], 35)),
        "points": lambda: pick.choice((0, 5, "5", 10.5, True)),
        "since": lambda: dated(pick, anchor),
        "visits": lambda: [dated(pick, anchor), "vip", dated(pick, anchor)],
        "birthday": lambda: birthday(pick, anchor),
        "birthDate": lambda: birthday(pick, anchor),
        "wedding": lambda: birthday(pick, anchor),
        "address": lambda: {"city": pick.choice(("İzmir", "Ankara")), "zip": 35000},
        "time_zone": lambda: pick.choice((*ZONES, "Mars/Base")),
        "email": lambda: pick.choice(ADDRESSES),
        "phone": lambda: pick.choice(PHONES),
    }
    names = {*pick.sample(sorted(makers), pick.choice((1, 2))), pick.choice(("since", "visits", "birthday"))}
    traits = {name: None if pick.random() < 0.1 else makers[name]() for name in sorted(names)}
    return "Identified", EventType.IDENTIFY, pick.choice(("web", "store")), {"traits": traits}


def dated(pick: Random, anchor: datetime) -> str:
    """A day or an instant, as people and programs write it."""
    when = anchor - pick.choice((*AGES, -DAY, -timedelta(days=8)))
    return pick.choice(
        (
            when.date().isoformat(),
            f"{when:%d.%m.%Y}",
            when.isoformat(),
            (when + timedelta(microseconds=700)).isoformat(),
            when.replace(tzinfo=None).isoformat(),
            when.isoformat().replace("+00:00", "-03:00"),
            "no day",
        )
    )


def birthday(pick: Random, anchor: datetime) -> str:
    """A day whose return is near, long ago, or far ahead; 29 February as often as not; at times without its year."""
    near = (anchor + timedelta(days=pick.randrange(-8, 9))).date()
    year = pick.choice((1990, 2000, 1904, anchor.year - 120, anchor.year, anchor.year + 1))
    day = f"{year if near.month != 2 or near.day != 29 else 2000}-{near:%m-%d}"
    return pick.choice(
        (day, day, "2000-02-29", f"{day}T22:00:00.000Z", f"{day}T00:00:00.000Z", f"{day}T10:00", f"--{near:%m-%d}")
    )


_TOPICS: dict[str, Callable[[Random, datetime], _Made]] = {
    "orders": _order,
    "shopping": _shopping,
    "search": _search,
    "messages": _message,
    "traits": _traits,
}
TOPICS = tuple(_TOPICS)


def statement(seed: int, anchor: datetime) -> Consent:
    """One word about consent, for the customer or for one address."""
    pick = Random(seed)
    channel = pick.choice(("email", "email", "sms", "push"))
    named = {"email": "email:ayse@example.com", "sms": "phone:+905551112233", "push": "device:x"}[channel]
    granted = pick.random() < 0.6
    at = anchor - pick.choice(AGES) + pick.choice((-MS, timedelta(), timedelta(hours=5)))
    return Consent(
        channel=channel,
        purpose=pick.choice(("marketing", "marketing", "transactional")) if granted or pick.random() < 0.7 else "all",
        granted=granted,
        time=at,
        received_at=at + pick.choice((timedelta(), timedelta(), DAY, -timedelta(minutes=4))),
        may_grant=pick.random() < 0.8,
        source="store",
        message_id=f"c{seed}",
        address_key=pick.choice(("", "", KEYS(parse_identifier(named)))),
        text_version=pick.choice(("", "2026-11", "2025-01", "2024-01")),
    )
