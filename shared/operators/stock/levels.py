"""``GET /v1/stock/{sku}`` and ``/v1/locations``: what is where, and what each location allows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.domain.stock.level import Level, StockRules
from shared.domain.stock.level_log import total
from shared.domain.stock.location import Location
from shared.http.answers import not_found
from shared.operators.stock.environment import Environment
from shared.operators.stock.fields import LOCATION_LENGTH, SKU_LENGTH, only, optional_text, quantity, text, truth
from shared.operators.stock.movements import level_json

FIELDS = frozenset({"label", "safety", "backorder", "pickup"})


def show(environment: Environment, sku: str) -> dict[str, Any]:
    """The levels of a sku at all locations, and their sum. Raises Problem (404) if nothing was ever moved of it."""
    sku = text({"sku": sku}, "sku", SKU_LENGTH)
    levels = environment.stock.levels(sku)
    if not levels:
        raise not_found("nothing is known of this sku; a movement or an import makes it known")
    known = environment.locations.all()
    rows = []
    for stored in levels:
        location = known.get(stored.place.location, Location(stored.place.location))
        promisable = max(0, stored.level.available - location.rules.safety)
        rows.append(
            {
                "location": location.name,
                **level_json(stored.level),
                "promisable": promisable,
                "backorder": location.rules.backorder,
                "pickup": location.pickup,
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
    location = Location(named, optional_text(body, "label", 100), rules, truth(body, "pickup", default=False))
    environment.locations.put(location)
    return _json(location)


def _json(location: Location) -> dict[str, Any]:
    return {
        "location": location.name,
        "label": location.label or location.name,
        "safety": location.rules.safety,
        "backorder": location.rules.backorder,
        "pickup": location.pickup,
    }
