"""What of the stored is one person's: the one rule by which a copy is made, a right is noted and a person is erased."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from msgspec import Struct

from shared.domain.identity.claims import Claim
from shared.domain.identity.identifiers import IdentifierType

UNPROVEN = frozenset({IdentifierType.EMAIL, IdentifierType.PHONE})
"""What anybody can type into a form. Only a code that was sent there proves whose it is."""


class Part(Struct, frozen=True):
    """The identifiers of one person, the root first, each with the instant (milliseconds) from which on it is another
    person's too. None: all of it is his.

    ``proven``: the address whose mailbox he proved to read, if he asked by himself. Whoever else named it, it is his.
    """

    since: Mapping[str, int | None]
    proven: str = ""

    @property
    def homes(self) -> tuple[str, ...]:
        return tuple(self.since)

    @property
    def root(self) -> str:
        return next(iter(self.since))

    @property
    def own(self) -> tuple[str, ...]:
        """The identifiers that are nobody else's."""
        return tuple(home for home, since in self.since.items() if since is None)


def part_of(claims: Mapping[str, Claim | None], proven: str = "") -> Part:
    """The part of a person whose identifiers are the keys of ``claims``.

    >>> phone = Claim.by("u.first", (1_000, "a"), trusted=True)
    >>> phone.absorb(Claim.by("u.second", (2_000, "b"), trusted=True))
    >>> part_of({"u.first": None, "p.1": phone}).since
    {'u.first': None, 'p.1': 2000}
    """
    since = {home: None if home == proven else shared_since(claim, claims.keys()) for home, claim in claims.items()}
    return Part(since, proven)


def shared_since(claim: Claim | None, homes: Collection[str]) -> int | None:
    """Since when (milliseconds) an identifier is another person's too; None if it is nobody else's.

    A browser or a family's phone may have owners outside ``homes``. What was said under it before the first of them
    claimed it is his who asks, the rest is the other person's.
    """
    if claim is None:
        return None
    return min((stamp[0] for owner, (_, stamp) in claim.owners().items() if owner not in homes), default=None)
