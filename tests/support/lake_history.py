"""Random histories as rows of the lake: few people, ids and instants, so that everything meets everything."""

from __future__ import annotations

from random import Random
from typing import Any

HOUR = 3_600_000
DAY = 24 * HOUR
FIRST = 1_772_312_400_000  # 2026-03-01 00:00 in Istanbul
DAYS = 60
NAMES = (
    "Product Viewed", "Product Added", "Checkout Started", "Order Completed", "Email Opened", "Email Link Clicked",
    "SMS Link Clicked", "Push Notification Tapped", "Email Delivered", "SMS Delivered", "Push Notification Received",
    "Email Bounced", "Email Rejected", "SMS Delivery Failed", "Email Marked as Spam", "Consent Withdrawn", "Home",
)  # fmt: skip
SERVICE = (
    "Message Received", "Message Received", "Conversation Opened", "Conversation Reopened", "Conversation Answered",
    "Conversation Closed", "Answer Overdue", "Satisfaction Asked", "Satisfaction Rated",
)  # fmt: skip
Rows = dict[str, list[dict[str, Any]]]


def history(random: Random, people: int = 6, size: int = 40) -> Rows:
    """Rows of all tables, some of them older versions of others."""
    homes = [f"h{n}" for n in range(people)]
    messages = [_message(random, homes, n) for n in range(size // 2)]
    ids = [str(message["id"]) for message in messages]
    return {
        "customers": [row for n in range(people) for row in _customers(random, homes, n)],
        "orders": [row for n in range(size // 2) for row in _orders(random, homes, n)],
        "events": [_event(random, homes, ids, n) for n in range(size * 2)]
        + [_service(random, homes, n) for n in range(size)],
        "outcomes": messages
        + [_older(random, message) for message in messages if random.random() < 0.3]
        + [_enrollment(random, homes, n) for n in range(size // 2)],
    }


def instant(random: Random) -> int:
    """Most at noon or midnight, or on the hour, a millisecond beside it or just so: windows end at such instants."""
    apart = random.choice((HOUR, 12 * HOUR, DAY))
    at = FIRST + random.randrange(DAYS * DAY // apart) * apart
    return at + random.choice((0, 0, 0, 1, -1, random.randrange(HOUR)))


def _customers(random: Random, homes: list[str], n: int) -> list[dict[str, Any]]:
    rows = []
    for version in range(random.randint(0, 3)):
        row: dict[str, Any] = {"root": homes[n], "version": version, "at": instant(random)}
        if random.random() < 0.25:
            rows.append(row | {"state": "absorbed"})
            continue
        members = [homes[n], *random.sample(homes, random.randint(0, min(2, len(homes))))]
        segments = {name: instant(random) for name in ("new", "loyal", "risk") if random.random() < 0.5}
        reachable = [name for name in ("email", "sms", "push") if random.random() < 0.5]
        rows.append(row | {"state": "live", "members": list(dict.fromkeys(members)), "orders": 0, "revenue": "0.00"})
        rows[-1] |= {"segments": segments} if segments else {}
        rows[-1] |= {"reachable": reachable} if reachable else {}
    return rows


def _orders(random: Random, homes: list[str], n: int) -> list[dict[str, Any]]:
    order, ordered = f"o{random.randrange(12)}", instant(random)
    rows = []
    for again in range(random.randint(1, 2)):
        total = random.randrange(1, 500) * 50
        row = {
            "home": random.choice(homes),
            "order_id": order,
            "root": random.choice(homes),
            "version": random.randrange(50) * 1000 + 2 * n + again,
            "decided_at": ordered + random.randrange(5),
            "ordered_at": ordered,
            "state": random.choice(("completed", "completed", "completed", "cancelled", "fully_refunded")),
            "channel": random.choice(("web", "store", "mobile")),
            "total": f"{total / 100:.2f}",
            "refunded": f"{random.choice((0, 0, total // 2, total)) / 100:.2f}",
            "currency": random.choice(("TRY", "TRY", "", "USD")),
        }
        rows.append({name: value for name, value in row.items() if value != ""})
    return rows


def _event(random: Random, homes: list[str], ids: list[str], n: int) -> dict[str, Any]:
    name, at = random.choice(NAMES), instant(random)
    row: dict[str, Any] = {
        "home": random.choice(homes),
        "event": f"e{n:03}",
        "root": random.choice(homes),
        "at": at,
        "received_at": at + random.choice((0, 5, HOUR, HOUR + 1, DAY)),
        "type": "page" if name == "Home" else "track",
        "name": name,
        "source": random.choice(("shop", "app", "kervan")),
        "channel": random.choice(("web", "mobile", "store", "server", "email")),
        "device": random.choice(("", "ios", "desktop")),
        "history": random.random() < 0.2,
        "provisional": random.random() < 0.2,
        "order_id": f"o{random.randrange(12)}" if name == "Order Completed" and random.random() < 0.9 else "",
        "total": "10.00" if name == "Order Completed" and random.random() < 0.7 else "",
        "machine": random.random() < 0.3,
    }
    if random.random() < 0.8 and name[:4] in {"Emai", "SMS ", "Push", "Cons"}:
        row["message_id"] = random.choice([*ids, "nobody"])
    return {name: value for name, value in row.items() if value not in ("", False)}


def _service(random: Random, homes: list[str], n: int) -> dict[str, Any]:
    """What support tells of conversations."""
    name, at = random.choice(SERVICE), instant(random)
    row: dict[str, Any] = {
        "home": random.choice(homes),
        "event": f"s{n:03}",
        "root": random.choice(homes),
        "at": at,
        "received_at": at,
        "type": "track",
        "name": name,
        "source": "support",
        "channel": random.choice(("email", "sms", "chat")),
        "machine": name == "Message Received" and random.random() < 0.2,
        "agent": random.choice(("", "deniz", "ece")),
    }
    if name in ("Conversation Answered", "Conversation Closed"):
        row["seconds"] = random.randrange(200_000)
    if name == "Satisfaction Rated":
        row["rating"] = random.randint(1, 5)
    return {key: value for key, value in row.items() if value not in ("", False)}


def _message(random: Random, homes: list[str], n: int) -> dict[str, Any]:
    planned = instant(random)
    state = random.choice(("sent", "sent", "sent", "sent", "skipped", "failed", "deferred", "unknown"))
    row: dict[str, Any] = {
        "kind": "message",
        "id": f"m{n:03}",
        "version": 5,
        "day_at": planned,
        "changed_at": planned,
        "home": random.choice(homes),
        "root": random.choice(homes),
        "step": random.choice(("first", "second")),
        "template": random.choice(("short", "long")),
        "enrollment": random.choice(("0", "1", "2", "3")),
        "channel": random.choice(("email", "sms", "push")),
        "parts": random.choice((0, 1, 3)),
        "purpose": random.choice(("marketing", "marketing", "transactional")),
        "state": state,
        "planned_at": planned,
        "test": random.random() < 0.1,
    }
    row |= {"campaign": "spring"} if random.random() < 0.3 else {"journey": random.choice(("cart", "win-back"))}
    row |= {"ended_at": planned + random.randrange(3) * HOUR} if state == "sent" else {"reason": "stale"}
    return {name: value for name, value in row.items() if value not in (False, "")}


def _older(random: Random, message: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in message.items() if name not in {"ended_at", "reason"}}
    return kept | {"version": random.randrange(5), "state": random.choice(("deferred", "skipped"))}


def _enrollment(random: Random, homes: list[str], n: int) -> dict[str, Any]:
    home, began = random.choice(homes), instant(random)
    arm = random.choice(("in", "in", "out"))
    steps = [{"step": "hold", "became": "decided", "which": arm, "at": began, "by": "holdout"}]
    reason = "holdout" if arm == "out" and random.random() < 0.9 else random.choice(("completed", "ordered", ""))
    if random.random() < 0.7:
        split = random.choice(("in", "blue", "control"))
        at = began + random.randrange(3) * HOUR
        steps.append({"step": "split", "became": "decided", "which": split, "at": at, "by": "split"})
    if random.random() < 0.3:
        way = random.choice(("then", "else", "blue"))
        steps.append({"step": "way", "became": "decided", "which": way, "at": began + HOUR})
    if random.random() < 0.5:
        at = began + random.randrange(1, 9) * HOUR
        became, channel = random.choice(("handed_over", "skipped")), random.choice(("email", "sms"))
        steps.append({"step": "mail", "became": became, "which": channel, "at": at})
    row: dict[str, Any] = {
        "kind": "enrollment",
        "id": f"{home} cart#{n}",
        "version": random.randrange(5),
        "day_at": began,
        "changed_at": began,
        "home": home,
        "enrollment": f"{n % 4}" if n < 4 else f"e{n}",
        "journey": random.choice(("cart", "win-back")),
        "state": "ended" if reason else "live",
        "reason": reason,
        "planned_at": began,
        "ended_at": began + random.randrange(99) * HOUR if reason else None,
        "steps": steps if random.random() < 0.9 else None,
    }
    return {name: value for name, value in row.items() if value not in ("", None)}
