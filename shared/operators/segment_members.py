"""``GET /v1/segments/{name}/members``: who is in a segment, and for an export with identifiers and traits."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from shared.domain.definitions.value_test import values_at
from shared.domain.facts.encoding import decode
from shared.domain.identity.keys import FACTS
from shared.http.answers import malformed, not_found
from shared.operators.environment import Environment
from shared.operators.paging import limit_of, read_mark, write_mark
from shared.queries.customer_tree import load_tree
from shared.stores.customers import SHARDS, CustomerStore
from shared.stores.releases import Releases

MOST_TRAITS = 20
PAGE = 200
"""Members of one page: each is read whole."""
WORKERS = 8


def members(environment: Environment, name: str, query: Mapping[str, str]) -> dict[str, Any]:
    """Who is in a segment and since when, shard by shard."""
    if Releases(environment.catalog).current().segment(name) is None:
        raise not_found("there is no segment of this name in the published release")
    limit = limit_of(query)
    shard, inner = _mark(query)
    store = CustomerStore(environment.customers)
    found: list[dict[str, Any]] = []
    while shard < SHARDS and len(found) < limit:
        page = store.members_page(name, shard, limit=limit - len(found), cursor=inner)
        found += page.items
        inner = page.cursor
        if inner is None:
            shard += 1
    names = _names(environment, [item["pk"] for item in found])
    items = [{"customer": item["pk"], "identifier": names.get(item["pk"]), "since": item["since"]} for item in found]
    return {"items": items, "cursor": write_mark([shard, inner]) if shard < SHARDS else None}


def with_traits(environment: Environment, name: str, query: Mapping[str, str]) -> dict[str, Any]:
    """A page as ``members`` lists it; each member with ``identifiers`` and ``traits`` (``?traits=city,plan``,
    with dots into what is inside)."""
    names = [trait for trait in query["traits"].split(",") if trait]
    if len(names) > MOST_TRAITS:
        raise malformed(f"at most {MOST_TRAITS} traits at a time")
    limit = query.get("limit", "")
    smaller = {**query, "limit": str(PAGE)} if limit.isdigit() and int(limit[:9]) > PAGE else query
    page = members(environment, name, smaller)
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


def _names(environment: Environment, roots: list[str]) -> dict[str, str]:
    """The identifier behind each root, if its facts tell."""
    items = environment.customers.get_many([(root, FACTS) for root in roots]) if roots else []
    return {item["pk"]: name for item in items if (name := decode(item["data"]).name)}


def _mark(query: Mapping[str, str]) -> tuple[int, str | None]:
    mark = read_mark(query)
    match mark:
        case None:
            return 0, None
        case [int() as shard, None | str() as inner] if 0 <= shard < SHARDS:
            return shard, inner
        case _:
            raise malformed("the cursor belongs to another list; start again without it")
