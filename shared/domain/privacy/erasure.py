"""The erasure of a person: what is erased, what stays, and how far the work is (docs/privacy.md)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from shared.domain.identity.claims import Claim, Earliest

REFUSED_FOR = timedelta(days=30)
"""How long later events of an erased identifier are refused: retries and imports that are still on their way."""
PROOF_KEPT = timedelta(days=3 * 366)
CONFIRM_AFTER = timedelta(minutes=5)
"""Longer than any function lives: whoever read the person before the marks were set has ended by then."""


class State(StrEnum):
    """``RUNNING -> ERASED -> CONFIRMED``; CONFIRMED: looked through once more when nobody could be writing still."""

    RUNNING = "running"
    ERASED = "erased"
    CONFIRMED = "confirmed"


@dataclass(slots=True)
class Erasure:
    """One erasure, as it is kept for three years: no value of the person is in it.

    ``homes``: keyed digests of his identifiers. ``done``: how many of them this pass has been through. ``case``: the
    shop's number of the request, ``request`` the id of its case. ``removed``: how many items of each kind were deleted.
    ``proven``: the address whose mailbox he proved, if he asked by himself (``Part.proven``).
    ``kept``: how many of each kind stay, with the reason in docs/privacy.md.
    """

    id: str
    homes: tuple[str, ...]
    requested_at: datetime
    by: str
    case: str = ""
    request: str = ""
    proven: str = ""
    state: State = State.RUNNING
    version: int = 0
    done: int = 0
    removed: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)
    erased_at: datetime | None = None
    confirmed_at: datetime | None = None

    def passed(self, now: datetime) -> None:
        """All identifiers were gone through once more."""
        if self.state is State.RUNNING:
            self.state, self.erased_at = State.ERASED, now
        else:
            self.state, self.confirmed_at = State.CONFIRMED, now
        self.done = 0

    @property
    def refused_until(self) -> datetime:
        """Until when events of its identifiers are refused."""
        return self.requested_at + REFUSED_FOR


def without_owners(claim: Claim, homes: Collection[str]) -> Claim:
    """The claim as if none of ``homes`` had ever claimed the identifier."""

    def others(said: Earliest) -> Earliest:
        return Earliest({owner: stamp for owner, stamp in said.owners.items() if owner not in homes}, said.ceiling)

    verdicts = {owner: verdict for owner, verdict in claim.verdicts.items() if owner not in homes}
    return Claim(claim.name, others(claim.trusted), others(claim.public), verdicts)


def kind_of(sort_key: str, kinds: Mapping[str, str]) -> str:
    """What an item is called in the proof: by the longest beginning of its sort key in ``kinds``, else ``other``."""
    found = [prefix for prefix in kinds if sort_key.startswith(prefix)]
    return kinds[max(found, key=len)] if found else "other"
