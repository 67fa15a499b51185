"""Work that is done again: folding, deciding, and making facts anew from the log."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from functions.segment import on_queue
from shared.adapters.memory import MemoryTable
from shared.domain.deadletters.repair import RepairTask
from shared.ports import Throttled
from shared.stores.event_items import event_item
from tests.support.world import KEYS, NOW, event
from tests.unit.segment.deployment import NOTHING_FAILED, Deployment, Lambda, key
from tests.unit.segment.test_failures import Refusing

pytestmark = pytest.mark.unit


def work(world: Deployment, task: RepairTask) -> dict[str, list[dict[str, str]]]:
    """One message of the work queue."""
    record = {"messageId": "m-1", "body": task.body(), "attributes": {"ApproximateReceiveCount": "1"}}
    return on_queue.respond({"Records": [record]}, Lambda(), world.environment)


def lost(world: Deployment, *events: Any) -> list[tuple[str, str]]:
    """Events that were stored and never folded."""
    items = [event_item(one, KEYS) for one in events]
    for item in items:
        world.customers.put(item)
    return [(item["pk"], item["sk"]) for item in items]


def whole(world: Deployment) -> dict[tuple[str, str], dict[str, Any]]:
    """Everything that is stored about customers, without what counts writes."""
    counters = {"version", "mark", "v", "events", "entered", "history", "armed"}
    return {
        (item["pk"], item["sk"]): {name: value for name, value in item.items() if name not in counters}
        for item in world.customers.items()
    }


def test_an_event_that_was_given_up_is_folded_again() -> None:
    """It counts as if it had never been lost; doing it again changes nothing."""
    world = Deployment()
    keys = lost(world, event("Order Completed", ["user:a"], order_id="o", total=1))
    assert work(world, RepairTask(events=tuple(keys))) == NOTHING_FAILED
    assert world.segments("user:a") == {"new"}
    before = whole(world)
    assert work(world, RepairTask(events=tuple(keys))) == NOTHING_FAILED
    assert whole(world) == before


def test_an_event_that_was_erased_meanwhile_is_passed_over() -> None:
    """Nothing is folded, and nothing fails."""
    world = Deployment()
    assert work(world, RepairTask(events=((key("user:a"), "t#1#x#p"),))) == NOTHING_FAILED
    assert (world.failures.bodies, world.customers.items()) == ([], [])


def test_what_still_cannot_be_worked_on_waits_again() -> None:
    """By its key, and the rest of the task is done."""
    world = Deployment(Refusing())
    keys = lost(
        world,
        event("Product Viewed", ["user:big"], product_id="x"),
        event("Order Completed", ["user:a"], order_id="o", total=1),
    )
    assert work(world, RepairTask(events=tuple(keys))) == NOTHING_FAILED
    [body] = world.failures.bodies
    assert body == {
        "function": "segment-on-events", "pk": keys[0][0], "sk": keys[0][1], "reason": "RefusedByTable",
    }  # fmt: skip
    assert world.segments("user:a") == {"new"}


class Busy(MemoryTable):
    def query(self, *_: Any, **__: Any) -> Any:
        raise Throttled("busy")


def test_a_busy_table_brings_the_task_again() -> None:
    """The queue offers it again; nothing goes to the failure queue."""
    world = Deployment(Busy())
    assert work(world, RepairTask(customers=(key("user:a"),))) == {"batchItemFailures": [{"itemIdentifier": "m-1"}]}
    assert world.failures.bodies == []


def test_a_task_that_cannot_be_read_becomes_a_dead_letter() -> None:
    """It is offered again until it is one."""
    world = Deployment()
    record = {"messageId": "m-1", "body": json.dumps({"repair": 1, "customers": ["x"]})}
    found = on_queue.respond({"Records": [record]}, Lambda(), world.environment)
    assert found == {"batchItemFailures": [{"itemIdentifier": "m-1"}]}


def test_a_customer_that_was_given_up_is_decided_again() -> None:
    """After a flip that failed, say: its timer is armed anew."""
    world = Deployment()
    world.take(event("Order Completed", ["user:a"], order_id="o", total=1))
    for item in [one for one in world.pending.items() if one["pk"].startswith("flip#")]:
        world.pending.delete(item["pk"], item["sk"])
    control = world.store.control(key("user:a"))
    assert control.customer is not None
    world.store.put_customer(
        key("user:a"), replace(control.customer.bumped(), armed=None), previous=control.customer.version
    )
    assert work(world, RepairTask(customers=(key("user:a"),))) == NOTHING_FAILED
    assert len(world.due()) == 1


def lives(world: Deployment, who: str) -> dict[str, int] | None:
    """The memberships of a customer; None of an identifier that has an owner."""
    customer = world.store.control(key(who)).customer
    return dict(customer.segments) if customer is not None and customer.state == "live" else None


WHO = st.sampled_from([["user:a"], ["anonymous:b"], ["user:a", "anonymous:b"], ["user:a", "email:c@x.example"]])
EVENTS = st.lists(st.tuples(WHO, st.integers(0, 40)), min_size=1, max_size=12)


@example([(["user:a"], 0), (["user:a"], 0), (["user:a"], 1)], {2}, False)  # since when a membership is
@given(EVENTS, st.sets(st.integers(0, 11)), st.booleans())
def test_facts_made_anew_from_the_log_are_those_of_folding(
    told: list[tuple[list[str], int]], missed: set[int], damaged: bool
) -> None:
    """Whichever events were never folded, and even if stored facts are wrong: after the repair everything stands as if
    each event had been folded when it came."""
    events = [
        event("Order Completed", who, order_id=f"o{number}", total=1, at=NOW - timedelta(days=days), id=f"m{number}")
        for number, (who, days) in enumerate(told)
    ]
    oracle, world = Deployment(), Deployment()
    oracle.take(*events)
    world.take(*(one for number, one in enumerate(events) if number not in missed))
    lost(world, *events)
    if damaged:
        for item in [one for one in world.customers.items() if one["sk"] == "facts"]:
            other = event_item(event("Order Completed", ["user:z"], order_id="z", total=99, at=NOW), KEYS)
            world.deliver({**other, "pk": item["pk"]})
            world.customers.delete(item["pk"], other["sk"])
    keys = sorted({item["pk"] for item in world.customers.items() if item["sk"].startswith("t#")})
    for _ in range(2):
        assert work(world, RepairTask(logs=tuple(keys))) == NOTHING_FAILED
    for who in ("user:a", "anonymous:b", "email:c@x.example"):
        assert lives(world, who) == lives(oracle, who)
        mine, theirs = world.store.control(key(who)), oracle.store.control(key(who))
        assert (mine.facts and mine.facts.facts) == (theirs.facts and theirs.facts.facts)
        assert mine.claim == theirs.claim
        assert mine.members == theirs.members
    assert world.failures.bodies == []


def test_a_rebuild_begins_no_journey() -> None:
    """No event is told to schedule, and what is decided counts as history."""
    world = Deployment()
    [(pk, _sk)] = lost(world, event("Order Completed", ["user:a"], order_id="o", total=1))
    assert work(world, RepairTask(logs=(pk,))) == NOTHING_FAILED
    customer = world.store.control(pk).customer
    assert customer is not None
    assert (customer.events, customer.history) == ((), True)
    assert world.segments("user:a") == {"new"}
