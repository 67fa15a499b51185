"""``/v1/erasures`` and ``POST /v1/customers/{id}/erasure``: the erasure of a person, and its proof."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from functions.admin.environment import Environment
from functions.admin.models.erasures import ErasureRequest
from shared.domain.events.event import Source
from shared.domain.identity.keys import time_text
from shared.domain.privacy.erasure import Erasure
from shared.http.answers import not_found
from shared.operators.find_customer import find_key, find_tree
from shared.operators.paging import limit_of
from shared.stores.customers import CustomerStore
from shared.stores.erasures import Erasures, put_marks


def ask_erasure(
    environment: Environment, identifier: str, request: ErasureRequest, source: Source
) -> tuple[dict[str, Any], int]:
    """Begins the erasure of everything under the identifiers of a customer, and the status of the answer.

    Whoever asks again gets the erasure that was begun before: 200 in place of 202.

    Raises
    ------
    Problem
        404 if nobody is known by the identifier.
    """
    store, erasures = CustomerStore(environment.customers), Erasures(environment.catalog)
    key = find_key(environment, identifier)
    mark = environment.customers.get(key, "erased")
    known = erasures.get(str(mark["erasure"])) if mark is not None else None
    if known is not None:
        return erasure_json(known), 200
    tree = find_tree(environment, identifier)
    now = environment.clock.now()
    erasure = Erasure(
        id=_new_id(now),
        homes=_homes(store, tree.root),
        requested_at=now,
        by=source.name,
        case=request.case,
    )
    erasures.put(erasure)
    put_marks(environment.customers, erasure, [tree.root])  # so that asking again finds it
    environment.erasures.send_many([json.dumps({"erasure": erasure.id})])
    return erasure_json(erasure), 202


def erasure(environment: Environment, name: str) -> dict[str, Any]:
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


def list_erasures(environment: Environment, query: Mapping[str, str]) -> dict[str, Any]:
    """The newest first."""
    found, cursor = Erasures(environment.catalog).page(limit=limit_of(query), cursor=query.get("cursor"))
    return {"items": [erasure_json(one) for one in found], "cursor": cursor}


def erasure_json(found: Erasure) -> dict[str, Any]:
    """What the shop may keep as its proof: numbers and times, nothing of the person."""
    return {
        "id": found.id,
        "state": found.state.value,
        "case": found.case or None,
        "by": found.by,
        "identifiers": len(found.homes),
        "requested_at": time_text(found.requested_at),
        "erased_at": _text(found.erased_at),
        "confirmed_at": _text(found.confirmed_at),
        "refused_until": time_text(found.refused_until),
        "removed": dict(sorted(found.removed.items())),
        "kept": dict(sorted(found.kept.items())),
    }


def _homes(store: CustomerStore, root: str) -> tuple[str, ...]:
    """Every identifier below the root: also those beyond the newest ones that are joined into the customer."""
    homes = {root: None}
    waiting = [root]
    while waiting:
        owner = waiting.pop()
        for child in store.control(owner).owns:
            claim = store.control(child).claim
            if child not in homes and claim is not None and claim.parent() == owner:
                homes[child] = None
                waiting.append(child)
    return tuple(homes)


def _new_id(now: datetime) -> str:
    return f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(6)}"


def _text(when: datetime | None) -> str | None:
    return None if when is None else time_text(when)
