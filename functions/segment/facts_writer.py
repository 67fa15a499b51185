"""The facts of one identifier: folded from its events, kept at the newest release, cut where its claims say."""

from __future__ import annotations

from datetime import datetime

from functions.segment.batch import Batch
from functions.segment.release import Definitions, NewerRelease
from shared.domain.facts.facts import Facts
from shared.domain.facts.fold import fold
from shared.domain.identity.keys import IdentifierKeys
from shared.domain.interests.interest import interests_of, new_interests
from shared.domain.messages.address import token_key
from shared.ports import Conflict
from shared.queries.customer_tree import Tree
from shared.queries.token_holders import note_holders
from shared.stores.customers import Control, CustomerStore, StoredFacts
from shared.stores.interests import Interests
from shared.stores.search_index import SearchIndex

ATTEMPTS = 12


class FactsWriter:
    """The only writer of facts."""

    def __init__(
        self, store: CustomerStore, keys: IdentifierKeys, release: Definitions, interests: Interests | None = None
    ) -> None:
        """Without ``interests`` nobody is told of products: a dry run needs no index."""
        self._store = store
        self._search = SearchIndex(store.table, keys)
        self._keys = keys
        self._release = release
        self._interests = interests

    def fold(self, batch: Batch, now: datetime) -> Control:
        """Facts of one partition, joined with its new events; returns the items as read before.

        Events of somebody who was erased are deleted in place of that: ``Control.refuses`` says so.
        """
        facts: Facts | None = None
        for _ in range(ATTEMPTS):
            control = self._store.control(batch.pk)
            if control.refuses(now):
                self._store.forget_events(batch.pk, batch.events)
                self._forget_interests(batch, facts)
                return control
            stored = self._current(control)
            until = control.claim.contested_from(batch.pk) if control.claim else None
            if until != stored.until:
                stored = self._refolded(control, until)
            facts = fold(stored.facts, batch.events, self._release.features, until=until)
            held = control.facts.facts if control.facts else None
            note_holders(self._store, batch.pk, held, facts, self._token_key)
            if self._write(control, stored, facts, now):
                return control
        raise Conflict("facts keep changing under us")

    def rebuild(self, key: str, now: datetime) -> None:
        """The facts of one identifier, from its whole log; without any event there are none to keep."""
        for _ in range(ATTEMPTS):
            control = self._store.control(key)
            held = control.facts
            until = control.claim.contested_from(key) if control.claim else None
            stored = self._refolded(control, until)
            if held is None and stored.facts == Facts():
                return
            if self._write(control, stored, stored.facts, now, anew=True):
                return
        raise Conflict("facts keep changing under us")

    def _forget_interests(self, batch: Batch, noted: Facts | None) -> None:
        """What was noted for somebody who is erased meanwhile: by an attempt before, or by a worker that died."""
        if self._interests is not None:
            shown = noted or fold(Facts(), batch.events, self._release.features)
            self._interests.forget(batch.pk, interests_of(shown))

    def _token_key(self, token: str) -> str:
        return token_key(token, self._keys)

    def _write(self, control: Control, stored: StoredFacts, facts: Facts, now: datetime, *, anew: bool = False) -> bool:
        """Puts facts if they differ from what the table holds; False if another consumer was faster.

        What search and stock find the identifier by is noted before: facts never know of a name or an interest that
        the indexes do not. ``anew``: everything is noted, not only what is new.
        """
        held = control.facts
        previous = held.version if held else 0
        buckets = held.buckets if held else {}
        spilled = held.spilled if held else 0
        listed = self._interests is not None
        wanted = StoredFacts(facts, previous + 1, self._release.number, stored.until, buckets, spilled, listed)
        same = held is not None and (held.facts, held.until) == (facts, stored.until) and not self._outdated(held)
        if same and not anew:
            return True
        known = held.facts if held is not None and held.listed == listed and not anew else None
        try:
            self._search.note(control.key, known, facts)
            if self._interests is not None:
                self._interests.note(control.key, new_interests(known, facts, now))
            if not same:
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

    def sound(self, tree: Tree, now: datetime) -> Tree | None:
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
                self._write(control, stored, stored.facts, now)
        return tree if sound else None
