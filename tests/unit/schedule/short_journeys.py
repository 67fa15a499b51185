"""Journeys written in short, events for them, and what became of their enrollments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import yaml

from shared.domain.events.event import Event, EventType
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.journeys.definition import JourneyDefinition
from tests.unit.schedule.world import World

EMAIL = frozenset({"email"})

POST_PURCHASE = """
journey: post-purchase
start: {event: Order Completed}
one_per: order_id
stop_when: {order: {same: order_id, status: [cancelled, fully_refunded]}}
steps:
  - {id: confirmed, at: 0h, send: order-confirmed, purpose: transactional, channels: [email]}
  - wait_for: {event: Order Shipped, same: order_id, at_most: 10d, otherwise: end}
  - {id: shipped, send: order-shipped, purpose: transactional, channels: [push, sms, email]}
  - wait_for: {event: Order Delivered, same: order_id, at_most: 14d, otherwise: end}
  - wait: 3d
  - {id: review, send: review-request, purpose: marketing, channels: [preferred, email],
     unless: {open_case: {same: order_id}}}
"""


def ist(day: int, hour: int, minute: int = 0) -> datetime:
    """An instant of November 2026 as Istanbul's clocks show it (UTC+3)."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC) - timedelta(hours=3)


def journey(text: str = "", **words: Any) -> JourneyDefinition:
    return JourneyDefinition.model_validate({**yaml.safe_load(text or "{}"), **words})


def send(name: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "send": name, "purpose": "marketing", "channels": ["email"], **more}


def of(*steps: dict[str, Any], **words: Any) -> World:
    """A journey with these steps, begun by ``Signed Up``."""
    definition = journey(journey="x", start={"event": "Signed Up"}, steps=list(steps), **words)
    return World(journeys=(definition,), reachable=EMAIL)


def sent(world: World) -> list[tuple[str, datetime]]:
    return [(step, at) for step, _, at in world.sent]


def ends(world: World) -> list[str | None]:
    return [enrollment.end.reason if enrollment.end else None for enrollment in world.enrollments]


def identify(world: World, at: datetime, **traits: Any) -> None:
    world.now = max(world.now, at)
    world._number += 1
    world.fold(
        Event(
            type=EventType.IDENTIFY, name="Identified", message_id=f"i{world._number}", time=at, received_at=at,
            source="test", channel="web", trusted=True, identifiers=(parse_identifier("user:1"),), traits=traits,
        )
    )  # fmt: skip


def journey_events(world: World) -> list[Event]:
    return [event for event in world.store.events(world.key) if event.source == "journey"]
