"""Who a mailbox proves, and what of a customer it proves: the page of a person's rights acts on this part alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import islice

from msgspec import Struct

from shared.domain.events.event import EventType
from shared.domain.identity.identifiers import Identifier, IdentifierType
from shared.domain.identity.keys import type_of_key
from shared.domain.messages.address import Address, address_of
from shared.domain.privacy.part import UNPROVEN, Part
from shared.queries.customer_tree import Member, Tree, load_tree
from shared.queries.persons_part import homes_below, part_at
from shared.stores.customers import Control, CustomerStore

Keys = Callable[[Identifier], str]
RECORDED = frozenset({IdentifierType.LOYALTY, IdentifierType.EXTERNAL})
"""What the shop's own record of an account may name beside it."""

MOST_EVENTS = 20_000
"""Of one account. Who types a stranger's address into a long log of his own makes nobody read all of it."""


class ProvenPerson(Struct, frozen=True):
    """``part``: what of the stored is proven to be his; ``tree``: the customer that its root belongs to. ``rest``: what
    the customer has beside it, of which somebody of the shop must say whose it is."""

    address: Address
    part: Part
    tree: Tree
    rest: tuple[str, ...] = ()


def proven_person(store: CustomerStore, home: str, keys: Keys, now: datetime) -> ProvenPerson | None:
    """What the reader of the mailbox behind the digest ``home`` may see and erase; None if there is nothing.

    1. What was said under the address alone is his.
    2. An account is his if the shop's record of it (an ``identify`` of a trusted source) names this address, and no
       other one. An address that was typed into an order while somebody was signed in proves nothing: nobody gets
       another's data by typing, and nobody is locked out because another one typed his address.
    3. Browsers and devices of these are his. A phone number or another address is his only if nothing was said of it
       alone: it is typed by everybody, too.

    If the records of two accounts name the address, as a family's may, or the record named another address before, it
    proves nobody: there the shop decides.
    """
    control = store.control(home)
    if control.refuses(now):
        return None
    records = _Records(store, keys)
    owners = control.claim.owners() if control.claim else {}
    users = [owner for owner in owners if type_of_key(owner) is IdentifierType.USER]
    roots = {load_tree(store, user).root for user in users if home in records.named(user)}
    if len(roots) > 1 or any(records.emails_below(root) != {home} for root in roots):
        return None
    if not roots and not _said_alone(store, control):
        return None
    found = _Proven(store, records, home)
    homes = dict.fromkeys(one for root in (*roots, home) for one in homes_below(store, root, found.included))
    part = part_at(store, homes, home)
    tree = load_tree(store, part.root)
    address = _address(tree, control, keys)
    return None if address is None else ProvenPerson(address, part, tree, tuple(found.rest))


class _Records:
    """What the shop's own records of accounts name: trusted ``identify`` events, read once."""

    def __init__(self, store: CustomerStore, keys: Keys) -> None:
        self._store = store
        self._keys = keys
        self._named: dict[str, frozenset[str]] = {}

    def named(self, user: str) -> frozenset[str]:
        """The digests of the identifiers that the record of an account ever named; none of a log that is too long to
        be read here, whose account the shop answers for."""
        if user not in self._named:
            events = list(islice(self._store.events(user), MOST_EVENTS + 1))
            told = events if len(events) <= MOST_EVENTS else []
            self._named[user] = frozenset(
                self._keys(one)
                for event in told
                if event.type is EventType.IDENTIFY and event.trusted
                for one in event.identifiers
            )
        return self._named[user]

    def emails_below(self, root: str) -> set[str]:
        """The addresses that the records of one person's accounts named."""
        tree = load_tree(self._store, root)
        users = [key for key in tree.keys if type_of_key(key) is IdentifierType.USER]
        return {one for user in users for one in self.named(user) if type_of_key(one) is IdentifierType.EMAIL}


class _Proven:
    """Which identifiers below a proven one are proven too, and which are not (``rest``)."""

    def __init__(self, store: CustomerStore, records: _Records, home: str) -> None:
        self._store = store
        self._records = records
        self._home = home
        self.rest: dict[str, None] = {}

    def included(self, key: str, control: Control) -> bool:
        kind = type_of_key(key)
        if key == self._home or kind not in UNPROVEN | RECORDED or not _said_alone(self._store, control):
            return True
        parent = control.claim.parent() if control.claim else None
        is_recorded = kind in RECORDED and parent is not None and key in self._records.named(parent)
        if not is_recorded:
            self.rest[key] = None
        return is_recorded


def _said_alone(store: CustomerStore, control: Control) -> bool:
    """Whether anything was said of this identifier alone: only then its log holds something."""
    return control.facts is not None or bool(store.log_page(control.key, limit=1).items)


def _address(tree: Tree, control: Control, keys: Keys) -> Address | None:
    """Where the mail goes: as the customer's profile writes it, else as the identifier is known."""
    found = address_of(tree.profile(), "email", keys, dead={})
    if found is not None and found.key == control.key:
        return found
    who = Member(control.key, control).identifier
    return None if who is None else Address("email", control.key, to=who.value)
