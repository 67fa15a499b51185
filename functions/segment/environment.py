"""What lives as long as the Lambda environment, and what an invocation of segment is composed of."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, partial
from typing import TYPE_CHECKING

from functions.segment.consent_changes import NOBODY_IS_TOLD, ConsentChanges
from functions.segment.service import Segmentation
from functions.segment.settings import Settings
from shared.adapters.aws_clients import dynamo_client, sqs_client
from shared.adapters.clock import SystemClock, clock_for
from shared.adapters.counters import count
from shared.adapters.dynamo import DynamoTable
from shared.adapters.lake_firehose import firehose_lake
from shared.adapters.secret import read_secret
from shared.adapters.sqs import SqsQueue
from shared.domain.identity.keys import IdentifierKeys
from shared.ports import Clock, Queue, Table
from shared.stores.customers import CustomerStore
from shared.stores.interests import Interests
from shared.stores.lake_rows import LakeRows
from shared.stores.releases import Releases
from shared.stores.timers import Timers

if TYPE_CHECKING:
    from functions.segment.backfill import Backfilling

WORKERS = 8


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Environment:
    """Everything that the functions of segment are composed of."""

    clock: Clock
    store: CustomerStore
    timers: Timers
    releases: Releases
    keys: IdentifierKeys
    failures: Queue
    metrics: Table
    workers: int = 1
    """People folded side by side: the work is waiting for the table."""
    backfilling: Backfilling | None = None
    """Only where there is a work queue: the tick and the walkers."""
    lake: LakeRows | None = None
    """What the invocation tells the lake; None where there is none."""
    interests: Interests | None = None
    """Who cares about a product; None where nobody is told."""
    consent_changes: ConsentChanges = NOBODY_IS_TOLD
    """Whom to tell whose consents changed."""

    def segmentation(self, *, refresh: bool = False) -> Segmentation:
        """Segmentation under the release that holds now."""
        release = self.releases.current(refresh=refresh)
        return Segmentation(
            self.store, self.timers, self.keys, release, self.lake, self.interests, self.consent_changes
        )

    def flush(self) -> None:
        """Hand on what was told. Work that led to it counts as done only after that."""
        if self.lake is not None:
            self.lake.flush()


@cache
def environment() -> Environment:
    """Made with the first invocation and kept."""
    settings = Settings.read(os.environ)
    client, queues = dynamo_client(), sqs_client()
    catalog = DynamoTable(client, settings.catalog)
    releases = Releases(catalog)
    return Environment(
        clock=clock_for(settings.clock),
        store=CustomerStore(DynamoTable(client, settings.customers)),
        timers=Timers(DynamoTable(client, settings.timers)),
        releases=releases,
        keys=IdentifierKeys(read_secret(settings.secret)),
        failures=SqsQueue(queues, settings.failures),
        metrics=DynamoTable(client, settings.metrics),
        workers=WORKERS,
        backfilling=_backfilling(settings, catalog, releases) if settings.work else None,
        lake=_lake(settings),
        interests=Interests(DynamoTable(client, settings.interests)),
        consent_changes=ConsentChanges(
            SqsQueue(queues, settings.iys_queue) if settings.iys_queue else None,
            SqsQueue(queues, settings.audiences_queue) if settings.audiences_queue else None,
        ),
    )


def _backfilling(settings: Settings, catalog: Table, releases: Releases) -> Backfilling:
    from functions.segment.backfill import SETTLE, Backfilling
    from shared.stores.backfills import BackfillStore

    settle = timedelta() if settings.local else SETTLE
    return Backfilling(
        BackfillStore(catalog), releases, SqsQueue(sqs_client(), settings.work), SystemClock(), settle=settle
    )


def _lake(settings: Settings) -> LakeRows | None:
    if not settings.lake:
        return None
    lost = partial(_lost, settings.function)
    return LakeRows(firehose_lake(settings.lake, settings.lake_later, lost=lost))


def _lost(function: str, lines: int) -> None:
    count({"lake_lost": lines}, function=function)
