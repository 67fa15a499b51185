"""Every customer that segmentation makes is the one that brute force over the raw events makes."""

from __future__ import annotations

import random
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.events.event import Event
from shared.domain.identity.identifiers import Identifier
from shared.domain.identity.keys import milliseconds
from shared.domain.segments.memberships import memberships
from tests.support.cases import UNIT, cases
from tests.support.oracle import Bought, Oracle
from tests.support.world import KEYS, SEGMENTS, World
from tests.unit.segment.people import histories

pytestmark = UNIT


def delivered(events: list[Event], rng: random.Random) -> World:
    """Sent in any order, in batches."""
    world = World()
    left = rng.sample(events, len(events))
    while left:
        size = rng.randint(1, 6)
        world.send(*left[:size])
        left = left[size:]
    return world


@cases(26)
@given(histories(16), st.randoms(use_true_random=False))
def test_customers_are_what_brute_force_says(events: list[Event], rng: random.Random) -> None:
    """Trees, carts, orders and traits agree, for every identifier of every random history."""
    world, oracle = delivered(events, rng), Oracle(events, KEYS)
    for who in oracle.everybody:
        check_person(world, oracle, who)


def check_person(world: World, oracle: Oracle, who: Identifier) -> None:
    tree = world.tree(who)
    assert tree.root == KEYS(oracle.root(who))
    assert set(tree.keys) == {KEYS(member) for member in oracle.members(oracle.root(who))}
    profile = tree.profile()
    assert {line.product_id: line.quantity for line in profile.cart.items} == oracle.cart(who)
    assert profile.cart.updated_at == oracle.cart_changed(who)
    assert {name: trait.value for name, trait in profile.traits.items()} == oracle.traits(who)
    assert {
        order.id: Bought(order.at, order.total, order.refunded, order.state) for order in profile.orders
    } == oracle.orders(who)


@cases(20)
@given(histories(), st.randoms(use_true_random=False))
def test_memberships_are_what_brute_force_says_at_any_instant(events: list[Event], rng: random.Random) -> None:
    """What is stored agrees now; following the armed flips, it agrees at every later instant, and is never asked
    for more than it promised."""
    world, oracle = delivered(events, rng), Oracle(events, KEYS)
    for root in {oracle.root(who) for who in oracle.everybody}:
        customer = world.store.control(KEYS(root)).customer
        assert customer is not None
        assert customer.state == "live"
        assert set(customer.segments) == oracle.segments(root, world.now)
        profile = world.tree(root).profile()
        for days in range(0, 131, 10):
            now = world.now + timedelta(days=days)
            assert set(memberships(SEGMENTS, profile, world.rules.shop, now, {}).segments) == oracle.segments(root, now)
            if customer.armed is None or milliseconds(now) < customer.armed:
                assert oracle.segments(root, now) == set(customer.segments)
