"""Claims: which identifier belongs to which, kept so that every step can be repeated after a crash."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from shared.domain.events.event import Event, EventType
from shared.domain.identity.claims import LINK_VERDICTS, Claim
from shared.domain.identity.identifiers import Identifier, IdentifierType, InvalidIdentifier, parse_identifier
from shared.domain.identity.keys import IdentifierKeys, milliseconds, type_of_key
from shared.ports import Conflict
from shared.stores.customers import Control, CustomerStore, Hint

ATTEMPTS = 12
"""Tries against other consumers of the same item; each loser reloads, so somebody always wins."""


class Moved(Struct, frozen=True):
    """An identifier changed its owner, or what it may tell of itself.

    ``homes``: the partitions whose customers must be decided again.
    """

    child: str
    formers: tuple[str, ...]
    after: str | None

    @property
    def homes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.formers, self.after or self.child)))


def claims_of(pk: str, events: Iterable[Event], keys: IdentifierKeys) -> dict[str, Claim]:
    """What these events of one partition say about other identifiers: child key to its claim for this owner."""
    said: dict[str, Claim] = {}
    places: dict[str, str] = {}
    for event in events:
        stamp = (milliseconds(event.time), event.id)
        verdict = _verdict(pk, event, stamp, keys)
        if verdict is not None:
            said.setdefault(pk, Claim()).absorb(verdict)
        for child in _claimed(event):
            name = str(child)
            key = places.get(name) or places.setdefault(name, keys(child))
            known = said.get(key)
            if known is not None and key != pk:
                known.hear(pk, stamp, trusted=event.trusted, name=name)
            elif key != pk and _may_own(pk, key):
                said[key] = Claim.by(pk, stamp, trusted=event.trusted, name=name)
    return said


def _verdict(pk: str, event: Event, stamp: tuple[int, str], keys: IdentifierKeys) -> Claim | None:
    """What an admin said about one link of this identifier. Only a trusted source's word counts."""
    word = LINK_VERDICTS.get(event.name)
    if word is None or not event.trusted or event.type is not EventType.TRACK:
        return None
    try:
        owner = keys(parse_identifier(str(event.properties.get("owner", ""))))
    except InvalidIdentifier:
        return None
    if owner == pk or not _may_own(owner, pk):
        return None
    return Claim(verdicts={owner: (*stamp, word)})


def _claimed(event: Event) -> Iterable[Identifier]:
    yield from event.claimable
    if event.alias_of is not None:
        yield event.alias_of


def _may_own(owner: str, child: str) -> bool:
    """Owners rank strictly higher; only users may be aliases of each other."""
    kinds = type_of_key(owner), type_of_key(child)
    return kinds[0].rank < kinds[1].rank or kinds == (IdentifierType.USER, IdentifierType.USER)


def settled(said: Claim, control: Control, hinted: Mapping[str, int]) -> bool:
    """Whether the stored claim already holds what an event says, and nothing of an earlier change is unfinished.

    ``hinted``: owners whose reverse hint names this identifier, and since when; one that is not the parent, or tells
    another time, is left over from a crash.
    """
    if control.claim is None or control.moving is not None:
        return False
    parent = control.claim.parent()
    if any(owner != parent or since != _since(control.claim, owner) for owner, since in hinted.items()):
        return False
    merged = control.claim.copy()
    merged.absorb(said)
    return merged == control.claim


def link(store: CustomerStore, child: str, said: Claim, hinted: Mapping[str, int] | None = None) -> Moved | None:
    """Joins ``said`` into the claim of ``child``; returns what must be decided again, if anything: a change of owner,
    or of the instant from which a shared browser's events count for nobody.

    Order of writes: the reverse hint at the new owner, then the claim. The claim remembers the owners it moves away
    from until ``finish``; so who repeats the work after a crash knows every customer that needs a new decision.

    A hint that lost against a better claim (ours of a moment ago, or one of ``hinted``, left over from a crash) makes
    its owner a former one: ``finish`` takes it away. One that tells another time than the claim is written anew, and
    then the claim is read again: another consumer may have changed both in between.
    """
    hints = dict(hinted or {})
    for _ in range(ATTEMPTS):
        control = store.control(child)
        before = control.claim.parent() if control.claim else None
        merged = control.claim.copy() if control.claim else Claim()
        merged.absorb(said)
        after = merged.parent()
        stray = sorted(hints.keys() - {after, before})
        since = _since(merged, after)
        wrong = after is not None and hints.get(after, since) != since
        if merged == control.claim and not stray and not wrong:
            return None if control.moving is None else Moved(child, control.moving, after)
        if after is not None and (wrong or since != _since(control.claim, before if after == before else None)):
            hint = _hint(merged, after, f"{control.claim_version + 1}")
            store.put_owns(after, child, hint)
            hints[after] = hint.since
            if merged == control.claim and not stray:
                continue
        moving = tuple(dict.fromkeys((*(control.moving or ()), *stray)))
        cut = control.claim.contested_from(child) if control.claim else None
        if after != before or merged.contested_from(child) != cut:
            moving = tuple(dict.fromkeys((*moving, before or child)))
        try:
            store.put_claim(child, merged, previous=control.claim_version, moving=moving)
        except Conflict:
            continue
        return Moved(child, moving, after) if moving else None
    raise Conflict("a claim keeps changing under us")


def note_verdicts(store: CustomerStore, claims: Mapping[str, Claim]) -> None:
    """Marks each decision at the owner whom it names. Before the claims: who dies in between comes again."""
    for child, said in claims.items():
        for owner in sorted(said.verdicts):
            store.note_parted(owner, child)


def finish(store: CustomerStore, moved: Moved) -> None:
    """After the customers were decided: drops the hints that are wrong now, and forgets the former owners.

    A hint is deleted only as it was read before the claim was read, and the owner's own is written anew before that:
    so a claim that moves back meanwhile never loses its hint.
    """
    child = moved.child
    for _ in range(ATTEMPTS):
        wrong = {former: store.control(former).owns.get(child) for former in moved.formers if former != child}
        control = store.control(child)
        if control.claim is None or control.moving is None:
            return
        owner = control.claim.parent()
        stale = {former: hint for former, hint in wrong.items() if former != owner and hint is not None}
        if owner is not None and stale:
            store.put_owns(owner, child, _hint(control.claim, owner, f"{control.claim_version}f"))
        for former, hint in stale.items():
            store.delete_owns(former, child, hint)
        left = tuple(former for former in control.moving if former not in moved.formers)
        try:
            store.put_claim(child, control.claim, previous=control.claim_version, moving=left)
        except Conflict:
            continue
        return


def _hint(claim: Claim, owner: str, mark: str) -> Hint:
    return Hint(claim.owners()[owner][1][0], mark)


def _since(claim: Claim | None, owner: str | None) -> int | None:
    """What the hint of this owner says already, if the claim stands with it."""
    return None if claim is None or owner is None else claim.owners()[owner][1][0]


def merge_claims(into: dict[str, Claim], more: Mapping[str, Claim]) -> None:
    """Joins what several partitions say about the same identifiers."""
    for child, claim in more.items():
        known = into.get(child)
        if known is None:
            into[child] = claim.copy()
        else:
            known.absorb(claim)
