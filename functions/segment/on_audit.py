"""The Lambda function of every hour: are memberships what the events say, how large are the segments, and which
requests of people are due?"""

from __future__ import annotations

import logging
import os
import random
import time
from datetime import datetime
from functools import cache
from typing import Any

from functions.segment.audit import Auditing
from shared.adapters.aws_clients import dynamo_client
from shared.adapters.clock import clock_file, clock_for
from shared.adapters.counters import count, gauge
from shared.adapters.dynamo import DynamoTable
from shared.adapters.handler_errors import without_values
from shared.adapters.secret import read_secret
from shared.domain.identity.keys import IdentifierKeys
from shared.domain.privacy.case import Due
from shared.domain.segments.oracle import oracle_segments
from shared.ports import Table
from shared.ports.invocation import TimeLeft
from shared.queries.due_cases import due_cases
from shared.stores.audits import AuditStore
from shared.stores.customers import CustomerStore
from shared.stores.releases import Releases

log = logging.getLogger("kervan.segment")
log.setLevel(logging.INFO)

MARGIN_MS = 120_000
"""Left for the second look and for counting the segments."""


@without_values
def handler(_event: Any, context: TimeLeft) -> dict[str, int]:
    """Counters and one item of the catalog; a difference is logged with the customer's key, a digest."""
    audits = auditing()
    tell_due_cases(DynamoTable(dynamo_client(), os.environ["KERVAN_CATALOG"]), audits.clock.now())
    return respond(context, audits)


def tell_due_cases(catalog: Table, now: datetime) -> Due:
    """How many requests of people must be answered within a week, and within two days: the alarms watch it."""
    due = due_cases(catalog, now)
    said = {"CasesDueWithinWeek": due.week, "CasesDueWithinTwoDays": due.two_days}
    gauge(said, function="segment-audit")
    return due


def respond(context: TimeLeft, audits: Auditing) -> dict[str, int]:
    audit = audits.run(lambda: context.get_remaining_time_in_millis() > MARGIN_MS)
    said = {"AuditSampled": audit.sampled, "AuditMismatches": sum(audit.mismatches.values())}
    gauge(said, function="segment-audit")
    for segment, customers in audit.mismatches.items():
        count({"AuditMismatches": customers}, segment=segment)
    for segment, size in audit.sizes.items():
        gauge({"SegmentSize": size.members}, segment=segment)
    log.info("audit %s, left out %d", said, audit.left_out)
    return said


@cache
def auditing() -> Auditing:
    """Made with the first invocation and kept."""
    client, environment = dynamo_client(), os.environ
    catalog = DynamoTable(client, environment["KERVAN_CATALOG"])
    return Auditing(
        clock=clock_for(clock_file(environment)),
        store=CustomerStore(DynamoTable(client, environment["KERVAN_CUSTOMERS"])),
        releases=Releases(catalog),
        audits=AuditStore(catalog),
        keys=IdentifierKeys(read_secret(environment["KERVAN_SECRET"])),
        oracle=oracle_segments,
        rng=random.Random(),  # noqa: S311 - a sample, not a secret
        sleep=time.sleep,
    )
