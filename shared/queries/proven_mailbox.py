"""Whether a mailbox proves who a customer is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from shared.domain.identity.identifiers import Identifier, IdentifierType
from shared.domain.messages.address import Address, address_of
from shared.queries.customer_sends import sends_of
from shared.queries.customer_tree import load_tree
from shared.stores.customers import CustomerStore


def proven_mailbox(store: CustomerStore, home: str, keys: Callable[[Identifier], str], now: datetime) -> Address | None:
    """The address behind the digest ``home``, if it is the one of exactly one customer; else None.

    It must be the address in his profile and the only one that is known of him, and nobody else may ever have claimed
    it. Of a family's mailbox nobody can say whose data its reader may see, and an address of earlier days may be
    somebody else's by now: there the shop decides.
    """
    tree = load_tree(store, home)
    member = next((one for one in tree.members if one.key == home), None)
    if member is None or not member.claimed_once or member.control.refuses(now):
        return None
    profile = tree.profile()
    addresses = [one for one in profile.identifiers if one.type is IdentifierType.EMAIL]
    if len(addresses) > 1 or not isinstance(profile.trait("email"), str):
        return None
    found = address_of(profile, "email", keys, dead=sends_of(tree).dead)
    return found if found is not None and found.key == home else None
