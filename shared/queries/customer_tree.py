"""Loads one customer: up to the root, then down to its identifiers. Every read is strongly consistent."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping

from msgspec import Struct

from shared.domain.facts.facts import Facts, join
from shared.domain.identity.claims import root_of
from shared.domain.identity.identifiers import Identifier, IdentifierType
from shared.domain.identity.keys import type_of_key
from shared.domain.privacy.held_rights import Held, Mark, all_in_force
from shared.domain.profile.profile import Profile
from shared.domain.profile.profile_from_facts import profile_of
from shared.stores.customers import Control, CustomerStore

MAX_MEMBERS = 64
"""The newest identifiers that are joined; a bot with 500 devices costs no more (docs/architecture.md)."""


UNREADABLE = (ValueError, TypeError, LookupError, ArithmeticError, AttributeError)
"""What loading raises where something is stored that this release cannot read, as happens during a rollout. What the
network does looks different."""


class Member(Struct, frozen=True):
    """One identifier of a person, with everything known about it, and the member that owns it (empty on the root)."""

    key: str
    control: Control
    owner: str = ""

    @property
    def identifier(self) -> Identifier | None:
        """Its plain form, if an event or a claim named it."""
        name = (self.control.facts.facts.name if self.control.facts else "") or (
            self.control.claim.name if self.control.claim else ""
        )
        kind, colon, value = name.partition(":")
        return Identifier(IdentifierType(kind), value) if colon else None

    @property
    def claimed_once(self) -> bool:
        """Whether at most one other identifier ever claimed it."""
        return self.control.claim is None or len(self.control.claim.owners()) < 2

    @property
    def name(self) -> str:
        """Its plain form, else its key."""
        return str(self.identifier or self.key)


class Tree(Struct, frozen=True):
    """The identifiers under one root, root first."""

    root: str
    members: tuple[Member, ...]

    @property
    def control(self) -> Control:
        """The root's items."""
        return self.members[0].control

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(member.key for member in self.members)

    def control_of(self, key: str) -> Control | None:
        """The items of a member, by its key."""
        return next((member.control for member in self.members if member.key == key), None)

    def held(self, right: Held) -> Mark | None:
        """The oldest restriction or objection that is in force for this customer."""
        return next(iter(self.all_held(right)), None)

    def all_held(self, right: Held) -> list[Mark]:
        """The restrictions or objections that are in force for this customer, one for each case."""
        return all_in_force(self.marks(), right)

    def marks(self) -> Iterator[Mark]:
        """The marks that count for this customer, also those that were lifted.

        A browser that two people use may carry a mark of the other one: a mark counts if its customer is in this tree,
        or if nobody else ever claimed the identifier that carries it.
        """
        known = set(self.keys)
        return (
            mark
            for member in self.members
            for mark in member.control.rights
            if mark.root in known or member.claimed_once
        )

    def facts(self) -> Facts:
        """The joined facts of all members. They are shared: nobody may change them."""
        found = [member.control.facts.facts for member in self.members if member.control.facts]
        return found[0] if len(found) == 1 else join(*found)

    def profile(self) -> Profile:
        """The customer as definitions see it."""
        customer = self.control.customer
        return profile_of(
            self.root,
            self.keys,
            tuple(found for member in self.members if (found := member.identifier) is not None),
            self.facts(),
            consents=tuple(consent for member in self.members for consent in member.control.consents),
            segments=customer.segments if customer and customer.state == "live" else {},
        )


def load_tree(store: CustomerStore, key: str, known: Mapping[str, Control] | None = None) -> Tree:
    """The person that ``key`` belongs to.

    ``known`` spares reads on the way up only. Everything that the tree holds is read after the root's version, so that
    a decision made from it and written on condition of that version has seen all facts folded before.
    """
    climbed: dict[str, Control] = dict(known or {})

    def control(name: str) -> Control:
        if name not in climbed:
            climbed[name] = store.control(name)
        return climbed[name]

    def parent(name: str) -> str | None:
        claim = control(name).claim
        return claim.parent() if claim else None

    root = root_of(key, parent)
    top = store.control(root) if known and root in known else control(root)
    return Tree(root, _descend(store, Member(root, top)))


def _descend(store: CustomerStore, root: Member) -> tuple[Member, ...]:
    """The root and its newest members: always on to the newest claim among the children met so far."""
    members = [root]
    seen = {root.key}
    frontier: list[tuple[int, str, str]] = []

    def children_of(member: Member) -> None:
        for child, hint in member.control.owns.items():
            heapq.heappush(frontier, (-hint.since, child, member.key))

    children_of(root)
    while frontier and len(members) < MAX_MEMBERS:
        _, child, owner = heapq.heappop(frontier)
        if child in seen:
            continue
        control = store.control(child)
        if control.claim is None or control.claim.parent() != owner:
            continue
        seen.add(child)
        member = Member(child, control, owner)
        members.append(member)
        children_of(member)
    return (root, *sorted(members[1:], key=lambda member: (type_of_key(member.key).rank, member.key)))
