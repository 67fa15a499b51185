"""Looks whether addresses belong to audiences, and notes it where that changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from shared.domain.audiences.entry import Entry, belongs, wanted
from shared.domain.audiences.hashing import Kind, hashed
from shared.domain.definitions.audience import Audience
from shared.domain.identity.identifiers import IdentifierType
from shared.domain.identity.keys import type_of_key
from shared.domain.privacy.held_rights import Held
from shared.ports import Conflict
from shared.queries.customer_tree import Tree, load_tree
from shared.stores.audience_entries import AudienceEntries, AudienceState
from shared.stores.customers import CustomerStore

KINDS: Mapping[IdentifierType, Kind] = {IdentifierType.EMAIL: "email", IdentifierType.PHONE: "phone"}
CHANNELS: Mapping[Kind, str] = {"email": "email", "phone": "sms"}
ATTEMPTS = 8


@dataclass(frozen=True, slots=True)
class Wanted:
    """An audience as it is worked on. ``open``: whether anybody may be in it."""

    settings: Audience
    open: bool


def audiences_of(shop: Mapping[str, Audience], states: list[AudienceState]) -> dict[str, Wanted]:
    """Those of the shop, and those that it has no more, or at another list: everybody leaves these first."""
    found = {name: Wanted(audience, open=True) for name, audience in shop.items()}
    for state in states:
        now = shop.get(state.name)
        if now is None or _list_of(now) != _list_of(state.settings):
            found[state.name] = Wanted(state.settings, open=False)
    return found


def _list_of(audience: Audience) -> tuple[str, str, str]:
    return audience.to, audience.account, audience.list


def kind_of_key(key: str) -> Kind | None:
    """The kind of an address by its key; None if it is none."""
    return KINDS.get(type_of_key(key))


@dataclass(frozen=True, slots=True)
class Membership:
    """``shop`` gives the audiences of the release that holds now. Every step can be repeated."""

    entries: AudienceEntries
    customers: CustomerStore
    shop: Callable[[], Mapping[str, Audience]]

    def audiences(self) -> dict[str, Wanted]:
        return audiences_of(self.shop(), self.entries.states())

    def refresh(self, home: str, audiences: Mapping[str, Wanted], now: datetime) -> int:
        """Looks at all addresses of the customer that ``home`` belongs to. Returns how many entries changed.

        Raises
        ------
        Conflict
            If an entry keeps changing. Come again.
        """
        tree = load_tree(self.customers, home)
        keys = sorted({key for key in (*tree.keys, home) if kind_of_key(key) is not None})
        changed = 0
        for key in keys:
            whose = tree if key in tree.keys else load_tree(self.customers, key)
            for name, audience in audiences.items():
                changed += self.look(name, audience, key, now, whose)[1]
        return changed

    def look(
        self, name: str, audience: Wanted, key: str, now: datetime, tree: Tree | None = None
    ) -> tuple[Entry | None, bool]:
        """The entry of one address as it has to be, and whether it changed."""
        kind = kind_of_key(key)
        if kind is None:
            return None, False
        whose = tree or load_tree(self.customers, key)
        want = audience.open and self._belongs(audience.settings, key, kind, whose, now)
        digest = self._digest(audience.settings, key, kind, whose) if want else ""
        for _ in range(ATTEMPTS):
            held = self.entries.get(name, key)
            found = wanted(held, name, key, digest, now, want=want)
            if found is None or found == held:
                return held, False
            try:
                return self.entries.put(found), True
            except Conflict:
                continue
        raise Conflict("an entry of an audience keeps changing under us")

    def _belongs(self, audience: Audience, key: str, kind: Kind, tree: Tree, now: datetime) -> bool:
        if any(member.control.refuses(now) for member in tree.members if member.key == key):
            return False
        customer = tree.control.customer
        segments = customer.segments if customer is not None and customer.state == "live" else {}
        held_back = tree.held(Held.RESTRICT) is not None or tree.held(Held.OBJECT) is not None
        consents = [one for member in tree.members for one in member.control.consents]
        return belongs(audience.segment, segments, consents, CHANNELS[kind], key, now, held_back=held_back)

    @staticmethod
    def _digest(audience: Audience, key: str, kind: Kind, tree: Tree) -> str:
        """Empty if nobody knows the plain form of the address."""
        member = next((one for one in tree.members if one.key == key), None)
        plain = member.identifier if member is not None else None
        return "" if plain is None else hashed(audience.to, kind, plain.value)
