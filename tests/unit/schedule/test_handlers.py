"""The two handlers of schedule, with raw records as Lambda hands them over."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.schedule import on_customer, on_due, on_queue
from functions.schedule.environment import Environment
from functions.schedule.settings import Settings
from shared.adapters.attribute_values import write_item
from shared.domain.deadletters.letter import Send, read_letter
from shared.domain.deadletters.repair import CustomerChange
from shared.domain.profile.customer_item import Customer, write_customer
from shared.ports import Throttled
from tests.unit.schedule.world import World

pytestmark = pytest.mark.unit
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


class Fixed:
    def now(self) -> datetime:
        return NOON


class Context:
    aws_request_id = "request-1"

    def get_remaining_time_in_millis(self) -> int:
        return 55_000


def environment(world: World) -> Environment:
    return Environment(Fixed(), world.scheduling, world.timers, world.firer, world.ticking, world.failures)


def record(number: int, new: dict[str, Any], old: dict[str, Any] | None = None) -> dict[str, Any]:
    """A stream record of DynamoDB (NEW_AND_OLD_IMAGES)."""
    return {
        "eventID": f"{number:032x}",
        "eventName": "MODIFY" if old else "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-central-1",
        "dynamodb": {
            "ApproximateCreationDateTime": 1793620800.0,
            "Keys": write_item({"pk": new["pk"], "sk": new["sk"]}),
            "NewImage": write_item(new),
            **({"OldImage": write_item(old)} if old else {}),
            "SequenceNumber": str(number),
            "SizeBytes": 300,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
        "eventSourceARN": "arn:aws:dynamodb:eu-central-1:000000000000:table/customers/stream/2026-11-22T00:00:00.000",
    }


def image(key: str, customer: Customer) -> dict[str, Any]:
    return {"pk": key, "sk": "customer", **write_customer(customer, key)}


def changed(world: World) -> dict[str, Any]:
    """The record of a cart that was just filled, not yet told to schedule."""
    world.tell = lambda: None  # type: ignore[method-assign]
    world.add(NOON)
    old, new = world.change
    return record(7, image(world.key, new), image(world.key, old) if old else None)


def test_a_record_begins_an_enrollment() -> None:
    """The handler reads the images and tells the service."""
    world = World()
    answer = on_customer.respond({"Records": [changed(world)]}, environment(world))
    assert answer == {"batchItemFailures": []}
    assert [enrollment.journey for enrollment in world.enrollments] == ["cart-recovery"]


def test_a_poisoned_record_goes_to_the_failure_queue_with_its_key_and_the_next_is_taken() -> None:
    """An image that is no customer blocks nobody."""
    world = World()
    poison = record(6, {"pk": "u.bad", "sk": "customer", "version": 1, "events": [["only a name"]], "state": "live"})
    answer = on_customer.respond({"Records": [poison, changed(world)]}, environment(world))
    assert answer == {"batchItemFailures": []}
    assert len(world.enrollments) == 1
    [body] = world.failures.bodies
    assert json.loads(body) == {
        "function": "schedule-on-customer", "pk": "u.bad", "sk": "customer", "reason": "ValueError",
        "new": poison["dynamodb"]["NewImage"],
    }  # fmt: skip


def queued(body: str) -> dict[str, Any]:
    """A message of the work queue."""
    return {"Records": [{"messageId": "m-1", "body": body}]}


def test_a_change_that_was_given_up_begins_its_enrollment_later() -> None:
    """Redriven, the letter does what the record would have done, once, however often it comes."""
    world = World()
    told = changed(world)
    whole = world.scheduling.customer_changed
    world.scheduling.customer_changed = _broken  # type: ignore[assignment,method-assign]
    on_customer.respond({"Records": [told]}, environment(world))
    assert world.enrollments == []
    world.scheduling.customer_changed = whole  # type: ignore[method-assign]
    letter = read_letter("schedule-on-customer", world.failures.bodies[0])
    assert isinstance(letter.repair, Send)
    for _ in range(2):
        answer = on_queue.respond(queued(letter.repair.body), Context(), lambda: environment(world))
        assert answer == {"batchItemFailures": []}
    assert [enrollment.journey for enrollment in world.enrollments] == ["cart-recovery"]


def _broken(*_: object) -> None:
    raise ValueError


def test_a_change_that_still_fails_is_offered_again() -> None:
    """In the end it is a dead letter of the work queue, and can be redriven from there."""
    world = World()
    poison = {"pk": {"S": "u." + "b" * 22}, "sk": {"S": "customer"}}
    body = CustomerChange(new=poison).body()
    answer = on_queue.respond(queued(body), Context(), lambda: environment(world))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m-1"}]}
    assert read_letter("schedule-work", body).repair == Send("schedule-work", body)


def test_images_too_large_for_a_message_are_left_out() -> None:
    """The key alone is kept, and the customer can be told as he stands then."""
    world = World()
    large = {"pk": "u.bad", "sk": "customer", "segments": {f"s{number}": number for number in range(20_000)}}
    on_customer.respond({"Records": [record(6, large)]}, environment(world))
    [body] = world.failures.bodies
    assert "new" not in json.loads(body)
    assert len(body) < 200


def test_a_busy_table_brings_the_record_again() -> None:
    """A throttle is reported with the sequence number, so that the stream comes again from there."""
    world = World()
    event = {"Records": [changed(world)]}

    def busy(*_: object) -> None:
        raise Throttled

    world.scheduling.customer_changed = busy  # type: ignore[assignment,method-assign]
    answer = on_customer.respond(event, environment(world))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "7"}]}
    assert world.failures.bodies == []


def test_on_due_says_what_it_did() -> None:
    """The handler drains with the invocation's own deadline and answers with counts."""
    world = World()
    world.now = NOON
    world.add(datetime(2026, 11, 2, 10, tzinfo=UTC))
    done = on_due.respond(Context(), environment(world))
    assert (done["fired"], done["handed_over"], done["left"], done["poisoned"]) == (1, 1, 0, 0)


