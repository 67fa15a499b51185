"""``GET /v1/customers/{id}/export``: the copy of everything that is known of a person (GDPR 15 and 20, KVKK 11)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from shared.domain.identity.keys import time_text
from shared.operators.consents import Environment, consents
from shared.operators.customers import customer
from shared.operators.links import links
from shared.operators.timeline import timeline

PAGE = "100"
"""Events of one answer: each may have 32 KB, and an answer of a function 6 MB."""
MOST = "1000"

Ask = Callable[[Environment, str, Mapping[str, str]], dict[str, Any]]


def export(environment: Environment, identifier: str, query: Mapping[str, str]) -> dict[str, Any]:
    """The customer, its identifiers with why they are his, his consents with their proof, and a page of everything that
    happened and was sent. The pages behind a cursor hold that list only.

    Raises
    ------
    Problem
        404 if nobody is known by the identifier, 400 for a limit or cursor that is none.
    """
    page = timeline(environment, identifier, {"limit": PAGE, **query})
    told = {"made_at": time_text(environment.clock.now()), "items": page["items"], "cursor": page["cursor"]}
    if query.get("cursor"):
        return told
    said = consents(environment, identifier, {"limit": MOST})
    return {
        **told,
        "customer": customer(environment, identifier),
        "links": _own(_all(links, environment, identifier)),
        "consents": {"now": said["now"], "items": _all(consents, environment, identifier)},
    }


def _own(items: list[Any]) -> list[Any]:
    """Without what names other people: who else claims a shared identifier, and identifiers that are another's now."""
    own = {item["id"] for item in items if item["member"]}
    return [
        item | {"links": [link for link in item["links"] if link["owner_id"] in own]}
        for item in items
        if item["member"]
    ]


def _all(ask: Ask, environment: Environment, identifier: str) -> list[Any]:
    """All pages of a list."""
    items: list[Any] = []
    cursor = None
    while True:
        page = ask(environment, identifier, {"limit": MOST, **({"cursor": cursor} if cursor else {})})
        items += page["items"]
        cursor = page["cursor"]
        if cursor is None:
            return items
