"""``GET /v1/stock/{sku}`` and ``/v1/locations``: what is where, and what each location allows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from shared.domain.identity.keys import time_text
from shared.domain.stock.crossing import promisable
from shared.domain.stock.level import Level, StockRules
from shared.domain.stock.level_log import total
from shared.domain.stock.location import Location
from shared.domain.stock.opening_hours import DAYS, InvalidHours, OpeningHours, read_span
from shared.http.answers import malformed, not_found
from shared.operators.stock.environment import Environment
from shared.operators.stock.fields import (
    LOCATION_LENGTH,
    SKU_LENGTH,
    duration,
    only,
    optional_text,
    quantity,
    text,
    truth,
)
from shared.operators.stock.movements import level_json

FIELDS = frozenset({"label", "safety", "backorder", "pickup", "city", "address", "opening", "closed", "ready_within"})
LONGEST_PREPARING = timedelta(days=14)
MOST_CLOSED = 60


def show(environment: Environment, sku: str) -> dict[str, Any]:
    """The levels of a sku at all locations, and their sum. Raises Problem (404) if nothing was ever moved of it."""
    sku = text({"sku": sku}, "sku", SKU_LENGTH)
    levels = environment.stock.levels(sku)
    if not levels:
        raise not_found("nothing is known of this sku; a movement or an import makes it known")
    known, zone = environment.locations.all(), environment.zone()
    rows = []
    for stored in levels:
        location = known.get(stored.place.location, Location(stored.place.location))
        rows.append(
            {
                "location": location.name,
                **level_json(stored.level),
                "promisable": promisable(stored.level, location.rules),
                "backorder": location.rules.backorder,
                "pickup": location.pickup,
                "ready_by": _time(location.ready_by(environment.clock.now(), zone)),
            }
        )
    return {"sku": sku, "total": level_json(total(Level(), (stored.level for stored in levels))), "locations": rows}


def locations(environment: Environment) -> dict[str, Any]:
    """Every location that was described, by name."""
    known = environment.locations.all()
    return {"items": [_json(known[name]) for name in sorted(known)], "cursor": None}


def put_location(environment: Environment, name: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Describe a location. Raises Problem (400)."""
    only(body, FIELDS)
    named = text({"location": name}, "location", LOCATION_LENGTH)
    safety = quantity(body, "safety", 0) if "safety" in body else 0
    rules = StockRules(safety, truth(body, "backorder", default=False))
    location = Location(
        named,
        optional_text(body, "label", 100),
        rules,
        truth(body, "pickup", default=False),
        city=optional_text(body, "city", 60),
        address=optional_text(body, "address", 200),
        opening=_opening(body),
        ready_within=duration(body, "ready_within", LONGEST_PREPARING) or timedelta(),
    )
    environment.locations.put(location)
    return _json(location)


def _opening(body: Mapping[str, Any]) -> OpeningHours:
    week, closed = (
        empty if body.get(name) is None else body[name] for name, empty in (("opening", {}), ("closed", []))
    )
    if not isinstance(week, Mapping) or not set(week) <= set(DAYS):
        raise malformed(f"opening must say hours such as 10:00-22:00 by day; days are {', '.join(DAYS)}")
    if not isinstance(closed, list) or len(closed) > MOST_CLOSED:
        raise malformed(f"closed must be a list of at most {MOST_CLOSED} days such as 2026-12-31")
    try:
        spans = {DAYS.index(day): read_span(text(week, day, 20, "opening of ")) for day in week}
        return OpeningHours(spans, frozenset(date.fromisoformat(text({"day": day}, "day", 10)) for day in closed))
    except InvalidHours as wrong:
        raise malformed(f"the hours of a day {wrong}") from wrong
    except ValueError as wrong:
        raise malformed("closed must hold days such as 2026-12-31") from wrong


def _json(location: Location) -> dict[str, Any]:
    week = location.opening.week
    return {
        "location": location.name,
        "label": location.shown,
        "safety": location.rules.safety,
        "backorder": location.rules.backorder,
        "pickup": location.pickup,
        "city": location.city or None,
        "address": location.address or None,
        "opening": {day: week[number].text for number, day in enumerate(DAYS) if number in week},
        "closed": sorted(day.isoformat() for day in location.opening.closed),
        "ready_within": f"{location.ready_within // timedelta(minutes=1)}m" if location.ready_within else None,
    }


def _time(instant: datetime | None) -> str | None:
    return None if instant is None else time_text(instant)
