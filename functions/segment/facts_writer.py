"""The facts of one identifier: folded from its events, kept at the newest release, cut where its claims say."""

from __future__ import annotations

from datetime import datetime

from functions.segment.batch import Batch
from functions.segment.release import Definitions, NewerRelease
from shared.domain.facts.facts import Facts
from shared.domain.facts.fold import fold
from shared.domain.identity.keys import IdentifierKeys
from shared.domain.messages.address import token_key
from shared.ports import Conflict
from shared.queries.customer_tree import Tree
from shared.queries.push_tokens import note_holders
from shared.stores.customers import Control, CustomerStore, StoredFacts
from shared.stores.search_index import SearchIndex

ATTEMPTS = 12


class FactsWriter:
    """The only writer of facts."""

    def __init__(self, store: CustomerStore, keys: IdentifierKeys, release: Definitions) -> None:
        self._store = store
        self._search = SearchIndex(store.table, keys)
        self._keys = keys
        self._release = release

    def fold(self, batch: Batch, now: datetime) -> Control:
        """Facts of one partition, joined with its new events; returns the items as read before.

        Events of somebody who was erased are deleted in place of that: ``Control.refuses`` says so.
        """
        for _ in range(ATTEMPTS):
            control = self._store.control(batch.pk)
            if control.refuses(now):
                self._store.forget_events(batch.pk, batch.events)
                return control
            stored = self._current(control)
            until = control.claim.contested_from(batch.pk) if control.claim else None
            if until != stored.until:
                stored = self._refolded(control, until)
            facts = fold(stored.facts, batch.events, self._release.features, until=until)
            held = control.facts.facts if control.facts else None
            note_holders(self._store, batch.pk, held, facts, self._token_key)
            if self._noted(batch.pk, held, facts) and self._write(control, stored, facts):
                return control
        raise Conflict("facts keep changing under us")

    def rebuild(self, key: str) -> None:
        """The facts of one identifier, from its whole log; without any event there are none to keep."""
        for _ in range(ATTEMPTS):
            control = self._store.control(key)
            held = control.facts
            until = control.claim.contested_from(key) if control.claim else None
            stored = self._refolded(control, until)
            if held is None and stored.facts == Facts():
                return
            if self._noted(key, None, stored.facts) and self._write(control, stored, stored.facts):
                return
        raise Conflict("facts keep changing under us")

    def _noted(self, key: str, held: Facts | None, facts: Facts) -> bool:
        """Lets search find the identifier; False if another consumer was faster."""
        try:
            self._search.note(key, held, facts)
        except Conflict:
            return False
        return True

    def _token_key(self, token: str) -> str:
        return token_key(token, self._keys)

    def _write(self, control: Control, stored: StoredFacts, facts: Facts) -> bool:
        """Puts facts if they differ from what the table holds; False if another consumer was faster."""
        held = control.facts
        previous = held.version if held else 0
        buckets = held.buckets if held else {}
        spilled = held.spilled if held else 0
        wanted = StoredFacts(facts, previous + 1, self._release.number, stored.until, buckets, spilled)
        if held is not None and (held.facts, held.until) == (facts, stored.until) and not self._outdated(held):
            return True
        try:
            self._store.put_facts(control.key, wanted, previous=previous)
        except Conflict:
            return False
        return True

    def _outdated(self, held: StoredFacts) -> bool:
        return held.release < self._release.folded_since

    def _current(self, control: Control) -> StoredFacts:
        """The stored facts, raised from the log if they were folded for fewer features."""
        held = control.facts
        if held is None:
            return StoredFacts(Facts(), 0, self._release.number)
        if held.release > self._release.number:
            raise NewerRelease
        return self._refolded(control, held.until) if self._outdated(held) else held

    def _refolded(self, control: Control, until: int | None) -> StoredFacts:
        """All events of an identifier folded anew, up to ``until``."""
        whole = fold(Facts(), self._store.events(control.key), self._release.features, until=until)
        return StoredFacts(whole, 0, self._release.number, until)

    def sound(self, tree: Tree) -> Tree | None:
        """The tree, if every member has facts of this release, cut where its claims say; else None, after repair."""
        sound = True
        for member in tree.members:
            control = member.control
            if control.facts is None:
                continue
            stored = self._current(control)
            until = control.claim.contested_from(member.key) if control.claim else None
            if until != stored.until:
                stored = self._refolded(control, until)
            if stored is not control.facts:
                sound = False
                self._write(control, stored, stored.facts)
        return tree if sound else None
