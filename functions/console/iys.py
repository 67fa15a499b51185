"""What Turkey's register of consent has to be told, and what it refused."""

from __future__ import annotations

from functions.console.page import page
from functions.console.shop import shop_of
from functions.console.visit import Visit
from shared.http.answers import Answer
from shared.operators.iys import iys_standing, iys_statements
from shared.stores.iys_records import WAITING
from shared.stores.releases import Releases

ON_A_PAGE = "50"


def show(visit: Visit) -> Answer:
    """Recipients in a state, the most urgent first."""
    environment, query = visit.environment, visit.request.query
    asked = {"state": query.get("state", "due"), "limit": ON_A_PAGE}
    if query.get("cursor"):
        asked["cursor"] = query["cursor"]
    return page(
        visit,
        "iys.html",
        found=iys_statements(environment, asked),
        standing=iys_standing(environment),
        state=asked["state"],
        states=WAITING,
        shop=shop_of(Releases(environment.catalog).current()),
    )
