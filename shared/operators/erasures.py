"""The erasure of a person, as it is begun and as it is proven (docs/privacy.md#erasure)."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from shared.domain.identity.keys import ERASED, milliseconds, time_text
from shared.domain.privacy.erasure import Erasure, State
from shared.http.answers import not_found
from shared.operators.environment import People
from shared.operators.find_customer import find_key, find_tree
from shared.operators.paging import limit_of
from shared.ports import Queue
from shared.queries.persons_part import homes_below
from shared.stores.customers import CustomerStore
from shared.stores.erasures import Erasures, put_marks, wrote_anew


def begun_before(environment: People, key: str) -> Erasure | None:
    """The erasure that refuses the events of this identifier now; None if there is none, or its time is over.

    A mark whose time is over may lie there still: the table deletes it some days later. What came since then is a
    customer of its own, who can be erased again.
    """
    mark = environment.customers.get(key, ERASED)
    if mark is None or milliseconds(environment.clock.now()) >= int(mark["until"]):
        return None
    return Erasures(environment.catalog).get(str(mark["erasure"]))


def begin_erasure(
    environment: People,
    queue: Callable[[], Queue],
    identifier: str,
    by: str,
    *,
    number: str = "",
    request: str,
    part: tuple[str, ...] = (),
    proven: str = "",
) -> Erasure:
    """Begins the erasure of everything under the identifiers of a customer, for the case ``request``; of those in
    ``part`` alone, if there is one (``Case.part``).

    Whoever asks again gets the erasure that was begun before. As long as it runs it is queued again: whoever began it
    may have died before that. One that is over answers nobody who wrote again since: another begins.

    Raises
    ------
    Problem
        404 if nobody is known by the identifier.
    """
    known = begun_before(environment, find_key(environment, identifier))
    if known is not None and not again_possible(environment, known):
        return _again(queue, known)
    homes = part
    if not homes and known is not None:  # of addresses that he only named, others may be the owners by now
        homes, proven = known.homes, proven or known.proven
    if not homes:
        homes = homes_below(CustomerStore(environment.customers), find_tree(environment, identifier).root)
        known = begun_before(environment, homes[0])  # asked by another of his identifiers
        if known is not None and set(homes) <= set(known.homes):  # not one that leaves some of these
            return _again(queue, known)
    now = environment.clock.now()
    erasure = Erasure(
        id=new_id(now),
        homes=homes,
        requested_at=now,
        by=by,
        case=number,
        request=request,
        proven=proven,
    )
    Erasures(environment.catalog).put(erasure)
    put_marks(environment.customers, erasure, [homes[0]])  # so that asking again finds it
    queue().send_many([json.dumps({"erasure": erasure.id})])
    return erasure


def again_possible(environment: People, known: Erasure) -> bool:
    """Whether there is something to erase since: the erasure is over, and he wrote again himself."""
    return known.state is State.CONFIRMED and wrote_anew(environment.customers, known)


def _again(queue: Callable[[], Queue], known: Erasure) -> Erasure:
    if known.state is State.RUNNING:
        queue().send_many([json.dumps({"erasure": known.id})])
    return known


def erasure(environment: People, name: str) -> dict[str, Any]:
    """One erasure.

    Raises
    ------
    Problem
        404 if there is none of this id.
    """
    found = Erasures(environment.catalog).get(name)
    if found is None:
        raise not_found("there is no erasure of this id; GET /v1/erasures lists them")
    return erasure_json(found)


def list_erasures(environment: People, query: Mapping[str, str]) -> dict[str, Any]:
    """The newest first."""
    found, cursor = Erasures(environment.catalog).page(limit=limit_of(query), cursor=query.get("cursor"))
    return {"items": [erasure_json(one) for one in found], "cursor": cursor}


def erasure_json(found: Erasure) -> dict[str, Any]:
    """What the shop may keep as its proof: numbers and times, nothing of the person."""
    return {
        "id": found.id,
        "state": found.state.value,
        "case": found.case or None,
        "request": found.request or None,
        "by": found.by,
        "identifiers": len(found.homes),
        "requested_at": time_text(found.requested_at),
        "erased_at": _text(found.erased_at),
        "confirmed_at": _text(found.confirmed_at),
        "refused_until": time_text(found.refused_until),
        "removed": dict(sorted(found.removed.items())),
        "kept": dict(sorted(found.kept.items())),
    }


def new_id(now: datetime) -> str:
    """Ids that are listed by their time."""
    return f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(6)}"


def _text(when: datetime | None) -> str | None:
    return None if when is None else time_text(when)
