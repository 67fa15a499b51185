"""Statements of consent of public sources: the first ones one by one, later ones folded, so that nobody can fill a
customer with them (docs/decisions/2026-11-30-a-bound-for-public-consents.md)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache, partial
from itertools import islice
from typing import Any

from msgspec import Struct

from shared.domain.consent.consent import Consent
from shared.domain.consent.consent_events import ConsentRecord
from shared.domain.consent.folding import BOUNDS, Bounds, fold
from shared.domain.identity.claims import Claim, Stamp, read_claim
from shared.domain.identity.keys import (
    CLAIM,
    FOLDED_CONSENT,
    consent_sort_key,
    folded_consent_sort_key,
    kept_consent_sort_key,
    milliseconds,
    verbatim_sort_key,
)
from shared.ports import Conflict, Table, Throttled, Write
from shared.stores.claim_events import claimed_before
from shared.stores.consent_items import consent_item, read_consent

ATTEMPTS = 10
AT_ONCE = 40
"""Statements that are folded by one transaction: each is an item more, and a run at most. It takes 100 items."""
OWN_SINCE = timedelta(days=1)
"""How long a browser must be the customer's to speak for him: the same event may claim it."""


class StoredInPart(Throttled):
    """The table stopped taking statements; ``withdrawn`` new withdrawals are stored all the same, and were not counted
    before."""

    def __init__(self, withdrawn: int) -> None:
        super().__init__("not all statements could be stored")
        self.withdrawn = withdrawn


def at_once(_attempt: int) -> None:
    """Tries again without a wait."""


class PublicConsents(Struct, frozen=True):
    """The writer of public statements. ``pause`` waits before an attempt that follows a lost race."""

    customers: Table
    bounds: Bounds = BOUNDS
    pause: Callable[[int], None] = at_once

    def put(self, records: Sequence[ConsentRecord]) -> int:
        """Stores statements that are not stored yet; durable when it returns. Returns how many withdrawals were new.

        The first arrival of a statement stays, as with trusted ones: what is sent again changes no time. It costs one
        request for each partition while there is room.

        Raises
        ------
        StoredInPart
            If not all could be stored now, because the table or this partition does not keep up. Sending all again is
            harmless.
        """
        new: set[tuple[int, str]] = set()
        try:
            for stored in self._store(records):
                new |= stored
        except Throttled as busy:
            raise StoredInPart(_withdrawn(records, new)) from busy
        return _withdrawn(records, new)

    def _store(self, records: Sequence[ConsentRecord]) -> Iterator[set[tuple[int, str]]]:
        """What was stored by each step: the number of a record, and the partition."""
        waiting: dict[str, list[int]] = {}
        for number, record in enumerate(records):
            for partition in reversed(record.partitions):  # the customer's last: it tells whether the statement is new
                if self._keep(partition, record.consent):
                    yield {(number, partition)}
                elif not _powerless(record.consent):
                    waiting.setdefault(partition, []).append(number)
        for partition, numbers in waiting.items():
            for some in _chunks(numbers):
                folded = self._fold(partition, {number: records[number] for number in some})
                yield {(number, partition) for number in folded}

    def _keep(self, partition: str, said: Consent) -> bool:
        """Whether the statement took a place of its own. Its name decides which, so that nobody counts."""
        try:
            self.customers.put(consent_item(partition, _kept_key(said, self.bounds), said), expect={"pk": None})
        except Conflict:
            return False
        return True

    def _fold(self, partition: str, records: Mapping[int, ConsentRecord]) -> set[int]:
        """Folds those that are not stored yet into the runs of the partition; returns which were new."""
        for attempt in range(ATTEMPTS):
            known, own = self._look(partition, records)
            fresh: dict[str, int] = {}
            for number, record in records.items():
                if name_of(record.consent) not in known:
                    fresh.setdefault(name_of(record.consent), number)
            if not fresh:
                return set()
            said = [(records[number].consent, own(records[number])) for number in fresh.values()]
            try:
                self._add(partition, said)
            except Conflict:
                self.pause(attempt)
                continue
            return set(fresh.values())
        raise Throttled("the consents of a customer keep changing under us")

    def _look(
        self, partition: str, records: Mapping[int, ConsentRecord]
    ) -> tuple[set[str], Callable[[ConsentRecord], bool]]:
        """The names of those that are stored already, and who of them speaks for himself."""
        places = {(partition, _kept_key(one.consent, self.bounds)) for one in records.values()}
        places |= {(partition, _verbatim_key(one.consent)) for one in records.values()}
        claimed = {key for one in records.values() if one.browsers for key in (*one.browsers, *one.partitions)}
        found = self.customers.get_many(sorted(places | {(key, CLAIM) for key in claimed}))
        claims = {item["pk"]: read_claim(item) for item in found if item["sk"] == CLAIM}
        known = {name_of(read_consent(item)) for item in found if item["sk"] != CLAIM}
        since = cache(partial(claimed_before, self.customers))
        return known, lambda record: _said_by_himself(record, partition, claims, since)

    def _add(self, partition: str, said: Iterable[tuple[Consent, bool]]) -> None:
        """
        Raises
        ------
        Conflict
            If somebody else folded into the same runs meanwhile.
        """
        runs = list(runs_of(self.customers, partition))
        held, versions = {run.place: run.said for run in runs}, {run.place: run.version for run in runs}
        changed: set[int] = set()
        writes: list[Write] = []
        for one, own in said:
            placed = fold(held, one, partition, own=own, bounds=self.bounds)
            if placed is None:
                continue  # a grant beyond all bounds; the event stays in the log
            place, held[place] = placed
            changed.add(place)
            writes.append(Write(consent_item(partition, _verbatim_key(one), one) | {"place": place}, {"pk": None}))
        for place in sorted(changed):
            version = versions.get(place)
            following = _first_version(held[place]) if version is None else version + 1
            item = consent_item(partition, folded_consent_sort_key(place), held[place]) | {"version": following}
            writes.append(Write(item, {"version": version}))
        if writes:
            self.customers.transact(writes)


