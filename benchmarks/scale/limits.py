"""What AWS permits, and what a stage of prod is set to; per second, where nothing else is said."""

from __future__ import annotations

from dataclasses import dataclass, replace

from infra.settings import Senders, settings_for
from shared.stores import customers, interests, timers

PARTITION_WRITES, PARTITION_READS = 1_000, 3_000
"""Units of one partition of DynamoDB, and so of one partition key."""
NEW_TABLE_WRITES = 4_000
"""Write units that a new on-demand table takes at once."""
DOUBLING = 1_800
"""Seconds: on demand a table takes twice its earlier peak at once, and more after half an hour."""
NEW_ENVIRONMENTS = 100
"""A function gets so many more environments in a second (1,000 every ten seconds)."""
CORE_MB = 1_769
"""Memory of a function that has one whole core."""
CALL = 0.004
"""Seconds of one request to DynamoDB, from a function in the same region; AWS promises single-digit milliseconds."""
PROVIDER_CALL = 0.060
"""Seconds of one call to SES."""
LAKE_BYTES = 1_048_576
"""Bytes that a Firehose stream takes in most regions (5 MiB in the three largest), before the quota is raised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Attributes
    ----------
    api
        Requests that the stage admits (`api_rate`); AWS's own quota of an account is 10,000.
    environments
        Of all functions together, in the account.
    table_writes
        Write units of one table on demand; a quota.
    warm_writes
        Write units that `customers` takes at once (`warm_writes`).
    stream
        Batches of one shard worked on at once (1 to 10).
    notify
        Environments of one channel's sender.
    schedule
        Environments that work on due timers.
    emails
        That SES sends for the account; a quota.
    lake_bytes
        That Firehose takes; a quota.
    """

    api: float
    environments: float
    table_writes: float
    warm_writes: float
    stream: int
    notify: int
    schedule: int
    emails: float
    lake_bytes: float


def deployed() -> Limits:
    """Stage prod as first deployed, in an account whose quotas nobody raised, but out of SES's sandbox."""
    concurrency = settings_for("prod", senders=Senders()).concurrency
    return Limits(
        api=concurrency.api_rate,
        environments=1_000,
        table_writes=40_000,
        warm_writes=NEW_TABLE_WRITES,
        stream=concurrency.stream,
        notify=concurrency.notify,
        schedule=concurrency.work["schedule"],
        emails=14,
        lake_bytes=LAKE_BYTES,
    )


def prepared() -> Limits:
    """The same, prepared for the Black Friday of docs/scale.md: settings and quotas raised."""
    return replace(
        deployed(),
        api=30_000,
        environments=10_000,
        table_writes=400_000,
        warm_writes=300_000,
        stream=10,
        notify=500,
        schedule=100,
        emails=4_000,
        lake_bytes=50 * LAKE_BYTES,
    )


HOT_KEYS = {
    "timers of one kind": timers.SHARDS,
    "one product's interests": interests.SHARDS,
    "one segment's members": customers.SHARDS,
    "one campaign's counts": 1,
    "counters of one source": 1,
}
"""Partition keys that many writers share: a group takes 1,000 units for each."""
