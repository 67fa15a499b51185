"""Segmentation: fold events, keep claims, evaluate, write ``customer``; in the order that makes decisions right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import datetime
from functools import partial
from typing import Protocol

from functions.segment import identity
from functions.segment.batch import Batch, tells_of_the_past
from functions.segment.consent_changes import NOBODY_IS_TOLD, ConsentChanges
from functions.segment.due_decisions import Due, Owners, due_decisions
from functions.segment.facts_writer import FactsWriter
from functions.segment.former_memberships import memberships_before
from functions.segment.held_rights import as_permitted, rows_permitted
from functions.segment.identity import Moved
from functions.segment.lake import DecisionRows
from functions.segment.release import Definitions, NewerRelease
from shared.domain.events.event import Event
from shared.domain.identity.claims import Claim
from shared.domain.identity.keys import IdentifierKeys, milliseconds, moment, time_text
from shared.domain.profile.customer_item import MAX_FOLDED, Customer, Folded
from shared.domain.segments.memberships import Memberships
from shared.ports import Conflict
from shared.queries.customer_tree import Tree, load_tree
from shared.stores.customers import Control, CustomerStore
from shared.stores.interests import Interests
from shared.stores.lake_rows import LakeRows

ATTEMPTS = 12
MAX_HINTS = 256
"""Children that an owner is read with; the 64 newest of them are joined."""


class FlipTimers(Protocol):
    def arm_flip(self, due: datetime, root: str) -> None: ...


class Segmentation:
    """The only writer of facts, claims and ``customer``. Everything in it may be repeated at any point."""

    def __init__(
        self,
        store: CustomerStore,
        timers: FlipTimers,
        keys: IdentifierKeys,
        release: Definitions,
        lake: LakeRows | None = None,
        interests: Interests | None = None,
        consent_changes: ConsentChanges = NOBODY_IS_TOLD,
    ) -> None:
        """``lake`` is told what was decided; who gave it calls ``flush`` before the work counts as done."""
        self._consent_changes = consent_changes
        self._store = store
        self._decision_rows = DecisionRows(lake)
        self._timers = timers
        self._keys = keys
        self._release = release
        self._facts = FactsWriter(store, keys, release, interests)

    def fold(self, batches: Iterable[Batch], now: datetime) -> list[Event]:
        """Fold these events and decide every customer that they touch. Returns those that are refused, because the
        person was erased.

        Order of writes: facts first; then the links that are new; then each touched root is evaluated, once, and its
        ``customer`` written, changed or not; last, the links are marked as done. So a crash at any point leaves a mark
        at which the next try goes on.

        A claim without a reverse hint at its owner is new for sure. Whether another one is settled is seen in the tree
        that is read for the decision, without a read of its own.
        """
        claims: dict[str, Claim] = {}
        live: set[str] = set()
        folded: dict[str, list[Folded]] = {}
        before: dict[str, Control] = {}
        roots: dict[str, str] = {}
        taken: list[Batch] = []
        refused: list[Event] = []
        for batch in batches:
            control = self._facts.fold(batch, now)
            if control.refuses(now):
                refused += batch.events
                continue
            before[batch.pk] = control
            taken.append(batch)
            self._decision_rows.named(batch)
            folded.setdefault(batch.pk, []).extend(batch.folded(self._release.features.orders_from))
            said_here = identity.claims_of(batch.pk, batch.events, self._keys)
            if not batch.history:
                live |= {batch.pk, *said_here}
            identity.merge_claims(claims, said_here)
        identity.note_verdicts(self._store, claims)
        hinted = {
            child: {pk: control.owns[child].since for pk, control in before.items() if child in control.owns}
            for child in claims
        }
        owners = Owners(self._store, before)
        moves = self._link({child: said for child, said in claims.items() if not hinted[child]}, hinted, owners)
        rest = {child: said for child, said in claims.items() if hinted[child]}
        for root, due in due_decisions(folded, moves, live, owners).items():
            tree = self._decide_due(root, due, now)
            roots |= dict.fromkeys(tree.keys, tree.root)
            for member in tree.members:
                said = rest.get(member.key)
                if said is not None and identity.settled(said, member.control, hinted[member.key]):
                    del rest[member.key]
        self._consent_changes.hand_on(taken, moves, self._release.shop)  # before links are marked as done
        self._finish(moves)
        moves = self._link(rest, hinted, owners)
        for root, due in due_decisions({}, moves, live, owners).items():
            tree = self._decide_due(root, due, now)
            roots |= dict.fromkeys(tree.keys, tree.root)
        self._consent_changes.hand_on((), moves, self._release.shop)
        self._finish(moves)
        self._decision_rows.events(taken, roots, self._release.features.orders_from)
        return refused

    def flip(self, root: str, due: datetime, now: datetime) -> bool:
        """A flip timer fired: evaluate at ``max(now, due)`` and arm the next one; False if the timer was a stray.

        A timer that is not the armed one was replaced by an earlier one, or its customer has an owner now. Or else who
        armed it has not written ``customer`` yet: so a live customer is decided all the same. That changes the version,
        the other must start again and arms anew; else its timer would be gone and the flip would never come.
        """
        for _ in range(ATTEMPTS):
            control = self._store.control(root)
            customer = control.customer
            if control.facts is None if customer is None else customer.state != "live":
                return False
            try:
                self._decide(root, (), max(now, due))
            except Conflict:
                continue
            return customer is not None and customer.armed == milliseconds(due)
        raise Conflict("a customer keeps changing under us")

    def decide(self, home: str, now: datetime) -> None:
        """Evaluate the customer that ``home`` belongs to, whatever changed."""
        self._decide(home, (), now)

    def rebuild(self, home: str, now: datetime) -> None:
        """Make the facts and links of one identifier anew from its whole log, then decide its customer.

        Unlike folding, this takes away what no event says. It begins no journey: nothing is told of its events.
        """
        self._facts.rebuild(home, now)
        control = self._store.control(home)
        hints = {child: {home: hint.since} for child, hint in control.owns.items()}
        claims = identity.claims_of(home, list(self._store.events(home)), self._keys)
        identity.note_verdicts(self._store, claims)
        hinted = {child: hints.get(child, {}) for child in claims}
        owners = Owners(self._store, {home: control})
        moves = self._link(claims, hinted, owners)
        for root, due in due_decisions({}, moves, set(), owners).items():
            self._decide_due(root, due, now)
        self._finish(moves)
        self._decide_once(home, (), now, history=True, recount=True)

    def hand_on_again(self, home: str, now: datetime) -> None:
        """Tells the lake what stands about one identifier: its events, its customer and the orders that they name."""
        self._decision_rows.all_of(self._store, home, self._release, self._keys, now)

    def raise_to(self, release: int, root: str, now: datetime) -> bool:
        """Decides a live customer anew unless it was under ``release`` or a later one; whether it was written.

        A customer is written last: what its ``release`` says holds for its facts and its listing too. It takes the
        reads of the tree to see that, and nothing else if there is nothing to do.
        """
        tree = load_tree(self._store, root)
        customer = tree.control.customer
        current = customer is not None and customer.state == "live" and customer.release >= release
        if current and tree.root == root:
            self._decision_rows.again(tree, self._release, self._keys, now)
            return False
        self._decide_once(root, (), now, tree)
        return True

    def _link(
        self, claims: Mapping[str, Claim], hinted: Mapping[str, Mapping[str, int]], owners: Owners
    ) -> list[Moved]:
        moves = []
        for child, said in claims.items():
            moved = identity.link(self._store, child, said, hinted[child])
            if moved is not None:
                owners.move(moved)
                moves.append(moved)
        return moves

    def _finish(self, moves: Iterable[Moved]) -> None:
        for moved in moves:
            self._decision_rows.after_hand_over(partial(identity.finish, self._store, moved))

    def _decide_due(self, root: str, due: Due, now: datetime) -> Tree:
        """Writes the customer of ``root``; of imported history and of what is new now apart, as only one of them may
        begin journeys. A home that is not in the tree (others moved it meanwhile) is decided where it is."""
        together = due.live == due.moved_live or not due.folded
        moved = frozenset(due.moved) if together else frozenset[str]()
        tree = self._decide(root, due.rows, now, moved, history=not (due.live if due.folded else due.moved_live))
        if not together and due.moved:
            tree = self._decide_once(root, (), now, moved=frozenset(due.moved), history=not due.moved_live)
        for home in sorted(due.homes - set(tree.keys)):
            self._decide_once(home, (), now, moved=frozenset(due.moved), history=not due.moved_live)
        return tree

    def _decide(
        self, home: str, rows: Sequence[Folded], now: datetime, moved: Set[str] = frozenset(), *, history: bool = False
    ) -> Tree:
        """Evaluates the root above ``home`` and writes its ``customer``, once per MAX_FOLDED events."""
        chunks = [rows[start : start + MAX_FOLDED] for start in range(0, len(rows), MAX_FOLDED)] or [()]
        for chunk in chunks:
            tree = self._decide_once(home, chunk, now, moved=moved, history=history)
        return tree

    def _decide_once(
        self,
        home: str,
        rows: Sequence[Folded],
        now: datetime,
        loaded: Tree | None = None,
        moved: Set[str] = frozenset(),
        *,
        history: bool = False,
        recount: bool = False,
    ) -> Tree:
        """``loaded`` spares the first read, for who has looked at the tree already. ``moved``: whose owner changed.
        ``history``: nothing but imported history led here. ``recount``: whatever was known may be wrong."""
        for _ in range(ATTEMPTS):
            tree = self._facts.sound(loaded or load_tree(self._store, home), now)
            loaded = None
            if tree is None:
                continue
            # The root first: what its members were in is read off them, and must not be lost to a crash or a lost race.
            if self._write_customer(tree, rows, now, moved, history=history, recount=recount) and self._absorb_owned(
                tree, home, moved, now
            ):
                self._forget_hints(tree)
                return tree
        raise Conflict("a customer keeps changing under us")

    def _forget_hints(self, tree: Tree) -> None:
        """Takes away the oldest reverse hints of an owner with far more children than are ever joined.

        Whoever knows a public key may name one user beside any number of browsers; every hint is read with each event.
        """
        for member in tree.members:
            hints = member.control.owns
            if len(hints) > MAX_HINTS:
                oldest = sorted(hints, key=lambda child: (hints[child].since, child))[: len(hints) - MAX_HINTS]
                for child in oldest:
                    self._store.delete_owns(member.key, child, hints[child])

    def _absorb_owned(self, tree: Tree, home: str, moved: Set[str], now: datetime) -> bool:
        """Customers of identifiers that have an owner now decide nothing more: ``home``, and any that the tree shows
        (the former root of a cycle of aliases is nobody's home). False if one of them was decided meanwhile."""
        owned = {member.key: member.control for member in tree.members[1:]}
        if home != tree.root and home not in owned:  # beyond the newest 64
            owned[home] = self._store.control(home)
        return all(self._absorb(control, now, again=control.key in moved) for control in owned.values())

    def _absorb(self, control: Control, now: datetime, *, again: bool) -> bool:
        """``again``: whoever moved it may have died before the lake was told."""
        customer, home = control.customer, control.key
        for segment in control.members:  # also what was listed by who never came to write the customer
            self._store.delete_member(home, segment)
        if customer is None:
            if control.facts is None:
                return True
            customer = Customer()  # somebody folded, and may be about to write: his condition must not hold any more
        elif customer.state == "absorbed":
            if again:
                self._decision_rows.absorbed(home, customer, now)
            return True
        gone = Customer(
            customer.version + 1,
            self._release.number,
            segments=customer.segments,
            left=tuple(sorted(customer.segments)),
            state="absorbed",
        )
        try:
            self._store.put_customer(home, gone, previous=customer.version)
        except Conflict:
            return False
        self._decision_rows.absorbed(home, gone, now)
        return True

    def _write_customer(
        self, tree: Tree, rows: Sequence[Folded], now: datetime, moved: Set[str], *, history: bool, recount: bool
    ) -> bool:
        known = tree.control.customer or Customer()
        if known.release > self._release.number:
            raise NewerRelease
        profile = tree.profile()
        was, kept = memberships_before(known, tree, moved)
        anew = recount or bool(moved) or tells_of_the_past(rows, now)
        found = as_permitted(tree, was, self._release, profile, now, kept | was, address_keys=self._keys, recount=anew)
        self._list(tree, found)
        armed = self._armed(known, found, tree.root, now)
        decided = Customer(
            version=known.version + 1,
            release=self._release.number,
            segments=found.segments,
            armed=armed,
            cart_at=milliseconds(profile.cart.updated_at) if profile.cart.updated_at else None,
            cart_count=profile.cart.count,
            events=rows_permitted(tree, rows),
            entered=found.entered,
            left=tuple(name for name in found.left if name in was),
            left_at={name: at for name, at in found.left_at.items() if name in was},
            history=history,
            backfilled=self._by_rule(known, found),
        )
        self._consent_changes.flipped(tree.root, (*decided.entered, *decided.left), self._release.shop)
        try:
            self._store.put_customer(tree.root, decided, previous=known.version)
        except Conflict:
            return False
        if found.subject is not None:
            self._decision_rows.decided(tree, found.subject, decided, now, anew=recount or bool(moved))
        return True

    def _armed(self, known: Customer, found: Memberships, root: str, now: datetime) -> int | None:
        """Arms the timer of the next flip, unless an earlier one is armed; returns what is armed then."""
        # What was armed for the past has fired, is firing, or was lost: it holds nothing back.
        armed = known.armed if known.armed is not None and known.armed > milliseconds(now) else None
        due = None if found.next_flip is None else milliseconds(found.next_flip)
        if due is None or (armed is not None and armed <= due):
            return armed
        self._timers.arm_flip(moment(due), root)
        return due

    def _by_rule(self, known: Customer, found: Memberships) -> tuple[str, ...]:
        """The memberships that turned since the customer was last decided, in a segment whose rule was another then."""
        if not known.version:
            return ()
        ruled, here = self._release.ruled_since, {one.segment for one in self._release.segments}
        turned = (*found.entered, *found.left)
        return tuple(name for name in turned if name not in here or known.release < ruled.get(name, 0))

    def _list(self, tree: Tree, found: Memberships) -> None:
        """Keeps the listing's items equal to the memberships; compared with what stands, so a lost race is mended."""
        standing = tree.control.members
        for segment, since in found.segments.items():
            text = time_text(moment(since))
            if standing.get(segment) != text:
                self._store.put_member(tree.root, segment, text)
        for segment in standing.keys() - found.segments.keys():
            self._store.delete_member(tree.root, segment)
