"""Whose phone a push token rings."""

from __future__ import annotations

import pytest

from shared.domain.messages.address import token_key
from shared.queries.push_tokens import own_tokens
from tests.support.world import KEYS, World, event, later

pytestmark = pytest.mark.unit

PHONE = {"device": {"id": "phone", "type": "android", "token": "tok-1"}}


def rings_for(world: World, who: str) -> list[str]:
    tree = world.tree(who)
    tokens = own_tokens(world.store, tree, tree.profile().tokens, lambda token: token_key(token, KEYS))
    return [token.token for token in tokens]


def test_a_sold_phone_rings_for_the_newest_user_only() -> None:
    """The token belongs to the user seen last, in whatever order the sightings arrive."""
    sold = event("identify", ["user:old", "device:phone"], context=PHONE)
    bought = event("identify", ["user:new", "device:phone"], at=later(days=3), context=PHONE)
    for order in ((sold, bought), (bought, sold)):
        world = World()
        for one in order:
            world.send(one)
        assert rings_for(world, "user:old") == []
        assert rings_for(world, "user:new") == ["tok-1"]


def test_a_phone_that_comes_back_rings_again() -> None:
    """Who signs in again after somebody else is the newest user again."""
    world = World()
    for day, user in enumerate(("old", "new", "old")):
        world.send(event("identify", [f"user:{user}", "device:phone"], at=later(hours=day), context=PHONE))
    assert rings_for(world, "user:old") == ["tok-1"]
    assert rings_for(world, "user:new") == []


def test_a_known_token_costs_no_write() -> None:
    """The second event with the same token writes facts and the customer only."""
    world = World()
    world.send(event("identify", ["user:1"], context=PHONE))
    world.memory.usage.reset()
    world.send(event("Product Viewed", ["user:1"], at=later(minutes=1), context=PHONE))
    assert world.memory.usage.by_operation["put"] == 3  # the event, facts, customer
