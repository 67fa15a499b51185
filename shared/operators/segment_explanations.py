"""Why somebody is in a segment or not, and who will come and go with time alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from shared.domain.identity.keys import time_text
from shared.domain.segments.definition import SegmentDefinition
from shared.domain.segments.explain import explain, explanation_json
from shared.domain.segments.flips import flips
from shared.domain.segments.phrases import Language
from shared.http.answers import malformed, not_found
from shared.operators.environment import Environment
from shared.operators.find_customer import find_tree
from shared.operators.segment_subjects import read_drafts, subjects_of
from shared.queries.customer_tree import load_tree
from shared.stores.customers import CustomerStore
from shared.stores.flip_timers import pending_flips
from shared.stores.releases import Releases

LOOKED_AT = 300
"""Customers that one answer looks at, those who are due first."""
MOST_DAYS = 31


def explained(environment: Environment, name: str, identifier: str, query: Mapping[str, str]) -> dict[str, Any]:
    """A published segment and one customer, member or not."""
    definition = _published(environment, name)
    return _explained(environment, definition, identifier, query.get("language", "en"), draft=False)


def explained_draft(environment: Environment, draft: Any, identifier: Any, language: Any) -> dict[str, Any]:
    """The same for a segment that is not published."""
    definition = read_drafts([draft], Releases(environment.catalog).current())[0]
    if not isinstance(identifier, str):
        raise malformed("identifier says whom to explain it for, such as user:42")
    return _explained(environment, definition, identifier, language, draft=True)


def upcoming(environment: Environment, name: str, query: Mapping[str, str]) -> dict[str, Any]:
    """Who enters and leaves within so many days, unless something happens: those whose flip is armed until then.

    Each of them is read and walked along its instants; beyond LOOKED_AT customers the answer says "at least".
    """
    definition = _published(environment, name)
    days = query.get("days", "7")
    if not days.isascii() or not days.isdigit() or not 1 <= int(days[:4]) <= MOST_DAYS:
        raise malformed(f"days must be a number from 1 to {MOST_DAYS}")
    now = environment.clock.now()
    until = now + timedelta(days=int(days))
    due, more = pending_flips(environment.timers, until, LOOKED_AT)
    subjects = subjects_of(environment, Releases(environment.catalog).current())
    store = CustomerStore(environment.customers)
    items: list[dict[str, Any]] = []
    for root in due:
        tree = load_tree(store, root)
        if tree.root != root or tree.control.customer is None:
            continue  # it was armed before this one belonged to somebody
        who = tree.members[0].identifier
        for flip in flips(definition, subjects.of(tree), now, until):
            at = time_text(flip.at)
            items.append({"customer": root, "identifier": str(who) if who else None, "at": at, "enters": flip.enters})
    items.sort(key=lambda item: (item["at"], item["customer"]))
    return {
        "segment": name,
        "until": time_text(until),
        "enter": sum(item["enters"] for item in items),
        "leave": sum(not item["enters"] for item in items),
        "looked_at": len(due),
        "at_least": more,
        "items": items,
        "cursor": None,
    }


def _published(environment: Environment, name: str) -> SegmentDefinition:
    found = Releases(environment.catalog).current().segment(name)
    if found is None:
        raise not_found("there is no segment of this name in the published release")
    return found


def _explained(
    environment: Environment, definition: SegmentDefinition, identifier: str, said: Any, *, draft: bool
) -> dict[str, Any]:
    if said not in ("tr", "en"):
        raise malformed("language is tr or en")
    language: Language = "tr" if said == "tr" else "en"
    tree = find_tree(environment, identifier)
    release = Releases(environment.catalog).current()
    subject = subjects_of(environment, release, [definition] if draft else []).of(tree)
    found = explain(definition, subject, environment.clock.now(), language)
    return {"customer": tree.root, "draft": draft, **explanation_json(found)}
