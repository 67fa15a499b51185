"""One day of 100 million customers in virtual time: a campaign to 20 million in two hours, 50,000 events in a second.

Each second, what comes goes through the stages of docs/architecture.md as far as its limit lets it; what does not fit
waits, as it would in AWS: the client's SDK sends again after 429 and 503, the stream keeps its records for a day, the
queue its messages. Amounts are rates, not single people, so a day takes seconds to compute.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import exp

from benchmarks.prices import GB_SECOND, HTTP_REQUESTS, INVOCATIONS, READ_UNITS, SQS_REQUESTS, WRITE_UNITS
from benchmarks.scale.backlog import Backlog
from benchmarks.scale.limits import CALL, CORE_MB, HOT_KEYS, NEW_ENVIRONMENTS, PROVIDER_CALL, Limits
from benchmarks.scale.measured import Costs
from benchmarks.scale.tables import Table

HOUR = 3_600
STREAM_BATCH, THREADS, QUEUE_BATCH = 100, 8, 10
INGEST_SECONDS = 0.012
"""Of one request, most of it the write."""
SEGMENT_MB, NOTIFY_MB, INGEST_MB = 1_024, 512, 1_024


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """Attributes
    ----------
    quiet, peak
        Events in a second, outside and at the top of the rush.
    rush_begins, rush_hours
        When the rush begins, and how long it takes to rise, and again to fall.
    in_request
        Events of one request: an app sends a few together, a page one or two.
    hero
        Share of the events that are about one product: the offer that everybody looks at.
    campaign, campaign_begins, campaign_hours
        Messages, and when they are to go out.
    answers
        Events that come back for one message (delivered, opened, clicked, visited), half of them within an hour.
    journeys
        Share of the events that arm a timer of a journey, such as a cart reminder.
    """

    hours: int = 12
    quiet: float = 2_000
    peak: float = 50_000
    rush_begins: int = 3
    rush_hours: int = 2
    in_request: float = 3
    hero: float = 0.05
    campaign: float = 20_000_000
    campaign_begins: int = 3
    campaign_hours: int = 2
    answers: float = 3
    journeys: float = 0.05

    def events(self, second: int) -> float:
        """That people cause by themselves."""
        begin, length = self.rush_begins * HOUR, self.rush_hours * HOUR
        away = abs(second - begin - length) / length
        return self.quiet + (self.peak - self.quiet) * max(0.0, 1 - away)

    def messages(self, second: int) -> float:
        begin = self.campaign_begins * HOUR
        return self.campaign / (self.campaign_hours * HOUR) if 0 <= second - begin < self.campaign_hours * HOUR else 0.0


@dataclass(slots=True, kw_only=True)
class Outcome:
    """Attributes
    ----------
    lag
        Seconds, the worst: between an event and its storing (its sender sends again after 429 and 503), the decision
        about it, a message and its sending, a step and its due time.
    environments
        Of all functions, the most at once.
    throttled
        By table: seconds in which it refused something.
    campaign_seconds
        Until the last message of the campaign was sent.
    unsent, undecided, unanswered
        What still waits at the end; the last are events that sent messages will cause.
    """

    events: float = 0.0
    decided: float = 0.0
    sent: float = 0.0
    lag: dict[str, int] = field(default_factory=dict)
    environments: float = 0.0
    throttled: dict[str, int] = field(default_factory=dict)
    unsent: float = 0.0
    undecided: float = 0.0
    unanswered: float = 0.0
    campaign_seconds: int = 0
    dollars: float = 0.0


class BlackFriday:
    """Run it once: ``run`` gives the outcome."""

    def __init__(self, day: Day, limits: Limits, costs: Costs) -> None:
        self._day, self._limits, self._costs = day, limits, costs
        self._tables = {
            "customers": Table(warm=limits.warm_writes, quota=limits.table_writes),
            "timers": Table(warm=limits.warm_writes / 4, quota=limits.table_writes),
            "interests": Table(warm=limits.warm_writes / 4, quota=limits.table_writes),
            "messages": Table(warm=limits.warm_writes / 4, quota=limits.table_writes),
        }
        self._clients, self._stream, self._queue, self._due = Backlog(), Backlog(), Backlog(), Backlog()
        self._responses = 0.0
        self._ingest_environments = 10.0
        self._found = Outcome(lag={"stored": 0, "decided": 0, "sent": 0, "fired": 0})
        self._decided = 0.0

    def run(self) -> Outcome:
        for second in range(self._day.hours * HOUR):
            self._second(second)
        found = self._found
        found.unsent, found.undecided = self._queue.size, self._stream.size + self._clients.size
        found.unanswered = self._responses
        found.throttled = {name: table.throttled for name, table in self._tables.items() if table.throttled}
        return found

    def _second(self, second: int) -> None:
        back = self._responses * (1 - exp(-1 / (1.44 * HOUR)))
        self._responses -= back
        self._clients.add(second, self._day.events(second) + back)
        customers = self._tables["customers"]
        taken = self._take_events(second)
        # Who is throttled waits before he tries again: the rate grows from what went through.
        deciding = min(self._stream.size, self._segment_rate(customers), 1.1 * self._decided + 1_000)
        sending = self._sending(second)
        firing = self._firing()
        shares = self._write(second, taken, deciding, sending, firing)
        self._decided = deciding * min(shares["customers"], shares["timers"], shares["interests"])
        sent = sending * min(shares["customers"], shares["messages"])
        fired = firing * min(shares["customers"], shares["timers"])
        self._account(second, taken, self._decided, sent, fired)
        waiting = {"stored": self._clients, "decided": self._stream, "sent": self._queue, "fired": self._due}
        for name, backlog in waiting.items():
            self._found.lag[name] = max(self._found.lag[name], backlog.age(second))

    def _take_events(self, second: int) -> float:
        """Requests that the API admits and environments take; others are refused, and sent again."""
        wanted = self._clients.size / self._day.in_request
        admitted = min(wanted, self._limits.api)
        needed = admitted * INGEST_SECONDS
        self._ingest_environments = max(
            self._ingest_environments * 0.999, min(needed, self._ingest_environments + NEW_ENVIRONMENTS)
        )
        admitted = min(admitted, self._ingest_environments / INGEST_SECONDS, self._limits.environments / INGEST_SECONDS)
        self._cost(HTTP_REQUESTS * admitted + INVOCATIONS * admitted)
        self._cost_of_running(admitted * INGEST_SECONDS, INGEST_MB)
        return self._clients.take(admitted * self._day.in_request)

    def _segment_rate(self, customers: Table) -> float:
        """Events in a second: every shard has so many batches at once, and a batch waits for the table and the core."""
        waiting = STREAM_BATCH * self._costs.decide_calls * CALL / THREADS
        computing = STREAM_BATCH * self._costs.decide_cpu * CORE_MB / SEGMENT_MB
        self._batch_seconds = waiting + computing
        batches = min(customers.partitions * self._limits.stream, self._limits.environments / 2)
        return batches * STREAM_BATCH / self._batch_seconds

    def _sending(self, second: int) -> float:
        self._queue.add(second, self._day.messages(second))
        seconds = self._costs.message_calls * CALL + PROVIDER_CALL + self._costs.message_cpu * CORE_MB / NOTIFY_MB
        self._message_seconds = seconds
        return min(self._queue.size, self._limits.notify / seconds, 0.8 * self._limits.emails)

    def _firing(self) -> float:
        seconds = self._costs.timer_fired_calls * CALL + self._costs.timer_fired_cpu * CORE_MB / NOTIFY_MB
        self._timer_seconds = seconds
        return min(self._due.size, self._limits.schedule / seconds)

    def _write(self, second: int, taken: float, deciding: float, sending: float, firing: float) -> dict[str, float]:
        """What all of them write; which share each table grants. Events that it refuses are sent again."""
        cost, tables = self._costs, self._tables
        arming = taken * self._day.journeys
        per_table = {
            "customers": taken * cost.ingest_writes
            + deciding * (cost.decide_writes - cost.timer_writes - cost.interest_writes)
            + sending * 2
            + firing,
            "timers": deciding * cost.timer_writes + arming + firing * 2,
            "interests": deciding * cost.interest_writes,
            "messages": sending * (cost.message_writes - 2),
        }
        hot = {
            "timers": [
                (HOT_KEYS["timers of one kind"], deciding * cost.timer_writes),
                (HOT_KEYS["timers of one kind"], arming),
            ],
            "interests": [(HOT_KEYS["one product's interests"], deciding * cost.interest_writes * self._day.hero)],
            "messages": [(HOT_KEYS["one campaign's counts"], sending / QUEUE_BATCH)],
        }
        shares = {name: tables[name].grant(second, units, hot.get(name, ())) for name, units in per_table.items()}
        kept = taken * shares["customers"]
        self._clients.add(second, taken - kept)
        self._found.events += kept
        self._stream.add(second, kept)
        self._cost(WRITE_UNITS * sum(units * shares[name] for name, units in per_table.items()))
        return shares

    def _account(self, second: int, taken: float, decided: float, sent: float, fired: float) -> None:
        found, cost = self._found, self._costs
        found.decided += self._stream.take(decided)
        found.sent += self._queue.take(sent)
        self._due.take(fired)
        self._due.add(second, decided * self._day.journeys)
        self._responses += sent * self._day.answers
        if sent and found.sent <= self._day.campaign:
            found.campaign_seconds = second - self._day.campaign_begins * HOUR
        batches = decided / STREAM_BATCH
        busy = batches * self._batch_seconds + taken / self._day.in_request * INGEST_SECONDS
        busy += sent * self._message_seconds + fired * self._timer_seconds
        found.environments = max(found.environments, busy)
        self._cost(READ_UNITS * (decided * cost.decide_reads + sent * 5 + fired * 3))
        self._cost(
            INVOCATIONS * (batches + (sent + fired) / QUEUE_BATCH) + SQS_REQUESTS * 3 * (sent + fired) / QUEUE_BATCH
        )
        self._cost_of_running(batches * self._batch_seconds, SEGMENT_MB)
        self._cost_of_running(sent * self._message_seconds + fired * self._timer_seconds, NOTIFY_MB)

    def _cost(self, dollars_a_million: float) -> None:
        self._found.dollars += dollars_a_million / 1e6

    def _cost_of_running(self, seconds: float, memory_mb: int) -> None:
        self._found.dollars += seconds * memory_mb / 1_024 * GB_SECOND
