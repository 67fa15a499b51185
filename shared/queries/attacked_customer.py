"""What a pointer to withdrawals leads to: those of an attack, and what is known of the customer that they are about."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from shared.domain.consent.consent import EVERY_PURPOSE, MARKETING, Consent
from shared.domain.consent.forged_withdrawals import Attack, Circumstances
from shared.domain.events.event import Event
from shared.domain.identity.claims import Claim
from shared.domain.identity.identifiers import Identifier, IdentifierType
from shared.domain.identity.keys import event_sort_key, type_of_key
from shared.domain.iys.record import stands
from shared.domain.privacy.held_rights import Held
from shared.queries.customer_tree import Tree, load_tree
from shared.stores.claim_events import claimed_before
from shared.stores.customers import CustomerStore
from shared.stores.event_items import UnreadableEvent, read_event
from shared.stores.iys_records import IysRecords
from shared.stores.withdrawal_pointers import Pointer

BROWSERS = frozenset({IdentifierType.ANONYMOUS, IdentifierType.DEVICE})
LETTERS = {"email": IdentifierType.EMAIL, "sms": IdentifierType.PHONE}
"""By channel the type of its addresses."""


@dataclass(frozen=True, slots=True)
class Found:
    """One withdrawal. ``places``: the partitions that hold it; ``event``: None if it is not in the log. ``counted``:
    False for a run of an address whose last statement another pointer leads to, which counts it."""

    said: Consent
    places: tuple[str, ...]
    event: Event | None
    counted: bool = True


@dataclass(frozen=True)
class AttackedCustomer:
    """Reads when it is asked, strongly consistent. ``register``: None where the shop has no account there."""

    store: CustomerStore
    keys: Callable[[Identifier], str]
    register: IysRecords | None
    attack: Attack
    pointer: Pointer

    @cached_property
    def owner(self) -> Tree:
        """The customer under whose identifier the events lie."""
        return load_tree(self.store, self.pointer.owner)

    @cached_property
    def holder(self) -> Tree:
        """The customer who has the address that was named."""
        address = self.pointer.address
        return self.owner if not address or address in self.owner.keys else load_tree(self.store, address)

    @cached_property
    def statements(self) -> tuple[Consent, ...]:
        """All that was said of both."""
        trees = (self.owner,) if self.holder is self.owner else (self.owner, self.holder)
        return tuple(one for tree in trees for member in tree.members for one in member.control.consents)

    def statements_in(self, partition: str) -> Sequence[Consent]:
        """Those of one partition of both."""
        control = self.owner.control_of(partition) or self.holder.control_of(partition)
        return () if control is None else control.consents

    @cached_property
    def erased(self) -> bool:
        """Whether one of both was erased."""
        trees = (self.owner, self.holder)
        return any(one.control.refused_until is not None for tree in trees for one in tree.members)

    def withdrawals(self) -> list[Found]:
        """Those of the attack that the pointer stands for. One that only the address's partition holds is found if its
        event lies here: else another pointer leads to it."""
        address, owner = self.pointer.address, self.pointer.owner
        here = self._of(self.owner, owner, {address} if address else {"", owner})
        known = {one.name for one in here}
        there = self._of(self.holder, address, {address}) if address else []
        rest = [one for one in there if one.name not in known]
        events = self._events([*(one for one in here if one.run is None), *rest])
        found = [
            Found(
                one, (owner, *([one.address_key] if one.address_key not in {"", owner} else [])), events.get(one.name)
            )
            for one in here
        ]
        return found + [
            Found(one, (address,), events.get(one.name) if one.run is None else None, one.name in events)
            for one in rest
            if one.run is not None or one.name in events
        ]

    def circumstances(self, found: Found) -> Circumstances:
        """What decides whether the withdrawal stays."""
        trees = (self.owner, self.holder)
        return Circumstances(
            statements=self.statements,
            logged=found.event is not None,
            own_browser=found.event is not None and self._own_browser(found.said, found.event),
            told=self.told(found.said),
            erased=self.erased,
            restricted=any(tree.held(Held.RESTRICT) is not None for tree in trees),
        )

    def told(self, said: Consent) -> bool:
        """Whether the register holds a refusal of one of the addresses that the withdrawal is about, or will."""
        if self.register is None or said.purpose not in {MARKETING, EVERY_PURPOSE}:
            return False
        return any(stands(one) == "RET" for one in self.register.of(sorted(self.addresses(said) - {""})))

    def addresses(self, said: Consent) -> set[str]:
        """The addresses that a withdrawal is about: the one that it names, else all that are known on its channel."""
        if said.address_key:
            return {said.address_key}
        kind = LETTERS.get(said.channel)
        named = {one.address_key for one in self.statements if one.channel == said.channel}
        return {"", *named, *(key for key in self.owner.keys if type_of_key(key) is kind)}

    def _of(self, tree: Tree, partition: str, named: set[str]) -> list[Consent]:
        control = tree.control_of(partition)
        return [
            one
            for one in (control.consents if control is not None else ())
            if (self.attack.holds(one) or self.attack.folded(one))
            and self.pointer.of_hour(one.last_received)
            and (one.address_key in named or (one.run is not None and one.run.widened))
        ]

    def _events(self, said: Sequence[Consent]) -> Mapping[tuple[object, ...], Event]:
        """The events of these statements in the owner's log, by the statements' names."""
        wanted: dict[tuple[str, str], list[Consent]] = {}
        for one in said:  # a statement may lie by itself here, and be the last of a run there
            for when in (one.time, None):
                place = self.pointer.owner, event_sort_key(when, one.message_id, trusted=False)
                wanted.setdefault(place, []).append(one)
        found: dict[tuple[object, ...], Event] = {}
        for item in self.store.table.get_many(sorted(wanted)) if wanted else []:
            try:
                event = read_event(item)
            except UnreadableEvent:
                continue
            found.update({one.name: event for one in wanted[item["pk"], item["sk"]]})
        return found

    def _own_browser(self, said: Consent, event: Event) -> bool:
        tree = self._about(said)
        return tree is not None and any(
            self._was_his(self.keys(one), tree) for one in event.identifiers if one.type in BROWSERS
        )

    def _about(self, said: Consent) -> Tree | None:
        """Whose browser speaks for the address: of who has it; where nobody has it, of the customer who spoke of it
        before the attack. None: of nobody."""
        if self.holder is self.owner or said.address_key in {"", *self.owner.keys}:
            return self.owner
        if len(self.holder.members) > 1 or self.holder.root != said.address_key:
            return self.holder
        spoke = any(
            one.address_key == said.address_key and one.received_at < self.attack.begin
            for member in self.owner.members
            for one in member.control.consents
        )
        return self.owner if spoke else None

    def _was_his(self, browser: str, tree: Tree) -> bool:
        """Whether the browser is the customer, or was linked to him before the attack began."""
        if browser == tree.root:
            return True
        control = tree.control_of(browser) or self.store.control(browser)
        return control.claim is not None and any(
            claimed_before(self.store.table, *one, self.attack.begin) for one in _claims(control.claim, tree)
        )


def _claims(claim: Claim, tree: Tree) -> Iterator[tuple[str, int, str]]:
    """By whom of the customer's identifiers the browser was claimed, when, and with which event."""
    for owner, (_, (at, event_id)) in claim.owners().items():
        if owner in tree.keys:
            yield owner, at, event_id
