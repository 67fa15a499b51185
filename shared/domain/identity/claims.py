"""Who an identifier belongs to, and why: a join over everything that was said about it (docs/architecture.md)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from msgspec import Struct, field

from shared.domain.identity.identifiers import IdentifierType
from shared.domain.identity.keys import rank_of_key, type_of_key

MAX_OWNERS = 32
"""Owners remembered per trust, the earliest ones: a kiosk that thousands sign in on stays small."""

Stamp = tuple[int, str]
"""(milliseconds, event id)"""
Verdict = tuple[int, str, Literal["release", "link"]]
"""An admin's word on one link: (milliseconds, event id, what)."""

LINK_RELEASED = "Link Released"
LINK_RESTORED = "Link Restored"
LINK_VERDICTS: dict[str, Literal["release", "link"]] = {LINK_RELEASED: "release", LINK_RESTORED: "link"}
"""Events in the log of the owned identifier, with the property ``owner`` (``user:42``), from a trusted source."""

CONTESTABLE = frozenset({IdentifierType.ANONYMOUS, IdentifierType.DEVICE})
"""What two people can share without saying so: after the second user its own events count for nobody."""


class Earliest(Struct):
    """The owners who came first, by owner key. What was dropped leaves a ceiling, so order does not matter."""

    owners: dict[str, Stamp] = field(default_factory=dict)
    ceiling: Stamp | None = None

    def absorb(self, other: Earliest) -> None:
        for owner, stamp in other.owners.items():
            known = self.owners.get(owner)
            self.owners[owner] = stamp if known is None else min(known, stamp)
        ceilings = [ceiling for ceiling in (self.ceiling, other.ceiling) if ceiling is not None]
        ordered = sorted(self.owners.values())
        if len(ordered) > MAX_OWNERS:
            ceilings.append(ordered[MAX_OWNERS])
        if ceilings:
            self.ceiling = min(ceilings)
            ceiling = self.ceiling
            self.owners = {owner: stamp for owner, stamp in self.owners.items() if stamp < ceiling}

    def copy(self) -> Earliest:
        return Earliest(dict(self.owners), self.ceiling)


class Claim(Struct):
    """All claims on one identifier. ``name`` is its plain form, for people who ask.

    >>> claim = Claim("anonymous:a1")
    >>> claim.absorb(Claim.by("u.42", (1_000, "evt"), trusted=False))
    >>> claim.parent()
    'u.42'
    """

    name: str = ""
    trusted: Earliest = field(default_factory=Earliest)
    public: Earliest = field(default_factory=Earliest)
    verdicts: dict[str, Verdict] = field(default_factory=dict)

    @classmethod
    def by(cls, owner: str, stamp: Stamp, *, trusted: bool, name: str = "") -> Claim:
        """What one event says: this belongs to ``owner``."""
        said = Earliest({owner: stamp})
        return cls(name, said if trusted else Earliest(), Earliest() if trusted else said)

    def absorb(self, other: Claim) -> None:
        """Becomes the join of both."""
        self.name = max(self.name, other.name)
        self.trusted.absorb(other.trusted)
        self.public.absorb(other.public)
        for owner, verdict in other.verdicts.items():
            known = self.verdicts.get(owner)
            self.verdicts[owner] = verdict if known is None else max(known, verdict)

    def hear(self, owner: str, stamp: Stamp, *, trusted: bool, name: str) -> None:
        """Becomes the join with ``Claim.by`` of the same; quickly for a known owner, who changes no ceiling."""
        part = self.trusted if trusted else self.public
        known = part.owners.get(owner)
        if known is None:
            self.absorb(Claim.by(owner, stamp, trusted=trusted, name=name))
            return
        part.owners[owner] = min(known, stamp)
        self.name = max(self.name, name)

    def copy(self) -> Claim:
        return Claim(self.name, self.trusted.copy(), self.public.copy(), dict(self.verdicts))

    def owners(self) -> dict[str, tuple[bool, Stamp]]:
        """The unreleased owners: whether a trusted source said so, and the earliest word."""
        found: dict[str, tuple[bool, Stamp]] = {}
        for trust, said in ((False, self.public), (True, self.trusted)):
            for owner, stamp in said.owners.items():
                known = found.get(owner)
                found[owner] = (trust, stamp if known is None else min(known[1], stamp))
        for owner, (when, event, verdict) in self.verdicts.items():
            if verdict == "release":
                found.pop(owner, None)
            else:
                found.setdefault(owner, (True, (when, event)))
        return found

    def parent(self) -> str | None:
        """The owner that counts: a user first, then the better trust, then the earliest."""
        owners = self.owners()
        if not owners:
            return None

        def preference(owner: str) -> tuple[bool, bool, Stamp, str]:
            trusted, stamp = owners[owner]
            return rank_of_key(owner) != 0, not trusted, stamp, owner

        return min(owners, key=preference)

    def contested_from(self, key: str) -> int | None:
        """From when on (milliseconds) the own events of a shared browser or device count for nobody.

        It is the earliest claim by a second user, so two users never merge by accident (docs/architecture.md).
        """
        if type_of_key(key) not in CONTESTABLE:
            return None
        users = sorted(stamp for owner, (_, stamp) in self.owners().items() if rank_of_key(owner) == 0)
        return users[1][0] if len(users) > 1 else None


def write_claim(claim: Claim) -> dict[str, Any]:
    """Attributes of the stored item; equal claims give equal attributes."""
    return {
        "name": claim.name,
        **{
            label: {
                "owners": {owner: list(said.owners[owner]) for owner in sorted(said.owners)},
                **({"ceiling": list(said.ceiling)} if said.ceiling else {}),
            }
            for label, said in (("trusted", claim.trusted), ("public", claim.public))
            if said.owners or said.ceiling
        },
        **(
            {"verdicts": {owner: list(claim.verdicts[owner]) for owner in sorted(claim.verdicts)}}
            if claim.verdicts
            else {}
        ),
    }


def read_claim(item: Mapping[str, Any]) -> Claim:
    """The claim of a stored item."""

    def earliest(label: str) -> Earliest:
        said = item.get(label) or {}
        ceiling = said.get("ceiling")
        owners = {owner: (stamp[0], stamp[1]) for owner, stamp in said.get("owners", {}).items()}
        return Earliest(owners, (ceiling[0], ceiling[1]) if ceiling else None)

    verdicts = {owner: (row[0], row[1], row[2]) for owner, row in (item.get("verdicts") or {}).items()}
    return Claim(item.get("name", ""), earliest("trusted"), earliest("public"), verdicts)


def root_of(key: str, parent: Callable[[str], str | None]) -> str:
    """The root above ``key``. A cycle of aliases resolves to its smallest member, wherever the walk starts."""
    path = [key]
    while (above := parent(path[-1])) is not None:
        if above in path:
            return min(path[path.index(above) :])
        path.append(above)
    return path[-1]
