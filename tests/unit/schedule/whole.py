"""Segmentation and schedule on one set of tables: every call may be the last before a crash, the stream comes again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from functions.schedule.due_timers import DueTimers
from functions.schedule.fire_timer import TimerFirer
from functions.schedule.service import Scheduling
from functions.segment.batch import Batch
from functions.segment.service import Segmentation
from shared.adapters.memory import Change, MemoryTable
from shared.domain.definitions.release import Release
from shared.domain.events.event import Event
from shared.domain.identity.keys import CUSTOMER, ENROLLMENT, EVENT_PREFIX
from shared.domain.journeys.definition import WhenStart
from shared.domain.journeys.enrollment import Enrollment, from_item
from shared.domain.messages.request import SendRequest
from shared.domain.profile.customer_item import read_customer
from shared.ports import Conflict, Item, Page, Write
from shared.stores.controls import ControlStore
from shared.stores.customers import CustomerStore
from shared.stores.event_items import event_item, read_event
from shared.stores.ledger import Ledger
from shared.stores.timers import Timers
from tests.unit.schedule.world import KEYS, World

T = TypeVar("T")
TRIES = 40
ORDER = ["reminder", "offer", "last", "confirmed", "shipped", "review", "a", "b", "full", "empty"]
"""Of cart-recovery, post-purchase and the machine's gauntlet."""


class Crash(BaseException):
    """The environment dies here: nothing after this call happens."""


@dataclass(frozen=True)
class Sending:
    """``keys``: the identifiers that were the customer's then."""

    request: SendRequest
    at: datetime
    keys: tuple[str, ...]


class Fuse:
    """Burns down with every call on a table; None: no crash is coming."""

    def __init__(self) -> None:
        self.left: int | None = None

    def burn(self) -> None:
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                self.left = None
                raise Crash


