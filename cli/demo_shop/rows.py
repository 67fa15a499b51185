"""What happened in the made-up shop, as rows of the lake, by the code that makes the rows of a real one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from cli.demo_shop.people import Person
from shared.domain.events.event import Event, EventType
from shared.domain.identity.keys import milliseconds
from shared.domain.journeys.enrollment import Enrollment
from shared.domain.lake.customer_rows import order_rows
from shared.domain.lake.event_rows import event_row
from shared.domain.lake.outcome_rows import enrollment_row, message_row
from shared.domain.lake.tables import Row
from shared.domain.messages.message import Outcome, Record, Sent, Skipped, State
from shared.domain.messages.request import CAMPAIGN_RUN
from shared.domain.profile.profile import Order

_REACTIONS = {
    ("email", "delivered"): "Email Delivered",
    ("sms", "delivered"): "SMS Delivered",
    ("push", "delivered"): "Push Notification Received",
    ("email", "opened"): "Email Opened",
    ("email", "clicked"): "Email Link Clicked",
    ("sms", "clicked"): "SMS Link Clicked",
    ("push", "clicked"): "Push Notification Tapped",
    ("email", "bounced"): "Email Bounced",
    ("sms", "bounced"): "SMS Delivery Failed",
    ("push", "bounced"): "Push Notification Failed",
}
_SOURCES = {"web": "web-shop", "mobile": "app", "store": "tills"}
DAY = timedelta(days=1)
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"


class Rows:
    """Rows by table, up to ``end``."""

    def __init__(self, end: datetime) -> None:
        self.end = end
        self.told: list[tuple[str, Row]] = []
        self._count = 0

    def event(
        self, person: Person, name: str, at: datetime, place: tuple[str, str], properties: Mapping[str, Any]
    ) -> None:
        """An event of the web page, the app, a till, or of ours if the place is a channel of messages."""
        if at >= self.end:
            return
        self._count += 1
        channel, device = place
        event = Event(
            type=EventType.TRACK,
            name=name,
            message_id=f"demo-{self._count}",
            time=at,
            received_at=at + timedelta(seconds=2),
            source=_SOURCES.get(channel, "kervan"),
            channel=channel,
            trusted=channel not in {"web", "mobile"},
            identifiers=(person.identifier,),
            properties=properties,
            context={"device": {"type": device}} if device else {},
        )
        self.told.append(("events", event_row(event, person.home, person.home, "any")))

    def reaction(
        self, person: Person, message: str, channel: str, what: str, at: datetime, *, machine: bool = False
    ) -> None:
        """What a recipient, a program or the provider did with a message."""
        name = _REACTIONS.get((channel, what), "Consent Withdrawn")
        said: dict[str, Any] = {"message_id": message} | ({"machine": "apple"} if machine else {})
        self.event(person, name, at, (channel, ""), said)

    def order(self, person: Person, order: Order, place: tuple[str, str]) -> None:
        """An order: its event, and its row."""
        said = {"order_id": order.id, "total": str(order.total), "currency": order.currency}
        self.event(person, "Order Completed", order.at, place, said)
        self.told += [
            ("orders", row)
            for row in order_rows([order], {order.id: [person.home]}, person.home, len(person.orders), order.at)
        ]

    def message(
        self, person: Person, journey: str, step: str, channel: str, at: datetime, enrollment: str, *,
        campaign: bool, purpose: str, state: str, reason: str,
    ) -> str:  # fmt: skip
        """A message with its outcome; returns its id."""
        self._count += 1
        outcome: Outcome = Sent(at) if state == "sent" else Skipped(reason)
        record = Record(
            message_id=_message_id(self._count), state=State(state), home=person.home, root=person.home,
            enrollment=CAMPAIGN_RUN if campaign else enrollment, journey=journey, release=1, step=step,
            template=step or journey, purpose=purpose, channel=channel, due_ms=milliseconds(at),
            clock_ms=milliseconds(at), decided_at=at, updated_at=at, revision=1, outcome=outcome, language="tr",
            parts=int(channel == "sms" and state == "sent"),
        )  # fmt: skip
        self.told.append(("outcomes", message_row(record)))
        return record.message_id

    def enrollment(self, enrollment: Enrollment) -> None:
        """An enrollment as it stands at the end."""
        self.told.append(("outcomes", enrollment_row(enrollment)))

    def customer(self, person: Person, joined: datetime) -> None:
        """As segmentation would decide him at each instant at which something about him changes. Written here: deciding
        needs facts, which the demo has not."""
        orders = sorted(person.orders, key=lambda order: order.at)
        counted = [order for order in orders if order.state == "completed"]
        moments = {joined, *(order.at for order in orders)}
        moments |= {order.at + 90 * DAY for order in counted}
        moments |= {counted[0].at + 30 * DAY} if counted else set()
        for version, at in enumerate(sorted(one for one in moments if one < self.end), start=1):
            self._customer(person, [order for order in counted if order.at <= at], version, at)

    def _customer(self, person: Person, counted: list[Order], version: int, at: datetime) -> None:
        row: dict[str, Any] = {
            "root": person.home, "version": version, "at": milliseconds(at), "state": "live",
            "members": [person.home], "orders": len(counted),
            "revenue": f"{sum(order.total - order.refunded for order in counted):.2f}",
            "segments": dict(_segments(counted, at)), "reachable": list(person.reachable),
        }  # fmt: skip
        if counted:
            row |= {
                "first_order_at": milliseconds(counted[0].at),
                "last_order_at": milliseconds(counted[-1].at),
            }
        self.told.append(("customers", {name: value for name, value in row.items() if value not in ([], {})}))


def _segments(counted: list[Order], now: datetime) -> Iterator[tuple[str, int]]:
    """The segments ``new``, ``at-risk`` and ``high-value`` as the ready definitions mean them."""
    if not counted:
        return
    ordered = sorted(order.at for order in counted)
    if now - ordered[0] < timedelta(days=30):
        yield "new", milliseconds(ordered[0])
    if now - ordered[-1] >= timedelta(days=90):
        yield "at-risk", milliseconds(ordered[-1] + timedelta(days=90))
    if len(ordered) > 5:
        yield "high-value", milliseconds(ordered[5])


def _message_id(number: int) -> str:
    """26 letters, as ids of messages have them."""
    letters = ""
    for _ in range(26):
        number, rest = divmod(number * 7 + 3, 32) if number else (0, 0)
        letters += _LETTERS[rest]
    return letters
