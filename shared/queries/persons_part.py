"""Loads what of the stored is one person's: all of his identifiers, and of those he shares what was his alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec import structs

from shared.domain.consent.consent import Consent
from shared.domain.facts.facts import Facts
from shared.domain.facts.fold import Features, fold
from shared.domain.identity.keys import milliseconds, type_of_key
from shared.domain.privacy.part import Part, part_of
from shared.queries.customer_tree import Member, Tree
from shared.stores.consent_items import read_consent
from shared.stores.customers import Control, CustomerStore, StoredFacts
from shared.stores.forget_consents import verbatim

Included = Callable[[str, Control], bool]


def whole_part(store: CustomerStore, root: str) -> Part:
    """The part of the customer below a root: every identifier, also those beyond the newest ones that are joined."""
    return part_at(store, homes_below(store, root))


def part_at(store: CustomerStore, homes: Iterable[str], proven: str = "") -> Part:
    """The part of the person with these identifiers, by their claims of now."""
    return part_of({home: store.control(home).claim for home in homes}, proven)


def homes_below(store: CustomerStore, root: str, included: Included | None = None) -> tuple[str, ...]:
    """Every identifier below the root; of those that are not ``included`` nothing below either."""
    homes = {root: None}
    waiting = [root]
    while waiting:
        owner = waiting.pop()
        for child in store.control(owner).owns:
            if child in homes:
                continue
            control = store.control(child)
            is_below = control.claim is not None and control.claim.parent() == owner
            if is_below and (included is None or included(child, control)):
                homes[child] = None
                waiting.append(child)
    return tuple(homes)


def tree_of_part(store: CustomerStore, part: Part, features: Features) -> Tree:
    """The customer as if only this part were known. ``features``: what facts are folded for."""
    members = [_member(store, home, since, features) for home, since in part.since.items()]
    return Tree(part.root, (members[0], *sorted(members[1:], key=lambda one: (type_of_key(one.key).rank, one.key))))


def _member(store: CustomerStore, home: str, since: int | None, features: Features) -> Member:
    control = store.control(home)
    cut = control.facts.until if control.facts else None
    if since is not None:
        control = _before(store, control, since, features)
    elif cut is not None and control.facts is not None:  # two users of one browser who are both this person
        whole = fold(Facts(), store.events(home), features)
        control = structs.replace(control, facts=structs.replace(control.facts, facts=whole, until=None))
    parent = control.claim.parent() if control.claim else None
    return Member(home, control, parent or "")


def _folded(store: CustomerStore, control: Control) -> list[Consent]:
    """The statements of the runs one by one: a run is of everybody who used the identifier."""
    if all(one.run is None for one in control.consents):
        return []
    return [read_consent(item) for item in verbatim(store.table, control.key)]


def _before(store: CustomerStore, control: Control, since: int, features: Features) -> Control:
    """What a shared identifier knew before ``since``. Statements of consent count by the event that made them, because
    others' statements lie under the same address."""
    events = [event for event in store.events(control.key) if milliseconds(event.time) < since]
    said = {event.message_id for event in events}
    version = control.facts.version if control.facts else 0
    return structs.replace(
        control,
        facts=StoredFacts(fold(Facts(name=control.claim.name if control.claim else ""), events, features), version, 0),
        consents=[
            *(one for one in control.consents if one.run is None and one.message_id in said),
            *(one for one in _folded(store, control) if one.message_id in said),
        ],
        preferences=[],  # those chosen by a link of his messages lie under his own identifier too
        enrollments=[one for one in control.enrollments if one["started"] < since],
        customer=None,
        sends=None,
    )
