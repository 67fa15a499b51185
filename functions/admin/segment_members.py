"""Members of a segment with all their identifiers and some of their traits: what an export needs."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from functions.admin import definitions
from functions.admin.environment import Environment
from shared.domain.definitions.value_test import values_at
from shared.http.answers import malformed
from shared.queries.customer_tree import load_tree
from shared.stores.customers import CustomerStore

MOST_TRAITS = 20
PAGE = 200
"""Members of one page: each is read whole."""
WORKERS = 8


def members(environment: Environment, name: str, query: Mapping[str, str]) -> dict[str, Any]:
    """A page as ``definition_reads`` lists it; each member with ``identifiers`` and ``traits`` (``?traits=city,plan``,
    with dots into what is inside)."""
    names = [trait for trait in query["traits"].split(",") if trait]
    if len(names) > MOST_TRAITS:
        raise malformed(f"at most {MOST_TRAITS} traits at a time")
    limit = query.get("limit", "")
    smaller = {**query, "limit": str(PAGE)} if limit.isdigit() and int(limit[:9]) > PAGE else query
    page = definitions.members(environment, name, smaller)
    store = CustomerStore(environment.customers)
    with ThreadPoolExecutor(WORKERS) as pool:
        page["items"] = list(pool.map(lambda item: {**item, **_whole(store, item["customer"], names)}, page["items"]))
    return page


def _whole(store: CustomerStore, root: str, names: list[str]) -> dict[str, Any]:
    profile = load_tree(store, root).profile()
    found = {name: list(_values(profile.traits, name)) for name in names}
    return {
        "identifiers": [str(one) for one in profile.identifiers],
        "traits": {name: values[0] if len(values) == 1 else values or None for name, values in found.items()},
    }


def _values(traits: Mapping[str, Any], name: str) -> list[Any]:
    first = name.partition(".")[0]
    trait = traits.get(first)
    return [] if trait is None else [value for value in values_at({first: trait.value}, name) if value is not None]