def test_trouble_with_one_timer_is_told_after_the_others_were_done() -> None:
    """An unknown error leaves its timer for the next minute and fails the invocation, so that an alarm hears of it."""
    world = World()
    world.now = NOON
    world.add(datetime(2026, 11, 2, 10, tzinfo=UTC))
    world.timers.arm("journey", NOON, "u.other", "cart-recovery#x", 1)
    enrollments = world.scheduling.customer_enrollments

    def broken(key: str) -> Any:
        if key == "u.other":
            raise ConnectionError
        return enrollments(key)

    world.scheduling.customer_enrollments = broken  # type: ignore[method-assign]
    with pytest.raises(on_due.TimersLeft, match="ConnectionError"):
        on_due.respond(Context(), environment(world))
    assert sum(len(queue.bodies) for queue in world.queues.values()) == 1
    assert world.next_due() == NOON


def test_settings_name_what_is_missing() -> None:
    """A function that was deployed without a queue says which at its first call."""
    with pytest.raises(KeyError, match="KERVAN_QUEUE_PUSH"):
        Settings.read(
            {
                f"KERVAN_{name}": "x"
                for name in ("STAGE", "CUSTOMERS", "TIMERS", "MESSAGES", "CATALOG", "QUEUE_EMAIL", "QUEUE_SMS")
            }
        )


def test_a_tick_tells_how_late_the_oldest_timer_was(capsys: pytest.CaptureFixture[str]) -> None:
    """The alarm on lag watches it. A tick that finds nothing tells nothing."""
    world = World()
    world.now = NOON
    on_due.respond(Context(), environment(world))
    assert "TimerLagSeconds" not in capsys.readouterr().out
    for minutes in (3, 7, 5):
        world.timers.arm("journey", NOON - timedelta(minutes=minutes), f"u.{minutes}", "cart-recovery#x", 1)
    on_due.respond(Context(), environment(world))
    [told] = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "TimerLagSeconds" in line]
    assert (told["TimerLagSeconds"], told["function"]) == ([420.0], "schedule-on-due")
