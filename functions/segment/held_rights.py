"""What segmentation may decide of a person who restricted the use of his data, or who objected to profiling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from functions.segment.release import Definitions
from shared.domain.identity.keys import IdentifierKeys
from shared.domain.privacy.held_rights import Held
from shared.domain.profile.customer_item import Folded
from shared.domain.profile.profile import Profile
from shared.domain.segments.memberships import Memberships, memberships
from shared.queries.customer_tree import Tree


def as_permitted(
    tree: Tree,
    was: Mapping[str, int],
    release: Definitions,
    profile: Profile,
    now: datetime,
    before: Mapping[str, int],
    *,
    address_keys: IdentifierKeys,
    recount: bool,
) -> Memberships:
    """The memberships that hold; of who restricted those of before, and of who objected none.

    With a restriction nothing is evaluated and no timer is armed: what stood (``was``) is kept as it is.
    """
    if tree.held(Held.RESTRICT) is not None:
        return Memberships(dict(was), (), (), None)
    permitted = () if tree.held(Held.OBJECT) is not None else release.segments
    return memberships(permitted, profile, release.shop, now, before, address_keys=address_keys, recount=recount)


def rows_permitted(tree: Tree, rows: Sequence[Folded]) -> tuple[Folded, ...]:
    """The events that journeys hear of: none of who restricted."""
    return () if tree.held(Held.RESTRICT) is not None else tuple(rows)
