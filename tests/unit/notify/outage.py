"""A provider with bad hours, the minute's tick, the queue and notify, with a clock of the test's own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from heapq import heapify, heappop, heappush
from typing import Any

from functions.notify.service import Notifying, TryAgain
from shared.domain.definitions.shop import SendHours
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.identity.keys import milliseconds
from shared.domain.messages.message import Deferred, Reason, Record, Skipped
from shared.domain.messages.request import Channel, SendRequest
from shared.ports.sender import Accepted, Ambiguous, Answer, Outgoing, Postponed
from shared.stores.timers import Timer, Timers
from tests.support.world import KEYS
from tests.unit.notify.world import MORNING, SHOP, TEMPLATES, Shopping, request

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ALL_DAY = SHOP.model_copy(update={"caps": {}, "send_hours": SendHours(start=time(0), end=time(23, 59, 59, 999_999))})
REFUSED, THROTTLED, BROKEN = "refused", "throttled", "broken"
ANSWERS: dict[str, Answer] = {
    REFUSED: Postponed("provider_endpoint_connection"),
    THROTTLED: Postponed("throttled"),
    BROKEN: Ambiguous("provider_internal_failure"),
}
_TEXTS = {"html": {"tr": "<p>{{ customer.first_name }}</p>"}, "text": {"tr": "{{ customer.first_name }}"}}
SHORT = [one.model_copy(update=_TEXTS) for one in TEMPLATES.values()]
"""What stands in a message is no matter here; the whole ready e-mails take half of such a test."""
CALL = timedelta(milliseconds=50)
"""How long a worker needs for one message."""
HIDDEN = timedelta(minutes=3)
RECEIVES = 5


@dataclass
class Provider:
    """``bad``: from, to, and how it answers then. ``most``: calls that it takes in a second."""

    bad: Sequence[tuple[datetime, datetime, str]] = ()
    most: int | None = None
    now: datetime = MORNING
    calls: list[tuple[datetime, str, Answer]] = field(default_factory=list)
    seconds: Counter[int] = field(default_factory=Counter)

    def send(self, outgoing: Outgoing) -> Answer:
        kind = next((how for begin, end, how in self.bad if begin <= self.now < end), None)
        second = milliseconds(self.now) // 1000
        self.seconds[second] += 1
        if kind is None and self.most is not None and self.seconds[second] > self.most:
            kind = THROTTLED
        answer = Accepted("yes") if kind is None else ANSWERS[kind]
        self.calls.append((self.now, outgoing.message_id, answer))
        return answer

    @property
    def taken(self) -> list[tuple[datetime, str]]:
        return [(at, message) for at, message, answer in self.calls if isinstance(answer, Accepted)]

    def per_minute(self, since: datetime) -> Counter[int]:
        return Counter((at - since) // MINUTE for at, _ in self.taken if at >= since)


@dataclass
class Waiting:
    visible: datetime
    request: SendRequest
    receives: int = 0


class Channels:
    """Customers who each expect one message; everything between the hand-over and the provider is real."""

    def __init__(self, customers: int, provider: Provider, channel: Channel = "email") -> None:
        self.shop = Shopping(ALL_DAY, SHORT)
        self.provider, self.channel = provider, channel
        self.shop.sleep = self._sleep
        self.service: Notifying = self.shop.notifying(sender=provider, channel=channel)
        self.timers = Timers(self.shop.timers)
        self.queue: list[Waiting] = []
        self.dead: list[SendRequest] = []
        self.expected: list[SendRequest] = []
        self.handled = 0
        for number in range(customers):
            self._customer(number)

    def _customer(self, number: int) -> None:
        who, at = f"user:c{number}", MORNING - HOUR
        told = {"email": f"c{number}@example.com", "phone": f"0532{number:07d}", "first_name": "Ada", "language": "tr"}
        self.shop.send("identify", at=at, who=who, traits=told)
        self.shop.send(
            "Product Added", at=at, who=who, product_id="p", quantity=1, name="Elbise", price="10", currency="TRY"
        )
        for channel in ("email", "sms"):
            self.shop.consent(channel, granted=True, home=who)

    def expect(self, number: int, due: datetime, fresh_for: timedelta, **more: Any) -> SendRequest:
        told = {"channels": (self.channel,), **more}
        wanted = request(
            home=KEYS(parse_identifier(f"user:c{number}")),
            due=due,
            fresh_until_ms=milliseconds(due + fresh_for),
            **told,
        )
        self.expected.append(wanted)
        return wanted

    def run(self, end: datetime) -> None:
        """A tick each minute: what is due by timers is handed over again, and the queue is worked off."""
        now, new = MORNING, sorted(self.expected, key=lambda one: one.due_ms)
        while now <= end:
            while new and new[0].due <= now:
                self.queue.append(Waiting(now, new.pop(0)))
            for timer in self._due(now):
                self._fire(timer, now)
                self.timers.delete(timer)
            self._work(now)
            now += MINUTE

    def run_by_outcomes(self) -> None:
        """The same for days on end, without ticks: whoever is deferred is handed over again when he was told."""
        waiting = [(one.due, number) for number, one in enumerate(self.expected)]
        heapify(waiting)
        while waiting:
            now, number = heappop(waiting)
            self.handled, self.provider.now = self.handled + 1, now
            outcome = self.service.handle(self.expected[number], now).outcome
            if isinstance(outcome, Deferred):
                assert outcome.until > now
                heappush(waiting, (outcome.until, number))

    def _due(self, now: datetime) -> Iterable[Timer]:
        for page in self.timers.drain("journey", now, owner="tick", until=now + MINUTE):
            yield from page

    def _fire(self, timer: Timer, now: datetime) -> None:
        """As schedule does: fresh steps are handed over again, others are stale."""
        wanted = next(one for one in self.expected if (one.home, one.step) == (timer.home, timer.step))
        if now < wanted.fresh_until:
            self.queue.append(Waiting(now, wanted))
        else:
            self.service.ledger.skip(wanted, wanted.home, Skipped(Reason.STALE), now)

    def _sleep(self, seconds: float) -> None:
        self.provider.now += timedelta(seconds=seconds)

    def _work(self, minute: datetime) -> None:
        self.provider.now = minute
        ready = [one for one in self.queue if one.visible <= minute]
        self.queue = [one for one in self.queue if one.visible > minute]
        for waiting in ready:
            now, self.handled = self.provider.now + CALL, self.handled + 1
            self.provider.now = now
            try:
                self.service.handle(waiting.request, now)
            except TryAgain:
                waiting.visible, waiting.receives = now + HIDDEN, waiting.receives + 1
                if waiting.receives < RECEIVES:
                    self.queue.append(waiting)
                else:
                    self.dead.append(waiting.request)

    def record(self, wanted: SendRequest) -> Record:
        found = self.service.ledger.get(wanted.message_id)
        assert found is not None
        return found
