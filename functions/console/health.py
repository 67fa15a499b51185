"""What does not work, and how the last days went: parts of Today, each asked by a request of its own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from functions.console.page import page
from functions.console.shop import shop_of
from functions.console.visit import Visit
from shared.domain.identity.keys import time_text
from shared.domain.measure.value_text import change_text, value_text
from shared.domain.messages.reputation import Feedback
from shared.http.answers import Answer, Problem
from shared.operators.iys import iys_standing
from shared.operators.reports import report
from shared.operators.sources import sources
from shared.operators.stock.held_prices import waiting as held_prices
from shared.stores.campaigns import Campaigns
from shared.stores.releases import Releases
from shared.stores.reputation import Reports

WORKERS = 8
DAYS = 7
COUNTED = 1_000
"""Recipients that the register must be told of; more are not counted here."""
SHOWN = 5
"""Warnings of one source."""
NUMBERS = ("orders", "revenue", "customers_new", "messages", "open_rate", "click_rate", "credited_revenue")
"""Of the report ``overview``, in the order in which they stand."""


def health(visit: Visit) -> Answer:
    """Dead letters by queue, what could not be used of each source's events, what came back of a channel's messages."""
    environment = visit.environment
    letters = environment.letters()
    with ThreadPoolExecutor(WORKERS) as workers:
        counts = list(workers.map(lambda queue: queue.waiting(), letters.values()))
    waiting = sorted((name, count) for name, count in zip(letters, counts, strict=True) if count)
    told = [one for one in sources(environment)["items"] if one["name"]]
    return page(
        visit,
        "today_health.html",
        shop=shop_of(Releases(environment.catalog).current()),
        waiting=waiting,
        prices=held_prices(environment.stock()),
        sources=[{**one, "warned": _warnings(one)} for one in told],
        rates=_rates(visit),
        register=iys_standing(environment, most=COUNTED),
        stopped=[(name, time_text(at), why) for name, at, why in Campaigns(environment.catalog).stopped()[:SHOWN]],
    )


def numbers(visit: Visit) -> Answer:
    """Seven days that end yesterday, against the seven before."""
    environment = visit.environment
    shop = shop_of(Releases(environment.catalog).current())
    last = environment.clock.now().astimezone(ZoneInfo(shop.zone)).date() - timedelta(days=1)
    asked = {"from": (last - timedelta(days=DAYS - 1)).isoformat(), "to": last.isoformat(), "compare": "true"}
    try:
        found = report(environment.catalog, environment.clock, environment.reports(), "overview", asked)
    except Problem as refused:
        if refused.status != 404:
            raise
        return page(visit, "today_numbers.html", tiles=None, asked=asked)
    totals = next(table for table in found["tables"] if table["name"] == "totals")
    row = totals["rows"][0]
    columns = {column["name"]: column for column in totals["columns"]}
    tiles = [_tile(columns[name], row, found["currency"], visit.language) for name in NUMBERS]
    return page(visit, "today_numbers.html", tiles=tiles, asked=asked)


def _tile(column: dict[str, Any], row: dict[str, Any], currency: str, language: Literal["tr", "en"]) -> dict[str, str]:
    value, before = row[column["name"]], (row.get("before") or {}).get(column["name"])
    change = change_text(value, before, column["kind"], language)
    return {
        "title": column["title"][language],
        "value": value_text(value, column["kind"], language, currency),
        "change": change,
        "way": {"▲": "up", "▼": "down"}.get(change[:1], ""),
    }


def _warnings(source: dict[str, Any]) -> list[tuple[str, int]]:
    """What of its events could not be used, and what was doubtful, the most frequent first."""
    refused = [(one["reason"], one["count"]) for one in source["refused"]]
    warned = [(f"{one['field']}: {one['reason']}", one["count"]) for one in source["warnings"]]
    return sorted([*refused, *warned], key=lambda pair: (-pair[1], pair[0]))[:SHOWN]


def _rates(visit: Visit) -> list[tuple[str, Feedback]]:
    """Of the last seven days, of channels by which something was sent."""
    environment = visit.environment
    now = environment.clock.now()
    found = [
        (one, Reports(environment.metrics, one).since(now - timedelta(days=DAYS), now)) for one in ("email", "sms")
    ]
    return [(channel, counted) for channel, counted in found if counted.sent]
