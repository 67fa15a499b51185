"""What was sent to a customer, joined over the tree: reservations, coupons, messages of campaigns, dead push tokens."""

from __future__ import annotations

from datetime import datetime

from shared.domain.coupons.given import joined
from shared.domain.messages.campaign_deduplication import Noted
from shared.domain.messages.caps import Place
from shared.queries.customer_tree import Tree
from shared.stores.sends import Sends, read_sends


def sends_of(tree: Tree) -> Sends:
    """The root's item, with what members hold that were roots themselves before they were joined."""
    found = [read_sends(member.control.sends) for member in tree.members]
    if len(found) == 1:
        return found[0]
    dead: dict[str, datetime] = {}
    for sends in found:
        for token, at in sends.dead.items():
            dead[token] = max(at, dead.get(token, at))
    places = frozenset[Place]().union(*(sends.places for sends in found))
    noted = frozenset[Noted]().union(*(sends.noted for sends in found))
    return Sends(places, dead, found[0].version, joined(sends.given for sends in found), noted)
