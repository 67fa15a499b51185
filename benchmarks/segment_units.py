"""What a touched customer costs afterwards: reads and writes of segment, per customer and stream batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from benchmarks import prices
from benchmarks.deployment import PUBLIC, SERVER, Deployment
from benchmarks.rows import Row
from benchmarks.shopper import Message, Shopper

PART = "segment"
HISTORY = 30
"""Events of the shopper before the measured ones: the typical one, whose facts fit into 1 KB."""
REGULAR = 300
"""Events of a regular customer."""
MEASURED = 30
"""Stream batches that are measured and averaged; a session or three."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Per touched customer and stream batch."""

    requests: float
    read: float
    write: float
    timers: float
    interests: float = 0
    """Write units of the index of interests."""

    @property
    def dollars(self) -> float:
        return prices.of_units(read=self.read, write=self.write + self.timers + self.interests)


def rows(history: int = HISTORY, measured: int = MEASURED) -> Iterator[Row]:
    """The target is two reads and two writes of up to 1 KB per touched customer and stream batch."""
    yield from _described("one identifier (an app's or a server's events), settled", _one_identifier(history, measured))
    yield from _described("user and browser, settled", _browser(history, measured))
    yield from _described("the same, 5 events in the batch", _browser(history, measured, together=5))
    yield from _described("the same, 25 events in the batch", _browser(history, 4, together=25))
    yield from _described(f"the same after {REGULAR} events", _browser(REGULAR, measured))
    yield from _described("five identifiers, settled", _five(history, measured), None, None)
    yield from _described("first event of somebody new", _newcomer(), None, None)
    yield from _described("sign-in: a browser with a history meets a user with one", _merge(history), None, None)
    yield from _described("the next event after that", _after_merge(history), None, None)
    yield from _invocations(measured)


def _described(name: str, cost: Cost, reads: float | None = 2, writes: float | None = 2) -> Iterator[Row]:
    """``reads`` and ``writes`` are targets in units; each identifier below the root costs one read more than two."""
    note = f"{cost.requests:.1f} requests" + (f", {cost.timers:.2f} WU of timers" if cost.timers else "")
    note += f", {cost.interests:.2f} WU of the index of interests" if cost.interests else ""
    yield Row(PART, f"{name}: read units", cost.read, "RU", reads)
    yield Row(PART, f"{name}: write units", cost.write, "WU", writes, cost.dollars, note)


def _one_identifier(history: int, measured: int) -> Cost:
    deployment, shopper = Deployment(), Shopper(seed=11)
    shopper.messages(1)  # the identify, whose address is an identifier too
    deployment.send([_without_browser(message) for message in shopper.messages(history)])
    deployment.deliver()
    later = [_without_browser(message) for message in shopper.messages(measured)]
    return _average(deployment, [[message] for message in later], PUBLIC)


def _browser(history: int, measured: int, together: int = 1) -> Cost:
    deployment, shopper = Deployment(), Shopper(seed=11)
    deployment.send(shopper.messages(history))
    deployment.deliver()
    later = shopper.messages(measured * together)
    batches = [later[start : start + together] for start in range(0, len(later), together)]
    return _average(deployment, batches, PUBLIC)


def _five(history: int, measured: int) -> Cost:
    """User, e-mail, loyalty card, phone (device) and browser, each with some events of its own before they met."""
    deployment, shopper = Deployment(), Shopper(seed=11)
    for owner in ({"userId": None}, {"userId": None, "anonymousId": None, **_context(device={"id": "d-1"})}):
        deployment.send([_merged(message, owner) for message in shopper.messages(3)])
    everything = _context(device={"id": "d-1"}, externalIds=[{"type": "loyalty", "id": "L-7"}])
    signed_in = [_merged(message, everything) for message in shopper.messages(history)]
    signed_in[0] = _merged(signed_in[0], _context(traits={"email": "ayse.yilmaz@example.com"}))
    deployment.send(signed_in, SERVER)
    deployment.deliver()
    return _average(deployment, [[message] for message in shopper.messages(measured)], PUBLIC)


def _newcomer(people: int = 20) -> Cost:
    deployment = Deployment()
    first = [Shopper(seed=seed, user=None).messages(1) for seed in range(people)]
    return _average(deployment, first, PUBLIC)


def _merge(history: int, after: int = 0) -> Cost:
    deployment = Deployment()
    known, browsing = Shopper(seed=11), Shopper(seed=12, user=None)
    deployment.send(known.messages(history))
    deployment.send(browsing.messages(history // 5))
    deployment.deliver()
    browsing.user = known.user
    signed_in = [[browsing.identify()], *([message] for message in browsing.messages(after))]
    if not after:
        return _average(deployment, signed_in, PUBLIC)
    _average(deployment, signed_in[:2], PUBLIC)
    return _average(deployment, signed_in[2:], PUBLIC)


def _after_merge(history: int) -> Cost:
    """The user has two browsers now."""
    return _merge(history, after=12)


def _average(deployment: Deployment, batches: Sequence[Sequence[Message]], key: str) -> Cost:
    """Sends each batch, forgets what ingest cost, and counts segment's work on it."""
    requests = read = write = timers = interests = 0.0
    for batch in batches:
        deployment.send(batch, key)
        deployment.spent()
        deployment.timers.usage.reset()
        deployment.deliver()
        spent = deployment.spent()
        requests, read, write = requests + spent.requests, read + spent.read, write + spent.write
        timers += deployment.timers.usage.write_units
        interests += spent.interests
    count = len(batches)
    return Cost(requests / count, read / count, write / count, timers / count, interests / count)


def _invocations(measured: int) -> Iterator[Row]:
    """A busy stream: 100 events of 40 signed-in people in one invocation."""
    deployment = Deployment()
    people = [Shopper(seed=seed, user=f"u-{seed}") for seed in range(40)]
    deployment.send([message for person in people for message in person.messages(30)])
    deployment.deliver()
    busy = sorted((message for person in people for message in person.messages(3)), key=_moment)[:100]
    touched = len({message["userId"] for message in busy})
    cost = _average(deployment, [near(busy, deployment.clock.time)], PUBLIC)
    name = f"100 events of {touched} people in one invocation"
    yield Row(PART, f"{name}: read units per person", cost.read / touched, "RU", 2)
    yield Row(PART, f"{name}: write units per person", cost.write / touched, "WU", 2, cost.dollars / touched)
    per_event = (cost.dollars + prices.INVOCATIONS) / len(busy)
    yield Row(PART, f"{name}: units and invocation per event", 1, "event", None, per_event, "without processor time")


def _moment(message: Message) -> str:
    return str(message["timestamp"])


def near(messages: Sequence[Message], moment: datetime) -> list[Message]:
    """The same messages, all within one second: what happened in months is not one batch."""
    step = timedelta(milliseconds=10)
    return [message | {"timestamp": (moment + place * step).isoformat()} for place, message in enumerate(messages)]


def _without_browser(message: Message) -> Message:
    return {name: value for name, value in message.items() if name != "anonymousId"}


def _context(**said: object) -> Message:
    return {"context": said}


def _merged(message: Message, changes: Message) -> Message:
    context = message["context"] | changes.get("context", {})
    return message | changes | {"context": context}
