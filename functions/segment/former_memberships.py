"""What a person was in before his root was decided: nobody enters again what he was in."""

from __future__ import annotations

from collections.abc import Set

from shared.domain.facts.facts import Facts
from shared.domain.identity.identifiers import IdentifierType
from shared.domain.identity.keys import type_of_key
from shared.domain.messages.address import ADDRESS_TRAITS
from shared.domain.profile.customer_item import Customer
from shared.queries.customer_tree import Member, Tree


def memberships_before(known: Customer, tree: Tree, moved: Set[str]) -> tuple[dict[str, int], dict[str, int]]:
    """In which segments this person was, and since when: nobody enters again what he was in.

    The first are those of the root, and of identifiers that were customers of their own until now and could be written
    to: who signs in enters nothing that he was in as an address, but what he was in as a browser that nobody could
    reach was never said to him. The others are known to have been, and may have ended unheard: of a customer that was
    absorbed and is its own again, and of an identifier that came from another owner; nothing of them is left.
    """
    was, kept = (dict(known.segments), {}) if known.state == "live" else ({}, dict(known.segments))
    for member in tree.members[1:]:
        customer = member.control.customer
        if customer is None or not (customer.state == "live" or member.key in moved) or not _reached(member):
            continue
        into = was if customer.state == "live" else kept
        for segment, since in customer.segments.items():
            into[segment] = min(since, into.get(segment, since))
    return was, kept


def _reached(member: Member) -> bool:
    """Whether a message may have reached this identifier while it was by itself."""
    if type_of_key(member.key) not in (IdentifierType.ANONYMOUS, IdentifierType.DEVICE):
        return True
    facts = member.control.facts.facts if member.control.facts else Facts()
    traits = facts.trusted.entries.keys() | facts.public.entries.keys()
    return bool(facts.tokens.entries) or not traits.isdisjoint(ADDRESS_TRAITS)
