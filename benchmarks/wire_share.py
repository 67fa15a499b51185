"""What is really spent per event, flip and timer: our code and its calls up to the socket."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from benchmarks import prices
from benchmarks.deployment import KEYS, Clock, Deployment, Failures, stream_event
from benchmarks.membership import SEGMENTS
from benchmarks.membership_crowd import START, CrowdTable, crowd
from benchmarks.rows import Row
from benchmarks.shopper import Shopper
from benchmarks.timers import Crowd
from benchmarks.wired_table import Spent, Stopwatch, WiredTable
from functions.schedule.fire_timer import Tally
from functions.segment import on_due, on_events
from functions.segment.environment import Environment
from shared.adapters.memory import MemoryTable
from shared.domain.definitions.release import Release
from shared.domain.identity.keys import EVENT_PREFIX
from shared.domain.segments.definition import SegmentDefinition
from shared.stores.customers import CustomerStore
from shared.stores.releases import Releases
from shared.stores.timers import Timers

PART = "the wire included"
HISTORY = 100
MEASURED = 20
EVENT_TARGET_MS = 1.0
PEOPLE = 20_000
"""Customers of the day whose flips are fired."""
RUNS = 1_000
HOURS = 24


def rows(rounds: int = 15, people: int = PEOPLE, runs: int = RUNS) -> Iterator[Row]:
    alone, batch = _events(rounds, 1), _events(rounds, MEASURED)
    yield _row("an event fully processed (a user with a browser, one by one)", alone, EVENT_TARGET_MS)
    yield _row(f"the same, {MEASURED} events in one batch, per event", batch)
    yield _row("a flip fired (20 segments)", _flips(people))
    yield _row("a timer fired, by a worker (cart-recovery's first reminder)", min_of(_timers(runs) for _ in range(3)))


def min_of(found: Iterator[Spent]) -> Spent:
    return min(found, key=lambda one: one.seconds)


def _row(what: str, spent: Spent, target: float | None = None) -> Row:
    note = f"{spent.calls:.1f} calls, {spent.wire * 1000:.3f} ms of them the wire"
    return Row(PART, what, spent.seconds * 1000, "ms", target, prices.of_cpu(spent.seconds), note)


def _events(rounds: int, size: int) -> Spent:
    """Each round folds the events of somebody new, so that no round finds its work done."""
    deployment, watch = Deployment(), Stopwatch()
    deployment.segment = replace(
        deployment.segment,
        store=CustomerStore(WiredTable(deployment.customers, watch)),
        timers=Timers(WiredTable(deployment.timers, watch)),
    )
    found = [_folded(deployment, watch, seed, size) for seed in range(rounds + 1)]
    return min_of(iter(found[1:]))


def _folded(deployment: Deployment, watch: Stopwatch, seed: int, size: int) -> Spent:
    shopper = Shopper(seed=1, user=f"u-{seed}")
    deployment.send(shopper.messages(HISTORY))
    deployment.deliver()
    messages = shopper.messages(MEASURED)
    watch.restart()
    gc.collect()
    gc.disable()
    spent = 0.0
    for start in range(0, MEASURED, size):
        deployment.send(messages[start : start + size])
        waiting = [new for old, new in deployment.stream if old is None and new and new["sk"].startswith(EVENT_PREFIX)]
        deployment.stream.clear()
        event = stream_event(waiting)
        began = time.process_time()
        failed = on_events.respond(event, deployment.segment)["batchItemFailures"]
        spent += time.process_time() - began
        assert not failed, "a record is to be delivered again"
    gc.enable()
    return watch.per(MEASURED, spent)


def _flips(count: int) -> Spent:
    """A day of flips as in the part "membership". The function is called once an hour, so that ticks count little."""
    segments = [SegmentDefinition.model_validate({"segment": name, "who": who}) for name, who in SEGMENTS.items()]
    release = Release(1, Deployment().release.shop, tuple(segments))
    people = crowd(release, count)
    customers, timers, clock, watch = CrowdTable(release, people), MemoryTable(), Clock(), Stopwatch()
    for root, person in people.items():
        if person.armed is not None:
            timers.put(Timers(timers).item("flip", person.armed, root, "segments", 0))
    catalog = MemoryTable()
    Releases(catalog).publish(replace(release, number=0))
    composed = Environment(
        clock=clock,
        store=CustomerStore(WiredTable(customers, watch)),
        timers=Timers(WiredTable(timers, watch)),
        releases=Releases(catalog, monotonic=clock.seconds),
        keys=KEYS,
        failures=Failures(),
        metrics=MemoryTable(),
    )
    fired, began = 0, time.process_time()
    for hour in range(1, HOURS + 1):
        clock.time = START + timedelta(hours=hour)
        fired += on_due.respond(_Context(), composed)["fired"]
    return watch.per(fired, time.process_time() - began)


def _timers(count: int) -> Spent:
    watch = Stopwatch()
    crowd_of_enrollments = Crowd(count, lambda memory: WiredTable(memory, watch))
    crowd_of_enrollments.hand_over()
    watch.restart()
    gc.collect()
    began = time.process_time()
    tally: Tally = crowd_of_enrollments.do()
    spent = time.process_time() - began
    assert tally.handed_over == count
    return watch.per(count, spent)


class _Context:
    aws_request_id = "benchmark"

    def get_remaining_time_in_millis(self) -> int:
        return 55_000
