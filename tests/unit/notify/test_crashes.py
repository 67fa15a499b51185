"""At most one send per message and person, under crashes after any call."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.notify.service import TryAgain
from shared.adapters.memory import MemoryTable
from shared.domain.messages.lifecycle import IN_FLIGHT, MAX_TRANSACTIONAL_CALLS
from shared.domain.messages.message import Record, State
from shared.ports.sender import Accepted, Answer, Outgoing, Postponed
from tests.support.cases import also_long, cases
from tests.support.interleaving import Crash, Turns, TurnTable
from tests.unit.notify.world import MORNING, FakeSender, ListQueue, Shopping, request

pytestmark = pytest.mark.unit

ATTEMPTS = 12


class Fuse:
    """Blows after so many calls, once per number in the list."""

    def __init__(self, after: Iterable[int]) -> None:
        self._after = list(after)
        self.calls = 0

    def burn(self) -> None:
        self.calls += 1
        if self._after and self.calls >= self._after[0]:
            del self._after[0]
            self.calls = 0
            raise Crash


class Fragile:
    """Any port: every call is made, then the environment may die before it hears of it."""

    def __init__(self, real: Any, fuse: Fuse) -> None:
        self._real = real
        self._fuse = fuse

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._real, name)

        def call(*arguments: Any, **more: Any) -> Any:
            result = method(*arguments, **more)
            self._fuse.burn()
            return result

        return call


def play(blows: list[int], purpose: str, answers: list[Answer]) -> tuple[FakeSender, Record, Shopping, int]:
    """Deliver the queue's message again and again, ten minutes apart, until an attempt ends without a crash."""
    shop = Shopping()
    shop.ayse()
    fuse = Fuse(blows)
    plain = MemoryTable
    assert isinstance(shop.world.memory, plain)
    shop.customers = Fragile(shop.world.memory, fuse)
    shop.messages, shop.timers = Fragile(shop.messages, fuse), Fragile(shop.timers, fuse)  # type: ignore[assignment]
    shop.queues = {name: Fragile(queue, fuse) for name, queue in shop.queues.items()}  # type: ignore[misc]
    shop.sender.answers = list(answers)
    wanted = request("email", purpose=purpose, fresh_until_ms=2**42)
    for attempt in range(ATTEMPTS):
        service = shop.notifying(sender=Fragile(shop.sender, fuse))
        try:
            record = service.handle(wanted, MORNING + attempt * timedelta(minutes=10))
        except (Crash, TryAgain):
            continue
        if record.state is State.DEFERRED:
            continue  # its timer comes
        return shop.sender, record, shop, attempt
    raise AssertionError("the message never came to an end")


CALLS = 14
"""More than the calls that one undisturbed attempt makes."""


@pytest.mark.parametrize("blow", range(1, CALLS))
def test_a_crash_after_any_call_never_sends_a_commercial_message_twice(blow: int) -> None:
    """Whatever call was the last, the person gets the message once at the most, and the ledger says how it ended; the
    timeline tells of it exactly if it was SENT."""
    sender, record, shop, _ = play([blow], "marketing", [])
    assert len(sender.sent) <= 1
    assert record.state in {State.SENT, State.UNKNOWN}
    told = [event.name for event in shop.world.store.events(record.home)]
    assert told.count("Email Sent") == (1 if record.state is State.SENT else 0)


def test_the_crashes_reach_every_call() -> None:
    """The range above covers a whole attempt: the last of its crashes never happens."""
    _, _, _, attempts = play([CALLS], "marketing", [])
    assert attempts == 0
    reached = [play([blow], "marketing", [])[3] for blow in range(1, CALLS)]
    assert reached == sorted(reached, reverse=True)
    assert 8 <= sum(reached) < CALLS - 1


