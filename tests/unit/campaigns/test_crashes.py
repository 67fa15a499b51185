"""Whoever dies at whichever call: everybody gets the campaign, and nobody twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.messages.request import Channel
from tests.support.cases import LONG, UNIT
from tests.unit.campaigns.world import Store

pytestmark = UNIT

PEOPLE = 8
KINDS: dict[str, dict[str, Any]] = {
    "at once": {},
    "throttled": {"throttle": {"per_minute": 5}},
    "local time": {"at": "2026-11-25T10:00", "local_time": True},
    "local time, throttled": {"at": "2026-11-25T10:00", "local_time": True, "throttle": {"per_minute": 7}},
}
CALLS = ("put", "put_many", "delete", "add", "query", "get", "get_many")


class Died(Exception):
    """A function was killed."""


class Killer:
    """Counts the calls that the functions of schedule make, and dies at one of them: before it, or right after."""

    def __init__(self, store: Store, at: int, *, after: bool) -> None:
        self.count, self.at, self.after, self.armed = 0, at, after, False
        for table in (store.catalog, store.ingest.timers, store.customers):
            for name in CALLS:
                setattr(table, name, self._watched(getattr(table, name)))
        for queue in (store.work, *store.queues.values()):
            object.__setattr__(queue, "send_many", self._watched(queue.send_many))

    def _watched(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*arguments: Any, **options: Any) -> Any:
            if not self.armed:
                return call(*arguments, **options)
            self.count += 1
            if self.count == self.at and not self.after:
                raise Died
            answer = call(*arguments, **options)
            if self.count == self.at:
                raise Died
            return answer

        return watched

    def kills(self, function: Callable[[], Any]) -> None:
        """Runs one function of schedule."""
        self.armed = True
        with suppress(Died):
            function()
        self.armed = False


def lived_through(kind: str, at: int, *, after: bool) -> tuple[Store, int]:
    """A campaign with one death; the shop, and how many calls there were."""
    store = Store()
    store.people(PEOPLE // 2)
    store.people(PEOPLE // 2, first=100, zone="Asia/Kathmandu")
    store.plan(**KINDS[kind])
    killer = Killer(store, at, after=after)
    for _ in range(500):
        due = store.next_due()
        if due is None:
            return store, killer.count
        store.clock.time = max(store.clock.time + timedelta(seconds=1), due)
        killer.kills(store.tick)
        work(store, killer)
    raise AssertionError("timers never end")


def work(store: Store, killer: Killer) -> None:
    """Both kinds of workers; what one gave back comes again behind the others."""
    for _ in range(50):
        bodies, store.work.bodies = store.work.bodies, []
        for body in bodies:
            killer.kills(lambda body=body: store.work.bodies.extend(store.worker([body])))  # type: ignore[misc]
        channels: list[Channel] = list(store.queues)
        for channel in channels:
            held, store.queues[channel].bodies = store.queues[channel].bodies, []
            if held:
                store.deliver(channel, held)
        if not store.work.bodies and not any(queue.bodies for queue in store.queues.values()):
            return
    raise AssertionError("the queues never end")


def deaths(calls: int) -> Iterator[tuple[int, bool]]:
    """Every call, before and after it, in ``make test-long``; two of them in ``make test``."""
    if LONG:
        yield from ((at, after) for at in range(1, calls + 1) for after in (False, True))
    else:
        yield from ((calls // 5, True), (2 * calls // 3, False))


@pytest.mark.parametrize("kind", KINDS)
def test_one_death_at_any_call(kind: str) -> None:
    """The next worker goes on, whatever was left undone."""
    _, calls = lived_through(kind, 0, after=False)
    everybody = {f"p{n}@example.com": 1 for n in (*range(PEOPLE // 2), *range(100, 100 + PEOPLE // 2))}
    for at, after in deaths(calls):
        store, _ = lived_through(kind, at, after=after)
        assert Counter(store.addresses) == everybody, (kind, at, after)
        shown = store.shown()
        assert (shown["state"], shown["open"], shown["waiting"]) == ("done", 0, 0), (kind, at, after)
        assert store.failures.bodies == []
