"""``preferred`` in a step's channels: said, learned, else the next in the list; and a choice that is made once."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.domain.events.event import Event, EventType
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.journeys.definition import JourneyDefinition
from shared.domain.journeys.enrollment import ChosenChannels, from_item, to_item
from tests.unit.schedule.world import World

pytestmark = pytest.mark.unit


def ist(day: int, hour: int, minute: int = 0) -> datetime:
    """An instant of November 2026 as Istanbul's clocks show it (UTC+3)."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC) - timedelta(hours=3)


def journey(*channels: str, **more: Any) -> JourneyDefinition:
    step = {"id": "last", "at": "1h", "send": "cart-last", "purpose": "marketing", "channels": list(channels), **more}
    return JourneyDefinition.model_validate(
        {"journey": "recover", "start": {"when": "cart_changed"}, "stop_when": {"cart": {"items": {"exactly": 0}}},
         "clock": {"from": "last_cart_change"}, "steps": [step]}
    )  # fmt: skip


def says(world: World, channel: str, at: datetime) -> None:
    """The customer tells the preference centre."""
    world._number += 1
    world.fold(
        Event(
            type=EventType.IDENTIFY, name="Identified", message_id=f"i{world._number}", time=at, received_at=at,
            source="test", channel="web", trusted=True, identifiers=(parse_identifier("user:1"),),
            traits={"preferred_channel": channel},
        )
    )  # fmt: skip


def got(world: World, channel: str, count: int, *, reacted: int, day: int = 1) -> None:
    """So many messages arrived on a channel, and so many of them were answered, an hour later."""
    names = {"email": ("Email Sent", "Email Link Clicked"), "push": ("Push Sent", "Push Notification Tapped")}
    sent, answer = names[channel]
    for number in range(count):
        at = ist(day, 10, number)
        world.event(sent, at, channel=channel, message_id=f"{channel}{number}", purpose="marketing")
        if number < reacted:
            world.event(answer, at + timedelta(hours=1), channel=channel, message_id=f"{channel}{number}")


def channels(world: World) -> list[str]:
    world.add(ist(2, 10))
    world.until(ist(9, 10))
    return [channel for _, channel, _ in world.sent]


def test_what_the_customer_said_comes_first() -> None:
    """The trait names push: the step goes out by push though its list says SMS and e-mail."""
    world = World(journeys=(journey("preferred", "sms", "email"),))
    says(world, "push", ist(1, 9))
    assert channels(world) == ["push"]
    assert [request.channels for request in world.handed] == [("push", "sms", "email")]


def test_what_was_learned_comes_first() -> None:
    """Of two channels with three messages each, the one that was answered more often is used, though it stood last."""
    world = World(journeys=(journey("preferred", "sms", "email"),))
    got(world, "push", 3, reacted=1)
    got(world, "email", 3, reacted=2)
    assert channels(world) == ["email"]
    assert world.handed[-1].channels == ("email", "sms")


def test_without_a_preference_the_next_in_the_list() -> None:
    """Two messages on a channel teach nothing: the list stands as it is."""
    world = World(journeys=(journey("preferred", "sms", "email"),))
    got(world, "push", 3, reacted=3)
    got(world, "email", 2, reacted=2)
    assert channels(world) == ["sms"]


def test_a_preferred_channel_that_does_not_reach_falls_back() -> None:
    """Push is preferred and there is no token: the next in the list at once."""
    world = World(journeys=(journey("preferred", "sms", "email"),), reachable=frozenset({"sms", "email"}))
    says(world, "push", ist(1, 9))
    assert channels(world) == ["sms"]


def test_preferred_keeps_its_place_in_the_list() -> None:
    """Named after push, it comes after push, and no channel is tried twice."""
    world = World(journeys=(journey("push", "preferred", "email", no_reaction={"after": "4h"}),))
    says(world, "sms", ist(1, 9))
    assert channels(world) == ["push", "sms", "email"]


def test_the_preference_is_that_of_the_hand_over() -> None:
    """Said after the cart was filled and before the message is due, it counts; said later, it does not."""
    world = World(journeys=(journey("preferred", "email"),))
    world.add(ist(2, 10))
    says(world, "sms", ist(2, 10, 30))
    world.until(ist(2, 12))
    says(world, "push", ist(2, 12))
    world.until(ist(5, 0))
    assert [channel for _, channel, _ in world.sent] == ["sms"]


@pytest.mark.parametrize("lost", [1, 2])
def test_a_crash_between_hand_over_and_record_sends_on_one_channel_only(lost: int) -> None:
    """The function dies at one of its writes of the enrollment, the preference changes meanwhile: still one message."""
    world = World(journeys=(journey("preferred", "email"),))
    says(world, "sms", ist(1, 9))
    world.add(ist(2, 10))
    world.now = ist(2, 11)
    put, writes = world.store.put_enrollment, 0

    def dying(*given: Any, **named: Any) -> None:
        nonlocal writes
        writes += 1
        if writes == lost:
            raise ConnectionError("the function was killed here")
        put(*given, **named)

    world.store.put_enrollment = dying  # type: ignore[method-assign]
    held: list[str] = []
    with suppress(ConnectionError):
        world.ticking.drain(world.now, owner="w", until=world.now + timedelta(minutes=1), time_left=lambda: True)
    held = [body for queue in world.queues.values() for body in queue.bodies]
    for queue in world.queues.values():
        queue.bodies = []  # the queue is slow: what was handed over comes later
    says(world, "push", ist(2, 11, 1))
    world.tick()
    for body in held:
        world.queues["sms"].bodies.append(body)
    world.notify()
    world.until(ist(5, 0))
    assert writes > lost
    assert [channel for _, channel, _ in world.sent] == ["push" if lost == 1 else "sms"]


def test_a_choice_survives_the_table() -> None:
    """An enrollment with a choice is read back as it was written."""
    world = World(journeys=(journey("preferred", "email"),))
    world.add(ist(2, 10))
    [enrollment] = world.enrollments
    chosen = enrollment.with_step("last", ChosenChannels(("sms", "email"), ist(2, 11), ist(2, 10)))
    assert from_item(to_item(chosen)) == chosen


def test_a_machine_is_no_reaction() -> None:
    """A proxy and a scanner that open and click the mail spare nobody the next channel; a person's open does."""
    said: list[tuple[str, str, bool, list[str]]] = [
        ("Email Opened", "Mozilla/5.0", False, ["email", "sms"]),
        ("Email Link Clicked", "", True, ["email", "sms"]),
        ("Email Opened", "", False, ["email"]),
    ]
    for name, agent, machine, expected in said:
        world = World(journeys=(journey("email", "sms", no_reaction={"after": "4h"}),))
        world.add(ist(2, 10))
        world.until(ist(2, 12))
        at = ist(2, 12)
        world.now = at
        world.fold(
            Event(
                type=EventType.TRACK, name=name, message_id="r", time=at, received_at=at, source="ses",
                channel="email", trusted=True, identifiers=(parse_identifier("user:1"),),
                properties={"message_id": "m", "machine": machine}, context={"userAgent": agent},
            )
        )  # fmt: skip
        world.until(ist(3, 10))
        assert [channel for _, channel, _ in world.sent] == expected