class FusedTable:
    """A memory table whose every call may be the last one: it was made, and nobody learns of it."""

    def __init__(self, memory: MemoryTable, fuse: Fuse) -> None:
        self._memory, self._fuse = memory, fuse

    def _call(self, call: Callable[[], T]) -> T:
        answer = call()
        self._fuse.burn()
        return answer

    def get(self, pk: str, sk: str) -> dict[str, Any] | None:
        return self._call(lambda: self._memory.get(pk, sk))

    def get_many(self, keys: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
        return self._call(lambda: self._memory.get_many(keys))

    def put(self, item: Item, *, expect: Item | None = None) -> None:
        self._call(lambda: self._memory.put(item, expect=expect))

    def put_many(self, items: Sequence[Item]) -> None:
        self._call(lambda: self._memory.put_many(items))

    def transact(self, writes: Sequence[Write]) -> None:
        self._call(lambda: self._memory.transact(writes))

    def delete(self, pk: str, sk: str, *, expect: Item | None = None) -> None:
        self._call(lambda: self._memory.delete(pk, sk, expect=expect))

    def delete_many(self, keys: Sequence[tuple[str, str]]) -> None:
        self._call(lambda: self._memory.delete_many(keys))

    def add(self, pk: str, sk: str, amounts: Mapping[str, int], *, set_to: Item | None = None) -> dict[str, int]:
        return self._call(lambda: self._memory.add(pk, sk, amounts, set_to=set_to))

    def query(self, pk: str, **how: Any) -> Page:
        return self._call(lambda: self._memory.query(pk, **how))


class Whole(World):
    """Events go into the log; what follows from them comes by the stream, as often as it must."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.fuse, self.stream = Fuse(), list[Change]()
        self.customers.on_change = self.stream.append
        customers, timer_table, messages = (
            FusedTable(table, self.fuse) for table in (self.customers, self.timer_table, self.messages)
        )
        store, timers = CustomerStore(customers), Timers(timer_table)
        self.segmented = store, timers
        self.segmentation = Segmentation(store, timers, KEYS, self.release)
        self.fused = Scheduling(store, timers, Ledger(messages), self.releases, self.controls)
        self.firer = TimerFirer(self.fused, timers, ControlStore(self.catalog), self.queues, self.failures)
        self.ticking = DueTimers(timers, self.firer, self.work)
        self.sendings: list[Sending] = []
        self.said_again: list[tuple[SendRequest, SendRequest]] = []

    def publish(self, release: Release) -> None:
        """The release that segmentation and scheduling work under from now on."""
        self.release = self.releases.publish(release)
        self.segmentation = Segmentation(*self.segmented, KEYS, self.release)

    def say(self, event: Event) -> None:
        """Ingest stores it; then everything that follows is done."""
        self.store.put_events([event_item(event, KEYS)])
        self.settle()

    def settle(self) -> None:
        """The stream's records in order; one whose consumer died or lost a race comes again. Some come twice."""
        while self.stream:
            old, new = self.stream.pop(0)
            if new is not None:
                self._again(lambda old=old, new=new: self._take(old, new))  # type: ignore[misc]

    def _take(self, old: dict[str, Any] | None, new: dict[str, Any]) -> None:
        if new["sk"].startswith(EVENT_PREFIX) and old is None:
            self.segmentation.fold([Batch(new["pk"], [read_event(new)])], self.now)
        elif new["sk"] == CUSTOMER:
            before = read_customer(old) if old else None
            self.fused.customer_changed(new["pk"], before, read_customer(new), self.now)

    def _again(self, work: Callable[[], None]) -> None:
        for _ in range(TRIES):
            try:
                work()
            except (Crash, Conflict):
                continue
            return
        raise AssertionError("it never went through")

    def tick(self) -> Any:
        """A tick that died leaves its lease behind, and what it handed over in the queue; the next come after that."""
        try:
            return super().tick()
        except Crash:
            self.notify()
            self.now += timedelta(minutes=2)
        finally:
            self.settle()

    def send(self, request: SendRequest) -> None:
        before = len(self.deliveries)
        super().send(request)
        went_out = [delivery.id for delivery in self.deliveries[before:]]
        if request.message_id in went_out:
            customer = self.scheduling.customer_enrollments(request.home)
            keys, changed = customer.tree.keys, customer.profile.cart.updated_at
            heard = self._heard(request, keys, changed)
            self.said_again += [(one, request) for one in heard if _goes_back(one, request)]
            self.sendings += [Sending(request, self.now, keys)] * went_out.count(request.message_id)

    def _heard(self, request: SendRequest, keys: tuple[str, ...], changed: datetime | None) -> list[SendRequest]:
        """What this person got from other enrollments of the journey, of the same value, and may not hear again: of
        live ones, of ones that ended after this one began or within re-entry of it.

        A cart that changed (``changed``) after the time of re-entry might begin the journey anew: what was said before
        that may be said again.
        """
        enrollments = {
            (enrollment.home, enrollment.journey, enrollment.id): enrollment
            for enrollment in self.everybodys_enrollments
        }
        mine = enrollments[_enrollment_of(request)]
        definition = self.release.journey(request.journey)
        assert definition is not None
        after = definition.reenter.after if definition.reenter else timedelta()
        began = mine.started_at
        if isinstance(definition.start, WhenStart) and changed is not None:
            began = max(began, changed)
        heard = []
        for sending in self.sendings:
            one = sending.request
            other = enrollments[_enrollment_of(one)]
            twin = other.journey == mine.journey and other.one == mine.one and other != mine and other.home in keys
            if twin and (other.end is None or mine.one or other.end.at + after > began):
                heard.append(one)
        return heard

    @property
    def everybodys_enrollments(self) -> list[Enrollment]:
        return [from_item(item) for item in self.customers.items() if item["sk"].startswith(ENROLLMENT)]


def _enrollment_of(request: SendRequest) -> tuple[str, str, str]:
    return (request.home, request.journey, request.enrollment)


def _goes_back(before: SendRequest, after: SendRequest) -> bool:
    """By hand, so that nothing is asked of the code's own plan: the steps in the order of their files."""
    return ORDER.index(after.step) <= ORDER.index(before.step)
