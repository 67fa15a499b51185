"""The Lambda function of every week: it writes predictions to customers (docs/predictions.md)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from functions.measure.answer_report import LOOKS_BACK
from functions.measure.lake_reader import Days, open_lake
from functions.measure.predict import predict
from functions.measure.report import Question, views_of
from functions.measure.report_files import read_report
from functions.measure.week_environment import Environment, environment
from shared.adapters.counters import count
from shared.adapters.handler_errors import without_values
from shared.domain.identity.keys import milliseconds
from shared.domain.lake.tables import CUSTOMERS, ORDERS
from shared.domain.measure.period import Period
from shared.ports.invocation import TimeLeft
from shared.stores.customers import CustomerStore
from shared.stores.releases import Releases

log = logging.getLogger("kervan.measure")
log.setLevel(logging.INFO)

MARGIN_MS = 60_000
"""A page of customers must fit into what is left."""


@without_values
def handler(event: Mapping[str, Any], context: TimeLeft) -> dict[str, Any]:
    """``after`` and ``now`` come from a run whose time was over; it calls the function again."""
    return respond(event, context, environment())


def respond(event: Mapping[str, Any], context: TimeLeft, composed: Environment) -> dict[str, Any]:
    now = datetime.fromisoformat(event["now"]) if "now" in event else composed.clock.now()
    shop = Releases(composed.catalog).current().shop
    last = now.astimezone(ZoneInfo(shop.time_zone)).date() - timedelta(days=1)
    asked = Question(Period(last, last, ZoneInfo(shop.time_zone)), shop.currency, milliseconds(now))
    with open_lake(
        composed.objects,
        days=_orders_only(last),
        reads=views_of(read_report("predictions")),
        scratch=composed.scratch,
        memory_mb=composed.memory_mb,
    ) as connection:
        done = predict(
            connection,
            asked,
            CustomerStore(composed.customers),
            now,
            after=event.get("after", ""),
            time_left=lambda: context.get_remaining_time_in_millis() > MARGIN_MS,
        )
    log.info("predicted %s", {name: value for name, value in asdict(done).items() if name != "after"})
    count({"predictions_written": done.written}, function="measure-predict")
    if done.after:
        composed.again.call({"after": done.after, "now": now.isoformat()})
    return {"told": list(done.told), "written": done.written, "gone": done.gone, "finished": not done.after}


def _orders_only(last: date) -> Days:
    return Days(first=last - LOOKS_BACK, whole=frozenset({CUSTOMERS.name, ORDERS.name}))
