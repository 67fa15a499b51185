"""Who changed what: noted around each change, and shown to who may see it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager

from functions.console.page import page
from functions.console.shop import shop_of
from functions.console.visit import Visit
from shared.http.answers import Answer, malformed
from shared.stores.console_changes import Changes, read_change
from shared.stores.releases import Releases

ON_A_PAGE = 50


def noted(visit: Visit, what: str, about: Mapping[str, str]) -> AbstractContextManager[None]:
    """Around the block that makes the change."""
    session = visit.signed_in
    environment = visit.environment
    return Changes(environment.catalog).noting(environment.clock.now(), session.name, session.subject, what, about)


def show(visit: Visit) -> Answer:
    """The changes of a month, newest first."""
    environment = visit.environment
    now = f"{environment.clock.now():%Y-%m}"
    month = visit.request.query.get("month", now)
    if len(month) != len(now) or not month.replace("-", "").isdigit():
        raise malformed("month is a month such as 2026-11")
    found = Changes(environment.catalog).page(month, ON_A_PAGE, visit.request.query.get("cursor") or None)
    shop = shop_of(Releases(environment.catalog).current())
    items = [read_change(item) for item in found.items]
    return page(visit, "changes.html", items=items, cursor=found.cursor, month=month, shop=shop)
