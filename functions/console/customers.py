"""Search: who is meant, by whatever the agent has at hand. The question is sent as a form, so it is in no address."""

from __future__ import annotations

from functions.console.page import page
from functions.console.shop import shop_of
from functions.console.visit import Visit
from shared.http.answers import Answer
from shared.operators.search import LONGEST_QUESTION, find_customers
from shared.stores.releases import Releases


def ask(visit: Visit) -> Answer:
    """The empty search."""
    return page(visit, "customers.html", asked="", found=None, shop=_shop(visit))


def find(visit: Visit) -> Answer:
    """What was found; as a part of the page while somebody types."""
    asked = " ".join(visit.form.get("q", "").split())[:LONGEST_QUESTION]
    found = None
    if asked:
        found = find_customers(visit.environment, {"q": asked, "cursor": visit.form.get("cursor", "")})
    template = "customers_found.html" if visit.partial else "customers.html"
    return page(visit, template, asked=asked, found=found, shop=_shop(visit))


def _shop(visit: Visit) -> object:
    return shop_of(Releases(visit.environment.catalog).current())