@also_long
@cases(20, 700)
@given(
    blows=st.lists(st.integers(1, 30), max_size=4),
    purpose=st.sampled_from(["marketing", "transactional"]),
    throttles=st.integers(0, 2),
)
def test_crashes_upon_crashes(blows: list[int], purpose: str, throttles: int) -> None:
    """Several crashes, with throttles between: a commercial message is accepted once at the most, a transactional one
    is called a bounded number of times, and it always comes to an end."""
    sender, record, _, _ = play(blows, purpose, [Postponed("provider_sending_paused")] * throttles)
    accepted = len(sender.sent) - throttles
    assert accepted <= (1 if purpose == "marketing" else MAX_TRANSACTIONAL_CALLS)
    assert len(sender.sent) <= throttles + (1 if purpose == "marketing" else MAX_TRANSACTIONAL_CALLS)
    assert record.final


@pytest.mark.parametrize("seed", range(25))
def test_two_workers_with_the_same_message_send_it_once(seed: int) -> None:
    """SQS may deliver twice at the same time: whatever the order of their calls, with crashes, one of them sends."""
    shop = Shopping()
    shop.ayse()
    turns = Turns(random.Random(seed), crash_rate=0.03)
    shop.customers, shop.messages = TurnTable(shop.world.memory), TurnTable(shop.messages)  # type: ignore[assignment]
    ended: list[Record] = []

    def worker() -> None:
        for attempt in range(30):
            try:
                ended.append(shop.notifying().handle(request("email"), MORNING + attempt * (IN_FLIGHT * 2)))
            except TryAgain:
                continue
            return

    turns.run([worker, worker])
    assert len(shop.sender.sent) <= 1
    assert {record.state for record in ended} <= {State.SENT, State.UNKNOWN}
    assert ended


@pytest.mark.parametrize("seed", range(15))
def test_two_messages_at_once_do_not_take_the_same_last_place(seed: int) -> None:
    """Two steps of one customer in two workers, one place left today: one is sent, the other waits for tomorrow."""
    shop = Shopping()
    shop.ayse()
    turns = Turns(random.Random(seed), crash_rate=0.0)
    shop.customers = TurnTable(shop.world.memory)
    states: list[State] = []

    def worker(step: str) -> Callable[[], None]:
        def run() -> None:
            for _ in range(20):
                try:
                    wanted = request("email", step=step, fresh_until_ms=2**42)
                    states.append(shop.notifying().handle(wanted, MORNING).state)
                except TryAgain:
                    continue
                return

        return run

    turns.run([worker("one"), worker("two")])
    assert sorted(states) == [State.DEFERRED, State.SENT]
    assert len(shop.sender.sent) == 1


def test_feedback_settles_what_the_crash_left_open() -> None:
    """SES reports a message that we only know as CALLING: it is SENT, and our own later record of it is no conflict."""
    shop = Shopping()
    shop.ayse()
    service = shop.notifying()

    class Reported:
        """The report overtakes the answer."""

        def send(self, outgoing: Outgoing) -> Answer:
            found = service.ledger.settle_by_feedback(outgoing.message_id, MORNING)
            assert found is not None
            assert found.state is State.SENT
            return Accepted("late")

    record = shop.notifying(sender=Reported()).handle(request("email"), MORNING)
    assert record.state is State.SENT
    assert service.ledger.settle_by_feedback("no-such-message", MORNING) is None


def test_a_crash_before_the_hand_over_to_the_next_channel_loses_nothing() -> None:
    """Skipped was recorded, the next channel's queue not yet written: the repeated message writes it."""
    shop = Shopping()
    shop.ayse()
    shop.consent("push", granted=False, at=MORNING - timedelta(days=1))

    class Dying(ListQueue):
        def send_many(self, bodies: Iterable[str]) -> None:
            if not self.bodies:
                self.bodies.append("crashed")
                raise Crash
            super().send_many(bodies)

    shop.queues["email"] = Dying()
    with pytest.raises(Crash):
        shop.notifying().handle(request("push", "email"), MORNING)
    shop.notifying().handle(request("push", "email"), MORNING)
    assert len(shop.queues["email"].bodies) == 2
