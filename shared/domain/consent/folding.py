"""Bounds what public sources say of one customer: which statements are kept as one item, and as which.

Anybody can read a public key, so the number of its statements says nothing. The first ones of a partition are kept one
by one; later ones are folded into runs. Folding keeps the newest moment from which a run counts, so the rule of
``consent_state`` answers as if all had been kept. See docs/decisions/2026-11-30-a-bound-for-public-consents.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta

from msgspec import Struct
from msgspec.structs import replace

from shared.domain.consent.consent import CHANNELS, EVERY_PURPOSE, Consent, FoldedRun

GAP = timedelta(hours=1)
"""A statement that comes longer after the last of a run begins another run."""
RUNS_OF_ONE = 3
"""Runs of the same words that are kept apart; then the last one goes on."""
SEVERAL = "*"
"""In the place of the source of a run: several said it. No source has such a name."""


class Bounds(Struct, frozen=True):
    """How much is kept of one partition.

    ``places``: statements that are kept one by one. ``powerless``: grants of sources that may not grant. The others are
    numbers of runs: of withdrawals by the customer himself, by anybody else, of grants; and of withdrawals that are
    kept without their address (``without_address``), and as of every purpose too (``of_every_purpose``).
    """

    places: int = 24
    powerless: int = 6
    own: int = 6
    others: int = 12
    without_address: int = 6
    of_every_purpose: int = 6
    grants: int = 6

    @property
    def most(self) -> int:
        """The largest number of items of public statements in a partition."""
        runs = self.own + self.others + self.without_address + self.of_every_purpose + self.grants
        return self.places + self.powerless + runs + 2 * _LAST


BOUNDS = Bounds()
_LAST = 2 * len(CHANNELS)
"""Runs of last resort: one for each channel, widened or not. They always have room. In the partition of an address
there are as many for what was said of it by name: read with another address of the customer, it says nothing of that.
"""


def fold(
    held: Mapping[int, Consent], said: Consent, home: str, *, own: bool, bounds: Bounds = BOUNDS
) -> tuple[int, Consent] | None:
    """Where a statement is kept among the runs of a partition, and what is kept there then.

    ``held`` are the runs by their places; ``home`` is the partition; ``own``: a browser of the customer said it. None:
    it is a grant for which there is no room. A withdrawal always has room, if need be as one of more than was said.
    """
    for places, kept in _choices(run_of_one(said, own=own), home, bounds):
        place = _place(held, places, kept)
        if place is not None:
            return place, kept if place not in held else joined(held[place], kept)
    return None


def run_of_one(said: Consent, *, own: bool) -> Consent:
    """The statement as a run to which nothing was added yet."""
    at = said.received_at
    return replace(said, run=FoldedRun(at, at, 1, said.effective_at, own))


def joined(held: Consent, said: Consent) -> Consent:
    """The run with one more. It has the name of the one that was added last: so whoever took the run back by its former
    name took back no more than he had seen."""
    before, added = _run(held), _run(said)
    run = replace(
        before,
        first_received=min(before.first_received, added.first_received),
        last_received=max(before.last_received, added.last_received),
        count=before.count + added.count,
        counts_from=max(before.counts_from, added.counts_from),
    )
    return replace(said, run=run)


def folded_again(held: Consent, said: Iterable[Consent]) -> Consent | None:
    """The run as if only these had been folded into it; None if there are none."""
    found: Consent | None = None
    for one in sorted(said, key=lambda one: (one.received_at, one.message_id)):
        alone = run_of_one(one, own=_run(held).own)
        kept = replace(
            alone,
            purpose=held.purpose,
            address_key=held.address_key,
            source=held.source,
            run=replace(_run(alone), widened=_run(held).widened),
        )
        found = kept if found is None else joined(found, kept)
    return found


def _choices(one: Consent, home: str, bounds: Bounds) -> Iterator[tuple[range, Consent]]:
    """Places for a statement, and as what it is kept there: first as it was said, then as more and more."""
    own, end = range(bounds.own), bounds.own + bounds.others
    others = range(bounds.own, end)
    without_address = range(end, end + bounds.without_address)
    of_every_purpose = range(without_address.stop, without_address.stop + bounds.of_every_purpose)
    last = of_every_purpose.stop
    if one.granted:
        yield range(last + _LAST, last + _LAST + bounds.grants), one
        return
    yield own if _run(one).own else others, one
    wider = _widened(one, one.purpose, one.address_key if one.address_key == home else "")
    yield without_address, wider
    widest = _widened(wider, EVERY_PURPOSE, wider.address_key)
    yield of_every_purpose, widest
    run = _run(widest)
    place = last + 2 * CHANNELS.index(widest.channel) + run.widened
    if widest.address_key:
        place += _LAST + bounds.grants
    yield range(place, place + 1), replace(widest, source=SEVERAL, run=replace(run, own=False))


def _widened(one: Consent, purpose: str, address_key: str) -> Consent:
    run = _run(one)
    widened = run.widened or (one.purpose, one.address_key) != (purpose, address_key)
    return replace(one, purpose=purpose, address_key=address_key, run=replace(run, widened=widened))


def _place(held: Mapping[int, Consent], places: range, one: Consent) -> int | None:
    """The newest run of the same words if it is going on, else a free place; if there is none, that run all the same.
    None: there is neither."""
    same = [place for place in places if place in held and _words(held[place]) == _words(one)]
    newest = max(same, key=lambda place: (_run(held[place]).last_received, place), default=None)
    if newest is not None and _run(one).first_received - _run(held[newest]).last_received <= GAP:
        return newest
    free = next((place for place in places if place not in held), None)
    return newest if free is None or len(same) >= RUNS_OF_ONE else free


def _words(one: Consent) -> tuple[object, ...]:
    """What all statements of a run have in common."""
    powers = (one.granted and one.merchant, one.granted and one.may_grant)
    run = _run(one)
    return one.granted, one.channel, one.purpose, one.address_key, one.source, run.own, run.widened, powers


def _run(one: Consent) -> FoldedRun:
    if one.run is None:
        raise ValueError("the statement is no run")
    return one.run