class Run(Struct, frozen=True):
    """A run as it is stored: its place, and the version that a writer has to have read."""

    place: int
    version: int
    said: Consent

    @property
    def sort_key(self) -> str:
        return folded_consent_sort_key(self.place)


def runs_of(customers: Table, partition: str) -> Iterator[Run]:
    """The runs of a partition; consistent."""
    cursor = None
    while True:
        page = customers.query(partition, prefix=FOLDED_CONSENT, cursor=cursor)
        for item in page.items:
            yield Run(_place_of(item), item["version"], read_consent(item))
        cursor = page.cursor
        if cursor is None:
            return


def _first_version(run: Consent) -> int:
    """Of a run that is begun: never that of one which an erasure took away, and which another writer still holds."""
    return milliseconds(run.received_at)


def _withdrawn(records: Sequence[ConsentRecord], new: set[tuple[int, str]]) -> int:
    """Withdrawals that are new under their customer: so two functions that hear one at the same moment count it once,
    and one id for many customers hides nobody."""
    return sum(
        not record.consent.granted and (number, record.partitions[0]) in new for number, record in enumerate(records)
    )


def _place_of(item: Mapping[str, Any]) -> int:
    return int(item["sk"].removeprefix(FOLDED_CONSENT).partition("#")[0])


def name_of(said: Consent) -> str:
    """What makes two public statements of a partition one: it is sent again. Released versions made keys of it."""
    return consent_sort_key(said.channel, said.purpose, said.time, said.message_id, trusted=False)


def possible_keys(partition: str, said: Consent) -> list[tuple[str, str]]:
    """Where a public statement may be kept by itself; another statement may have taken the second one."""
    return [(partition, sort_key) for sort_key in (name_of(said), _kept_key(said, BOUNDS), _verbatim_key(said))]


def _verbatim_key(said: Consent) -> str:
    return verbatim_sort_key(said.channel, said.purpose, said.time, said.message_id)


def _kept_key(said: Consent, bounds: Bounds) -> str:
    powerless = _powerless(said)
    number = int.from_bytes(hashlib.blake2b(name_of(said).encode(), digest_size=4).digest(), "big")
    return kept_consent_sort_key(number % (bounds.powerless if powerless else bounds.places), powerless=powerless)


def _powerless(said: Consent) -> bool:
    """A grant that counts for nothing: some are kept to tell what was said."""
    return said.granted and not said.may_grant


def _claims_of(key: str, claims: Mapping[str, Claim]) -> dict[str, Stamp]:
    claim = claims.get(key)
    return {} if claim is None else {owner: stamp for owner, (_, stamp) in claim.owners().items()}


def _speakers(record: ConsentRecord, partition: str, browser: str, claims: Mapping[str, Claim]) -> set[str]:
    """Whose word a statement is in a partition: under an address that somebody has, only his."""
    having = set(_claims_of(partition, claims))
    if partition != record.partitions[0] and having:
        return having
    persons = set(record.partitions) - {browser}
    return persons.union(*(_claims_of(one, claims) for one in persons))


def _said_by_himself(
    record: ConsentRecord,
    partition: str,
    claims: Mapping[str, Claim],
    claimed: Callable[[str, int, str, datetime], bool],
) -> bool:
    """Whether a browser said it that is his for a day already. Who guesses ids has none of his browsers."""
    since = record.consent.received_at - OWN_SINCE + timedelta(milliseconds=1)
    return set(record.partitions) <= set(record.browsers) or any(
        owner in _speakers(record, partition, browser, claims) and claimed(owner, *stamp, since)
        for browser in record.browsers
        for owner, stamp in _claims_of(browser, claims).items()
    )


def _chunks(numbers: Iterable[int]) -> Iterator[list[int]]:
    rest = iter(numbers)
    while some := list(islice(rest, AT_ONCE)):
        yield some
