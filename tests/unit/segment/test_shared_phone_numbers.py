"""Phone numbers: met in the store first, and shared by a family."""

from __future__ import annotations

import pytest

from tests.support.world import World, event, later

pytestmark = pytest.mark.unit

PHONE = "phone:+905551112233"


def orders(world: World, who: str) -> list[str]:
    return [order.id for order in world.tree(who).profile().orders]


def test_a_number_first_met_in_the_store() -> None:
    """A purchase by phone number alone becomes the user's when the shop's server says whose number it is."""
    world = World()
    world.send(event("Order Completed", [PHONE], at=later(days=-9), trusted=True, order_id="S-1", total=100))
    assert orders(world, PHONE) == ["S-1"]
    world.send(event("identify", ["user:ali", PHONE], trusted=True))
    world.send(event("Order Completed", [PHONE], at=later(days=1), trusted=True, order_id="S-2", total=100))
    assert orders(world, "user:ali") == ["S-1", "S-2"]
    assert world.tree(PHONE).root == world.tree("user:ali").root


def test_a_number_typed_into_the_web_shop_takes_nothing() -> None:
    """The public key cannot pull the purchases of a number to whoever types it."""
    world = World()
    world.send(event("Order Completed", [PHONE], at=later(days=-9), trusted=True, order_id="S-1", total=100))
    world.send(event("identify", ["user:stranger", PHONE]))
    assert orders(world, "user:stranger") == []


def test_a_family_phone() -> None:
    """Two users with one number stay two: purchases by it alone are the first one's, signed in each has his own."""
    mother = event("identify", ["user:mother", PHONE], at=later(days=-30), trusted=True)
    son = event("identify", ["user:son", PHONE], at=later(days=-10), trusted=True)
    by_number = event("Order Completed", [PHONE], at=later(days=-5), trusted=True, order_id="N", total=100)
    of_son = event("Order Completed", ["user:son", PHONE], at=later(days=-4), trusted=True, order_id="S", total=100)
    for told in ([mother, son, by_number, of_son], [of_son, by_number, son, mother]):
        world = World()
        for one in told:
            world.send(one)
        assert world.tree("user:mother").root != world.tree("user:son").root
        assert orders(world, "user:mother") == ["N"]
        assert orders(world, "user:son") == ["S"]
