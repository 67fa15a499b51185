"""Which customers must be decided for one invocation, and why: each root once, whatever leads to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set

from msgspec import Struct, field

from functions.segment.identity import Moved
from shared.domain.identity.claims import root_of
from shared.domain.profile.customer_item import Folded
from shared.stores.customers import Control, CustomerStore


class Due(Struct):
    """What one root is decided for.

    ``folded``: whether events of it were folded, told in ``rows``, and ``live`` whether any is not imported history.
    ``moved``: identifiers that changed their owner, ``moved_live`` likewise, ``homes`` the customers they were in.
    """

    folded: bool = False
    rows: list[Folded] = field(default_factory=list)
    live: bool = False
    homes: set[str] = field(default_factory=set)
    moved: set[str] = field(default_factory=set)
    moved_live: bool = False


class Owners:
    """Who owns whom, as read before and as linked since. It may be out of date: who decides reads the tree anew."""

    def __init__(self, store: CustomerStore, before: dict[str, Control]) -> None:
        self._store = store
        self._before = before
        self._moved: dict[str, str | None] = {}

    def move(self, moved: Moved) -> None:
        self._moved[moved.child] = moved.after

    def root(self, key: str) -> str:
        return root_of(key, self._parent)

    def _parent(self, key: str) -> str | None:
        if key in self._moved:
            return self._moved[key]
        if key not in self._before:
            self._before[key] = self._store.control(key)
        claim = self._before[key].claim
        return claim.parent() if claim else None


def due_decisions(
    folded: Mapping[str, Sequence[Folded]], moves: Iterable[Moved], live: Set[str], owners: Owners
) -> dict[str, Due]:
    """Root to what it is decided for.

    Parameters
    ----------
    folded
        Identifier to what was folded into it.
    live
        Identifiers of which something was said that is not imported history.
    """
    due: dict[str, Due] = {}
    for pk, rows in folded.items():
        one = due.setdefault(owners.root(pk), Due())
        one.folded = True
        one.rows.extend(rows)
        one.live = one.live or pk in live
    for moved in moves:
        for home in moved.homes:
            one = due.setdefault(owners.root(home), Due())
            one.homes.add(home)
            one.moved.add(moved.child)
            one.moved_live = one.moved_live or moved.child in live
    return due
