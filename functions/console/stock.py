"""Stock: products by name and sku, what is where, what happened to it, and who holds some of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from functions.console.page import page
from functions.console.shop import ShopView, shop_of
from functions.console.visit import Visit
from shared.domain.stock.level import Level
from shared.domain.stock.level_log import total
from shared.http.answers import Answer, Problem, malformed
from shared.operators.stock.environment import Environment
from shared.operators.stock.fields import LOCATION_LENGTH, SKU_LENGTH
from shared.operators.stock.overview import older_movements, sku_overview
from shared.operators.stock.products import search
from shared.operators.stock.products import show as product
from shared.stores.releases import Releases

ON_A_PAGE = "25"
WORKERS = 8
LONGEST = 200


def show(visit: Visit) -> Answer:
    """Products with how many pieces there are; a sku of which only stock is known is found by itself."""
    desk, asked = visit.environment.stock(), visit.request.query
    q = " ".join(asked.get("q", "").split())[:LONGEST]
    found = search(desk, {"q": q, "limit": ON_A_PAGE, "cursor": asked.get("cursor", "")})
    items = found["items"]
    alone = None
    if q and not any(one["id"] == q for one in items) and desk.stock.levels(q[:SKU_LENGTH]):
        alone = q[:SKU_LENGTH]
    with ThreadPoolExecutor(WORKERS) as workers:
        levels = list(workers.map(lambda one: _total(desk, one["id"]), items))
    rows = [{**one, "level": level} for one, level in zip(items, levels, strict=True)]
    return page(
        visit,
        "stock_found.html" if visit.partial else "stock.html",
        shop=_shop(visit),
        rows=rows,
        alone=alone,
        q=q,
        cursor=found["cursor"],
    )


def one(visit: Visit) -> Answer:
    """One sku: levels by location, the newest movements, open reservations."""
    desk, sku = visit.environment.stock(), _sku(visit)
    known = _or_none(lambda: product(desk, sku))
    found = _or_none(lambda: sku_overview(desk, sku))
    if known is None and found is None:
        raise Problem(404, "not_found", "nothing is known of this sku")
    return page(visit, "stock_sku.html", shop=_shop(visit), sku=sku, product=known, found=found)


def movements(visit: Visit) -> Answer:
    """What happened to one level earlier."""
    location = visit.request.query.get("location", "")
    if not 1 <= len(location) <= LOCATION_LENGTH:
        raise malformed("the address names a location")
    sku = _sku(visit)
    found = older_movements(visit.environment.stock(), sku, location, visit.request.query.get("cursor") or None)
    return page(visit, "stock_movements.html", shop=_shop(visit), sku=sku, location=location, found=found)


def _total(desk: Environment, sku: str) -> Level | None:
    """Over all locations; None if nothing was ever moved."""
    levels = desk.stock.levels(sku)
    return total(Level(), (stored.level for stored in levels)) if levels else None


def _sku(visit: Visit) -> str:
    sku = visit.request.query.get("id", "")
    if not 1 <= len(sku) <= SKU_LENGTH:
        raise malformed(f"a sku has 1 to {SKU_LENGTH} letters")
    return sku


def _or_none(ask: Any) -> Any:
    try:
        return ask()
    except Problem as missing:
        if missing.status != 404:
            raise
        return None


def _shop(visit: Visit) -> ShopView:
    return shop_of(Releases(visit.environment.catalog).current())
