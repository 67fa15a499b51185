"""The published segments with their members, and the published journeys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from functions.admin.environment import Environment
from functions.admin.paging import limit_of, read_mark, write_mark
from functions.admin.segment_state import segment_state
from shared.domain.definitions.shop import Strict
from shared.domain.facts.encoding import decode
from shared.domain.identity.keys import FACTS
from shared.http.answers import malformed, not_found
from shared.stores.customers import SHARDS, CustomerStore
from shared.stores.journey_controls import JourneyControls
from shared.stores.releases import Releases
from shared.stores.waiting_runs import Waiting, waiting_runs

COUNT_AT_MOST = 10_000
_COUNT_PAGE = 1_000


def segments(environment: Environment) -> dict[str, Any]:
    """The segments of the current release; members are counted up to ten thousand. With how far a backfill is."""
    release = Releases(environment.catalog).current()
    store = CustomerStore(environment.customers)
    items = []
    for definition in release.segments:
        count = _count(store, definition.segment)
        items.append(
            {
                "name": definition.segment,
                "label": definition.label,
                "aliases": list(definition.aliases),
                "members": count,
                "members_at_least": count >= COUNT_AT_MOST,
                "release": release.number,
            }
        )
    return {"items": items, "cursor": None, **segment_state(environment.catalog, release)}


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


def journeys(environment: Environment) -> dict[str, Any]:
    """The journeys of the current release and those that have runs yet: whether they run, and how many wait where.

    ``live`` counts runs, ``waiting`` them by the step that they wait for (empty: for their end); at least so many where
    ``live_at_least`` says so.
    """
    release = Releases(environment.catalog).current()
    controls = JourneyControls(environment.catalog).read()
    overview = waiting_runs(environment.timers, environment.customers, COUNT_AT_MOST)
    published = [definition.journey for definition in release.journeys]
    items = []
    for name in (*published, *sorted(overview.journeys.keys() - set(published))):
        definition, waiting = release.journey(name), overview.journeys.get(name, Waiting())
        items.append(
            {
                "name": name,
                "label": definition.label if definition else {},
                "state": controls.get(name, "running"),
                "live": waiting.live,
                "live_at_least": not overview.complete,
                "waiting": dict(sorted(waiting.steps.items())),
                "next_at": waiting.soonest or None,
                "start": _plain(definition.start) if definition else None,
                "steps": [_plain(step) for step in definition.steps] if definition else [],
                "release": release.number if definition else None,
            }
        )
    return {"items": items, "cursor": None}


def _plain(part: Strict) -> dict[str, Any]:
    return part.model_dump(mode="json", by_alias=True, exclude_none=True)


def _count(store: CustomerStore, name: str) -> int:
    count = 0
    for shard in range(SHARDS):
        cursor = None
        while count < COUNT_AT_MOST:
            page = store.members_page(name, shard, limit=_COUNT_PAGE, cursor=cursor)
            count += len(page.items)
            cursor = page.cursor
            if cursor is None:
                break
    return min(count, COUNT_AT_MOST)


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
