"""The Lambda function on the queue of dry runs: a message holds the id of one."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from shared.adapters.aws_clients import dynamo_client, sqs_client
from shared.adapters.clock import clock_file, clock_for
from shared.adapters.dynamo import DynamoTable
from shared.adapters.error_kinds import kind_of
from shared.adapters.handler_errors import without_values
from shared.adapters.queue_records import Failures, Record, body_of, work_on_each
from shared.adapters.sqs import SqsQueue
from shared.ports import Queue
from shared.ports.invocation import TimeLeft
from shared.stores.customers import CustomerStore
from shared.stores.dry_runs import DryRuns
from shared.stores.ledger import Ledger
from shared.stores.releases import Releases
from simulation.play_job import JobPlayer

log = logging.getLogger("kervan.simulation")
log.setLevel(logging.INFO)
MARGIN_MS = 120_000
"""A part that was begun is over before the time is."""
RECEIVES = 5
"""So often the queue brings a message (infra/queues.py); then it is a dead letter."""


@dataclass(frozen=True, slots=True)
class Environment:
    player: JobPlayer
    queue: Queue


@cache
def environment() -> Environment:
    """Made with the first invocation and kept. It may read customers and messages, and write dry runs only."""
    client = dynamo_client()
    catalog = DynamoTable(client, os.environ["KERVAN_CATALOG"])
    player = JobPlayer(
        customers=CustomerStore(DynamoTable(client, os.environ["KERVAN_CUSTOMERS"])),
        ledger=Ledger(DynamoTable(client, os.environ["KERVAN_MESSAGES"])),
        releases=Releases(catalog),
        runs=DryRuns(catalog),
        clock=clock_for(clock_file(os.environ)),
    )
    return Environment(player, SqsQueue(sqs_client(), os.environ["KERVAN_WORK"]))


@without_values
def handler(event: Mapping[str, Any], context: TimeLeft) -> Failures:
    """Plays until the time is nearly over; the rest is a message of its own."""
    return respond(event, context, environment())


def respond(event: Mapping[str, Any], context: TimeLeft, composed: Environment) -> Failures:
    """Works on each dry run; the queue offers those again that failed."""
    return work_on_each(event, lambda record: _worked(record, context, composed), log)


def _worked(record: Record, context: TimeLeft, composed: Environment) -> bool:
    """A part that was begun is played again. At the last time the run says that it died."""
    name = str(json.loads(body_of(record))["dry_run"])
    try:
        if composed.player.play(name, lambda: context.get_remaining_time_in_millis() > MARGIN_MS):
            composed.queue.send_many([task_of(name)])
    except Exception:
        if int(record.get("attributes", {}).get("ApproximateReceiveCount", 1)) >= RECEIVES:
            _give_up(name, composed)
        raise
    return True


def _give_up(name: str, composed: Environment) -> None:
    """Who looks at the run learns it now; where this fails too, after some hours without a move."""
    try:
        composed.player.gave_up(name)
    except Exception as error:  # noqa: BLE001 - the message is a dead letter either way
        log.warning("cannot say that a run died: %s", kind_of(error))


def task_of(name: str) -> str:
    """The message that asks for a dry run to go on."""
    return json.dumps({"dry_run": name})
