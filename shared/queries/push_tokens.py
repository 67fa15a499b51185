"""A push token belongs to the newest user seen on it: a sold phone tells its buyer nothing of the seller.

Each user who is met with a token is noted under the token once, before the facts that name it are written. When exactly
a user was seen with it is in that user's facts, which every event rewrites anyway: so the answer is exact, and a known
token costs nothing.
"""

from __future__ import annotations

from msgspec.structs import replace

from shared.domain.identity.keys import milliseconds
from shared.domain.messages.address import Address, Keys, address_of, token_key
from shared.domain.profile.profile import PushToken
from shared.queries.customer_sends import sends_of
from shared.queries.customer_tree import Tree
from shared.queries.token_holders import TokenKey
from shared.stores.customers import CustomerStore

MAX_HOLDERS = 50
"""Users asked per token; a shop's demo phone that more signed in on rings for none of the others."""


def own_tokens(store: CustomerStore, tree: Tree, tokens: tuple[PushToken, ...], key: TokenKey) -> tuple[PushToken, ...]:
    """Those of ``tokens`` on which nobody outside the tree was seen later. A token of two users at one instant belongs
    to nobody."""
    return tuple(token for token in tokens if not _passed_on(store, tree, token, key))


def push_address(store: CustomerStore, tree: Tree, keys: Keys) -> Address | None:
    """The customer's own devices that still take messages; None if there is none. A request for each device."""
    profile = tree.profile()
    tokens = own_tokens(store, tree, profile.tokens, lambda token: token_key(token, keys))
    return address_of(replace(profile, tokens=tokens), "push", keys, dead=sends_of(tree).dead)


def push_holder(tree: Tree, keys: Keys) -> str | None:
    """The identifier, in plain form, under which the newest device was seen that still takes messages; None if there is
    none. It asks nothing: whether somebody else has the device now, ``push_address`` knows."""
    dead = sends_of(tree).dead
    found: list[tuple[int, str, str]] = []
    for member in tree.members:
        tokens = member.control.facts.facts.tokens.entries if member.control.facts else {}
        if not tokens or member.identifier is None:
            continue
        for token, (seen, *_) in tokens.items():
            died = dead.get(token_key(token, keys))
            if died is None or seen > milliseconds(died):
                found.append((seen, str(member.identifier), token))
    return max(found)[1] if found else None


def _passed_on(store: CustomerStore, tree: Tree, token: PushToken, key: TokenKey) -> bool:
    others = [holder for holder in store.holders(key(token.token), MAX_HOLDERS + 1) if holder not in tree.keys]
    if len(others) > MAX_HOLDERS:
        return True
    mine = milliseconds(token.seen_at)
    for other in others:
        facts = store.control(other).facts
        theirs = facts.facts.tokens.entries.get(token.token) if facts else None
        if theirs is not None and theirs[0] >= mine:
            return True
    return False
