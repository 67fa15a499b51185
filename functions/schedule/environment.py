"""What lives as long as the Lambda environment: tables, queues, releases, and the services over them."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from functools import cache

from functions.schedule.bought_together import BoughtTogether
from functions.schedule.campaign_sending import EmailPace
from functions.schedule.campaign_timers import CampaignTimers
from functions.schedule.due_timers import DueTimers
from functions.schedule.enrollment_log import log_begun
from functions.schedule.fire_timer import TimerFirer
from functions.schedule.service import Scheduling
from functions.schedule.settings import Settings
from shared.adapters.aws_clients import dynamo_client, sqs_client
from shared.adapters.clock import clock_for, elapsed_for
from shared.adapters.counters import count
from shared.adapters.dynamo import DynamoTable
from shared.adapters.lake_firehose import firehose_lake
from shared.adapters.sqs import SqsQueue
from shared.ports import Clock, Queue
from shared.stores.campaigns import Campaigns
from shared.stores.companions import CompanionStore
from shared.stores.controls import SENDING_SECONDS, ControlStore
from shared.stores.customers import CustomerStore
from shared.stores.journey_controls import JourneyControls
from shared.stores.kept_value import KeptValue
from shared.stores.lake_rows import LakeRows
from shared.stores.ledger import Ledger
from shared.stores.releases import Releases
from shared.stores.sending_quota import KEPT_SECONDS, SendingQuotas
from shared.stores.timers import Timers


@dataclass(frozen=True, slots=True)
class Environment:
    """Everything that the functions of schedule need."""

    clock: Clock
    scheduling: Scheduling
    timers: Timers
    firer: TimerFirer
    tick: DueTimers
    failures: Queue
    together: BoughtTogether | None = None
    """Counts what is bought together; None where nobody does."""
    lake: LakeRows | None = None
    """What is told of enrollments; None where there is no lake."""


@cache
def environment() -> Environment:
    """Made with the first invocation and kept."""
    settings = Settings.read(os.environ)
    tables, queues = dynamo_client(), sqs_client()
    catalog = DynamoTable(tables, settings.catalog)
    timers = Timers(DynamoTable(tables, settings.timers))
    customers, releases = CustomerStore(DynamoTable(tables, settings.customers)), Releases(catalog)
    scheduling = Scheduling(
        customers,
        timers,
        Ledger(DynamoTable(tables, settings.messages)),
        releases,
        JourneyControls(catalog, monotonic=elapsed_for(settings.clock)),
        begun=log_begun,
    )
    channels = {channel: SqsQueue(queues, url) for channel, url in settings.queues.items()}
    quota = KeptValue(SendingQuotas(catalog).read, time.monotonic, KEPT_SECONDS)
    pace = EmailPace(quota, channels["email"], by_second=not settings.clock)
    failures = SqsQueue(queues, settings.failures)
    work = SqsQueue(queues, settings.work)
    campaigns = CampaignTimers(Campaigns(catalog), customers, releases, timers, channels, work, pace)
    firer = TimerFirer(
        scheduling, timers, ControlStore(catalog, believed_for=SENDING_SECONDS), channels, failures, campaigns
    )
    return Environment(
        clock=clock_for(settings.clock),
        scheduling=scheduling,
        timers=timers,
        firer=firer,
        tick=DueTimers(timers, firer, work),
        failures=failures,
        together=BoughtTogether(customers, CompanionStore(catalog)),
        lake=LakeRows(firehose_lake(settings.lake, settings.lake_later, lost=_lost)) if settings.lake else None,
    )


def _lost(lines: int) -> None:
    count({"lake_lost": lines}, function="schedule-on-customer")
