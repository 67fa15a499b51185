"""Every limit of every way, held against the demand of a size of shop: the first one that is met is the bottleneck."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.scale.black_friday import INGEST_SECONDS, STREAM_BATCH, THREADS
from benchmarks.scale.limits import CALL, CORE_MB, HOT_KEYS, PARTITION_WRITES, PROVIDER_CALL, Limits
from benchmarks.scale.measured import Costs

SETTING, QUOTA, OURS = "setting", "quota of AWS", "our code"
ACTIVE, EVENTS, BUSIEST_HOUR = 0.05, 25, 0.1
"""Of all customers, so many are active on the busiest day, with so many events, that share of them in one hour."""
CAMPAIGN_HOURS = 2
FLIPS, HERO, ARMED = 0.1, 0.05, 0.05
"""Share of events that change a membership of the largest segment, that are about one product, that arm a timer."""
IN_REQUEST = 3
WARM = "`warm_writes`; else it doubles in half an hour"


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """``events`` a second at the top; ``messages`` of one campaign to a fifth of the customers, in two hours."""

    name: str
    events: float
    messages: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """``used``: the demand as a share of what is there; above 1 it is met. ``kind`` says who can raise it."""

    way: str
    what: str
    demand: float
    limit: float
    unit: str
    kind: str
    remedy: str

    @property
    def used(self) -> float:
        return self.demand / self.limit


def shop_of(customers: int) -> Size:
    events = customers * ACTIVE * EVENTS * BUSIEST_HOUR / 3_600
    return Size(
        name=f"{customers // 1_000_000}M customers", events=events, messages=customers / 5 / (CAMPAIGN_HOURS * 3_600)
    )


def limits_of(size: Size, limits: Limits, costs: Costs) -> list[Limit]:
    """All of them, the nearest first."""
    return sorted((*_taking(size, limits, costs), *_deciding(size, limits, costs), *_sending(size, limits, costs)),
                  key=lambda one: -one.used)  # fmt: skip


def first_of(found: list[Limit], way: str) -> Limit:
    """The bottleneck of one way."""
    return next(one for one in found if one.way == way)


def _taking(size: Size, limits: Limits, costs: Costs) -> Iterator[Limit]:
    requests = size.events / IN_REQUEST
    yield Limit(way="take an event", what="requests to the API", demand=requests, limit=limits.api, unit="1/s",
                kind=SETTING, remedy="`api_rate`, and the account's quota of 10,000")  # fmt: skip
    yield Limit(way="take an event", what="environments of ingest", demand=requests * INGEST_SECONDS,
                limit=limits.environments, unit="", kind=QUOTA, remedy="concurrent executions of Lambda")  # fmt: skip
    yield Limit(way="take an event", what="write units of `customers`", demand=_customer_writes(size, costs),
                limit=limits.table_writes, unit="WU/s", kind=QUOTA, remedy="write units of a table")  # fmt: skip
    yield Limit(way="take an event", what="`customers` without notice", demand=_customer_writes(size, costs),
                limit=limits.warm_writes, unit="WU/s", kind=SETTING, remedy=WARM)  # fmt: skip
    yield Limit(way="take an event", what="counters of one source", demand=requests * INGEST_SECONDS / 20,
                limit=HOT_KEYS["counters of one source"] * PARTITION_WRITES, unit="WU/s", kind=OURS,
                remedy="another key for another channel")  # fmt: skip


def _deciding(size: Size, limits: Limits, costs: Costs) -> Iterator[Limit]:
    seconds = STREAM_BATCH * (costs.decide_calls * CALL / THREADS + costs.decide_cpu * CORE_MB / 1_024)
    shards = max(4.0, limits.warm_writes / PARTITION_WRITES)
    yield Limit(way="decide", what="events of the stream", demand=size.events,
                limit=shards * limits.stream * STREAM_BATCH / seconds, unit="1/s", kind=SETTING,
                remedy="`stream_batches`; more shards come with the table's size")  # fmt: skip
    yield Limit(
        way="decide",
        what="environments of segment",
        demand=size.events / STREAM_BATCH * seconds,
        limit=limits.environments / 2,
        unit="",
        kind=QUOTA,
        remedy="concurrent executions of Lambda",
    )
    yield Limit(way="decide", what="membership timers armed", demand=size.events * costs.timer_writes,
                limit=HOT_KEYS["timers of one kind"] * PARTITION_WRITES, unit="WU/s", kind=OURS,
                remedy="`SHARDS` of `shared/stores/timers.py`; each is asked once a minute")  # fmt: skip
    yield Limit(way="decide", what="interests in one product", demand=size.events * HERO * costs.interest_writes,
                limit=HOT_KEYS["one product's interests"] * PARTITION_WRITES, unit="WU/s", kind=OURS,
                remedy="`SHARDS` of `shared/stores/interests.py`")  # fmt: skip
    yield Limit(way="decide", what="members of one segment", demand=size.events * FLIPS,
                limit=HOT_KEYS["one segment's members"] * PARTITION_WRITES, unit="WU/s", kind=OURS,
                remedy="`SHARDS` of `shared/stores/customers.py`")  # fmt: skip
    yield Limit(way="decide", what="rows handed to the lake", demand=size.events * costs.lake_bytes / 1e6,
                limit=limits.lake_bytes / 1e6, unit="MB/s", kind=QUOTA,
                remedy="throughput of the Firehose stream; what does not fit waits in a queue")  # fmt: skip
    yield Limit(way="decide", what="compaction of an hour", demand=size.events * 3_600 * costs.compact_cpu / 1.16,
                limit=900, unit="s", kind=OURS, remedy="memory of `measure-compact`; the hours in parts")  # fmt: skip


def _sending(size: Size, limits: Limits, costs: Costs) -> Iterator[Limit]:
    seconds = costs.message_calls * CALL + PROVIDER_CALL + costs.message_cpu * CORE_MB / 512
    timer = costs.timer_fired_calls * CALL + costs.timer_fired_cpu * CORE_MB / 512
    yield Limit(way="send", what="messages that senders manage", demand=size.messages, limit=limits.notify / seconds,
                unit="1/s", kind=SETTING, remedy="`senders_at_once`")  # fmt: skip
    yield Limit(way="send", what="messages that SES takes", demand=size.messages, limit=0.8 * limits.emails, unit="1/s",
                kind=QUOTA, remedy="sending rate of SES, which has to be earned")  # fmt: skip
    yield Limit(way="send", what="counts of one campaign", demand=size.messages / 10,
                limit=HOT_KEYS["one campaign's counts"] * PARTITION_WRITES, unit="WU/s", kind=OURS,
                remedy="two campaigns")  # fmt: skip
    yield Limit(way="fire a timer", what="steps of journeys", demand=size.events * ARMED, limit=limits.schedule / timer,
                unit="1/s", kind=SETTING, remedy="`timers_at_once`")  # fmt: skip


def _customer_writes(size: Size, costs: Costs) -> float:
    decided = costs.decide_writes - costs.timer_writes - costs.interest_writes
    return size.events * (costs.ingest_writes + decided) + size.messages * 2
