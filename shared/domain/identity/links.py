"""Why identifiers belong together: every claim on one, the owner that counts, and what was said against it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from shared.domain.identity.claims import Claim, Stamp, Verdict

State = Literal["current", "outranked", "released"]


@dataclass(frozen=True, slots=True)
class Saying:
    """The earliest word of one trust for a link; its event lies in the log of the owner."""

    trusted: bool
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class Link:
    """One claim on an identifier by one owner.

    ``current``: the owner that counts; ``outranked``: claimed, but another owner counts; ``released``: taken back.
    ``verdict``: the latest word of a person about it, whose event lies in the log of the owned identifier.
    """

    owner: str
    state: State
    since: int
    trusted: bool
    sayings: tuple[Saying, ...]
    verdict: Verdict | None


def links_of(claim: Claim) -> tuple[Link, ...]:
    """All links of one identifier: the current one first, then the outranked, then the released, each oldest first."""
    current = claim.parent()
    standing = claim.owners()
    found = [
        _link(claim, owner, "current" if owner == current else "outranked" if owner in standing else "released")
        for owner in {*claim.public.owners, *claim.trusted.owners, *claim.verdicts}
    ]
    return tuple(sorted(found, key=lambda link: (_ORDER[link.state], link.since, link.owner)))


_ORDER: dict[State, int] = {"current": 0, "outranked": 1, "released": 2}


def _link(claim: Claim, owner: str, state: State) -> Link:
    sayings = tuple(
        Saying(trust, stamp)
        for trust, said in ((False, claim.public), (True, claim.trusted))
        if (stamp := said.owners.get(owner)) is not None
    )
    verdict = claim.verdicts.get(owner)
    told = [saying.stamp for saying in sayings] or ([verdict[:2]] if verdict else [])
    trusted = any(saying.trusted for saying in sayings) or not sayings
    return Link(owner, state, min(told)[0], trusted, sayings, verdict)


def after(claim: Claim, owner: str, verdict: Verdict) -> Claim:
    """The claim as it will be when the verdict on this owner is folded."""
    decided = claim.copy()
    decided.absorb(Claim(verdicts={owner: verdict}))
    return decided
