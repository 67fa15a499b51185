"""What rows of the lake say, in plain Python: the newest row of each key, today's customers, orders and touches.

Written apart from the SQL of reports, which is compared with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

Row = Mapping[str, Any]
HOUR = timedelta(hours=1) // timedelta(milliseconds=1)
DAY = 24 * HOUR
KEYS = {
    "events": (("home", "event"), "received_at"),
    "customers": (("root",), "version"),
    "orders": (("home", "order_id"), "version"),
    "outcomes": (("kind", "id"), "version"),
}
DELIVERED = {"Email Delivered", "SMS Delivered", "Push Notification Received"}
CLICKED = {"Email Link Clicked", "SMS Link Clicked", "Push Link Clicked", "Push Notification Tapped"}
BOUNCED = {"Email Bounced", "Email Rejected", "SMS Delivery Failed"}


@dataclass(frozen=True)
class Order:
    person: str
    id: str
    at: int
    channel: str
    revenue: Decimal
    foreign: bool


@dataclass
class Message:
    row: Row
    person: str
    happened: list[Row]

    def __post_init__(self) -> None:
        self.orders: list[Order] = []

    def did(self, names: set[str], *, machine: bool | None = None) -> bool:
        return any(
            one["name"] in names and (machine is None or one.get("machine", False) == machine) for one in self.happened
        )

    @property
    def opened(self) -> bool:
        return self.did({"Email Opened"}, machine=False)

    @property
    def clicked(self) -> bool:
        return self.did(CLICKED, machine=False)

    @property
    def unsubscribed(self) -> bool:
        return self.did({"Unsubscribed", "Consent Withdrawn"})

    @property
    def sent(self) -> bool:
        return bool(self.row["state"] == "sent")

    @property
    def revenue(self) -> Decimal:
        return sum((order.revenue for order in self.orders), Decimal(0))


class State:
    """Everything that counts of some rows, for everybody or for a segment."""

    def __init__(self, rows: Mapping[str, Iterable[Row]], zone: ZoneInfo, currency: str, segment: str = "") -> None:
        self.zone, self.segment = zone, segment
        kept = {name: _newest(rows.get(name, ()), *KEYS[name]) for name in KEYS}
        filed = [{**row, "filed": row["at"] // DAY} for row in rows.get("customers", ())]
        self.days = _newest(filed, ("root", "filed"), "version")
        self.live = [row for row in kept["customers"] if row["state"] == "live"]
        owners: dict[str, Row] = {}
        for row in self.live:
            for home in row["members"]:
                have = owners.get(home)
                if have is None or _age(row) > _age(have):
                    owners[home] = row
        self.owner = {home: str(row["root"]) for home, row in owners.items()}
        self.chosen = {row["root"] for row in self.live if segment in row.get("segments", {})}
        self.acts = [(self.person(row), row) for row in kept["events"] if self.counts(self.person(row))]
        self.orders = self._orders(kept["orders"], currency)
        self.messages = self._messages(kept)
        self.enrollments = [
            (self.person(row), row)
            for row in kept["outcomes"]
            if row["kind"] == "enrollment" and self.counts(self.person(row))
        ]
        self._credit()

    def person(self, row: Row) -> str:
        return self.owner.get(row["home"]) or str(row.get("root") or row["home"])

    def counts(self, person: str) -> bool:
        return not self.segment or person in self.chosen

    def local(self, at: int) -> datetime:
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at)).astimezone(self.zone)

    def of(self, person: str) -> list[Order]:
        """The orders of a customer, the first one first."""
        return [order for order in self.orders if order.person == person]

    def _orders(self, rows: Iterable[Row], currency: str) -> list[Order]:
        newest: dict[tuple[str, str], Row] = {}
        for row in rows:
            name = (self.person(row), row["order_id"])
            if name not in newest or _order_age(row) > _order_age(newest[name]):
                newest[name] = row
        made = []
        for (person, order), row in newest.items():
            if row["state"] != "completed" or not self.counts(person):
                continue
            foreign = row.get("currency", currency) != currency
            paid = Decimal(0) if foreign else Decimal(row["total"]) - Decimal(row["refunded"])
            made.append(Order(person, order, row["ordered_at"], row["channel"], paid, foreign))
        return sorted(made, key=lambda one: (one.at, one.channel, one.id))

    def _messages(self, kept: Mapping[str, list[Row]]) -> list[Message]:
        made = {
            str(row["id"]): Message(row, self.person(row), [])
            for row in kept["outcomes"]
            if row["kind"] == "message" and not row.get("test") and self.counts(self.person(row))
        }
        for row in kept["events"]:
            if row.get("message_id") in made:
                made[row["message_id"]].happened.append(row)
        return list(made.values())

    def _credit(self) -> None:
        for order in self.orders:
            touches = [
                (touch["at"], touch["name"] in CLICKED, _backwards(str(message.row["id"])), message)
                for message in self.messages
                if message.person == order.person and message.row["purpose"] == "marketing"
                for touch in message.happened
                if not touch.get("machine") and _within(touch, order)
            ]
            if touches:
                max(touches, key=lambda one: one[:3])[3].orders.append(order)


def _within(touch: Row, order: Order) -> bool:
    waited = order.at - int(touch["at"])
    return 0 <= waited <= (5 * DAY if touch["name"] in CLICKED else DAY if touch["name"] == "Email Opened" else -1)


def _backwards(text: str) -> tuple[int, ...]:
    """Greater for what is earlier by name; all texts are of one length."""
    return tuple(-ord(letter) for letter in text)


def _age(row: Row) -> tuple[int, int, str]:
    return row["at"], row["version"], row["root"]


def _order_age(row: Row) -> tuple[int, int, str]:
    return row["version"], row["decided_at"], row["home"]


def _newest(rows: Iterable[Row], key: tuple[str, ...], newest: str) -> list[Row]:
    found: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        name = tuple(row[part] for part in key)
        if name not in found or row[newest] > found[name][newest]:
            found[name] = row
    return list(found.values())
