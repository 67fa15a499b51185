"""The Lambda function of every quarter of an hour: what recipients changed at IYS, and what IYS has to know."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from functions.iys.environment import Environment, environment
from functions.iys.exchange import Exchange
from functions.iys.pace import Pace
from shared.adapters.counters import count, gauge
from shared.adapters.error_kinds import kind_of
from shared.adapters.handler_errors import without_values
from shared.domain.definitions.iys import IysSettings
from shared.domain.identity.keys import time_text
from shared.domain.time.business_days import add_business_days
from shared.ports.invocation import Invocation
from shared.ports.iys import IysDown
from shared.stores.iys_records import IysRecords

log = logging.getLogger("kervan.iys")
log.setLevel(logging.INFO)

LEAST_MS = 45_000
"""With less left no request begins: it takes 20 s at most, and what it tells must be noted."""


@without_values
def handler(_event: Any, context: Invocation) -> dict[str, int]:
    """Does what can be done in its time; the rest waits for the next quarter of an hour."""
    return respond(context, environment())


def respond(context: Invocation, composed: Environment) -> dict[str, int]:
    """One run, if the shop has an account and nobody else is at it."""
    account = composed.shop().iys
    if account is None:
        return {}
    now = composed.clock.now()
    until = now + timedelta(milliseconds=context.get_remaining_time_in_millis())
    name = context.aws_request_id
    records = composed.records.of_account(account.account)
    if not records.lease(name, now, until):
        log.info("another run is at it")
        return {}
    try:
        return _run(account, records, name, context, composed)
    finally:
        records.release(name)


def _run(
    account: IysSettings, records: IysRecords, name: str, context: Invocation, composed: Environment
) -> dict[str, int]:
    exchange = Exchange(
        composed.iys(account),
        records,
        composed.intake.of_account(account.account),
        Pace(account.requests_per_minute, composed.elapsed, composed.sleep),
        composed.clock.now,
        lambda: context.get_remaining_time_in_millis() > LEAST_MS,
        name,
        workers=composed.workers,
        questions=account.questions,
    )
    try:
        exchange.run()
    except IysDown as down:
        log.warning("IYS does not answer: %s", kind_of(down.__cause__ or down))
        exchange.tally["down"] += 1
    tell_how_it_stands(records, composed.clock.now())
    tally = exchange.tally
    done = {
        "iys_told": tally["told"],
        "iys_accepted": tally["accepted"],
        "iys_refused": tally["refused"],
        "iys_changed": tally["changed"],
        "iys_unreadable": tally["unreadable"],
        "iys_lost": tally["lost"],
        "iys_asked": tally["asked"],
        "iys_unanswered": tally["unanswered"],
        "iys_gap": tally["gap"],
        "iys_down": tally["down"],
        "iys_requests": exchange.pace.requests,
    }
    count(done, function="iys-on-due")
    log.info("%s", done)
    return done


def tell_how_it_stands(records: IysRecords, now: datetime) -> None:
    """The metrics that alarms look at: what is near its time, what was refused, and since when nothing was read."""
    # Of what was said two business days ago the third one runs.
    near = time_text(add_business_days(now, 1))
    pulled = records.pull().at
    gauge(
        {
            "iys_near_deadline": records.count("due", below=near) + records.count("pending", below=near),
            "iys_refused_now": records.count("refused"),
            "iys_minutes_unread": 0 if pulled is None else int((now - pulled).total_seconds() // 60),
        },
        function="iys-on-due",
    )
