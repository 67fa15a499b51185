"""``GET /v1/customers/{id}/export``: the copy of everything that is known of a person (GDPR 15 and 20, KVKK 11)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from shared.domain.identity.keys import time_text
from shared.domain.privacy.part import Part
from shared.operators.consents import Environment, consents_of
from shared.operators.customers import customer_of
from shared.operators.find_customer import find_tree
from shared.operators.links import links_of_tree
from shared.operators.timeline import timeline_of
from shared.queries.customer_tree import Tree
from shared.queries.persons_part import tree_of_part, whole_part
from shared.stores.customers import CustomerStore
from shared.stores.releases import Releases

PAGE = "100"
"""Events of one answer: each may have 32 KB, and an answer of a function 6 MB."""
MOST = "1000"

Ask = Callable[[Mapping[str, str]], dict[str, Any]]


def export(environment: Environment, identifier: str, query: Mapping[str, str]) -> dict[str, Any]:
    """The customer, its identifiers with why they are his, his consents with their proof, and a page of everything that
    happened and was sent. The pages behind a cursor hold that list only.

    Raises
    ------
    Problem
        404 if nobody is known by the identifier, 400 for a limit or cursor that is none.
    """
    part = whole_part_of(environment, identifier)
    return export_of(environment, part, known_of(environment, part), query)


def whole_part_of(environment: Environment, identifier: str) -> Part:
    """All of the customer that an identifier belongs to; of what he shares that which was his alone.

    Raises
    ------
    Problem
        404 if nobody is known by the identifier.
    """
    return whole_part(CustomerStore(environment.customers), find_tree(environment, identifier).root)


def known_of(environment: Environment, part: Part) -> Tree:
    """The customer as if only this part were known."""
    features = Releases(environment.catalog).current().features
    return tree_of_part(CustomerStore(environment.customers), part, features)


def export_of(environment: Environment, part: Part, known: Tree, query: Mapping[str, str]) -> dict[str, Any]:
    """The same of one part. An erasure works by the same part, so that the copy holds what the erasure deletes."""
    ends = {home: since for home, since in part.since.items() if since is not None}
    page = timeline_of(environment, known, {"limit": PAGE, **query}, events_end=ends, messages_end=ends)
    told = {"made_at": time_text(environment.clock.now()), "items": page["items"], "cursor": page["cursor"]}
    if query.get("cursor"):
        return told
    said = consents_of(environment, known, {"limit": MOST}, part)
    return {
        **told,
        "customer": customer_of(environment, known, alone=True),
        "links": _own(_all(lambda asked: links_of_tree(environment, known, asked)), part),
        "consents": {"now": said["now"], "items": _all(lambda asked: consents_of(environment, known, asked, part))},
    }


def _own(items: list[Any], part: Part) -> list[Any]:
    """Without what names other people: who else claims a shared identifier, and identifiers that are another's now."""
    return [
        item | {"links": [link for link in item["links"] if link["owner_id"] in part.since]}
        for item in items
        if item["member"]
    ]


def _all(ask: Ask) -> list[Any]:
    """All pages of a list."""
    items: list[Any] = []
    cursor = None
    while True:
        page = ask({"limit": MOST, **({"cursor": cursor} if cursor else {})})
        items += page["items"]
        cursor = page["cursor"]
        if cursor is None:
            return items
