"""Stories of people on several channels: who is who, and what their carts and orders are."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from shared.domain.profile.profile import Profile
from shared.queries.customer_tree import MAX_MEMBERS
from tests.support.world import NOW, World, event, later
from tests.unit.segment.deployment import key

pytestmark = pytest.mark.unit


def profile(world: World, who: str) -> Profile:
    return world.tree(who).profile()


def cart(world: World, who: str) -> dict[str, int]:
    return {line.product_id: line.quantity for line in profile(world, who).cart.items}


def live(world: World) -> list[str]:
    return [item["pk"] for item in world.memory.items() if "live_shard" in item]


def test_two_users_on_one_browser() -> None:
    """The second login takes nothing of the first person: what the browser did before is hers, after it nobody's."""
    world = World()
    world.send(event("Product Added", ["anonymous:a"], at=later(minutes=0), product_id="hers"))
    world.send(event("identify", ["user:ayse", "anonymous:a"], at=later(minutes=1)))
    world.send(event("identify", ["user:mehmet", "anonymous:a"], at=later(minutes=5)))
    world.send(event("Product Added", ["anonymous:a"], at=later(minutes=9), product_id="nobodys"))
    assert cart(world, "user:ayse") == {"hers": 1}
    assert cart(world, "user:mehmet") == {}
    assert sorted(live(world)) == sorted([key("user:ayse"), key("user:mehmet")])


def test_a_second_user_who_is_heard_of_late_takes_back_what_was_folded() -> None:
    """The browser's events after the second login leave the first user's cart, though they were folded long before."""
    world = World()
    world.send(event("identify", ["user:ayse", "anonymous:a"], at=later(minutes=1)))
    world.send(event("Product Added", ["anonymous:a"], at=later(minutes=9), product_id="x"))
    assert cart(world, "user:ayse") == {"x": 1}
    world.send(event("identify", ["user:mehmet", "anonymous:a"], at=later(minutes=5)))
    assert cart(world, "user:ayse") == {}
    assert cart(world, "user:mehmet") == {}


def test_a_guest_who_registers_later() -> None:
    """A guest's order by e-mail and browser becomes the user's own when he registers with that address."""
    world = World()
    guest = ["email:g@example.com", "anonymous:a"]
    world.send(event("Order Completed", guest, at=later(days=-2), order_id="o1", total=50))
    assert [one.id for one in profile(world, "email:g@example.com").orders] == ["o1"]
    world.send(event("identify", ["user:g", "email:g@example.com"], trusted=True))
    assert [one.id for one in profile(world, "user:g").orders] == ["o1"]
    assert live(world) == [key("user:g")]
    assert world.tree("anonymous:a").root == key("user:g")
    assert profile(world, "user:g").segments.keys() == {"new"}


def test_a_loyalty_card_from_the_store_and_a_sign_in() -> None:
    """A card met at the till, a cart on the phone: the sign-in that names both makes one customer with both."""
    world = World()
    world.send(event("Order Completed", ["loyalty:L7"], trusted=True, at=later(days=-3), order_id="till", total=80))
    world.send(event("Product Added", ["device:d"], at=later(hours=-1), product_id="shoes"))
    assert len(live(world)) == 2
    world.send(event("identify", ["user:u", "loyalty:L7", "device:d"], trusted=True))
    for who in ("user:u", "loyalty:L7", "device:d"):
        assert profile(world, who).id == key("user:u")
    mine = profile(world, "user:u")
    assert ([one.id for one in mine.orders], cart(world, "user:u")) == (["till"], {"shoes": 1})
    assert [str(one) for one in mine.identifiers] == ["user:u", "loyalty:L7", "device:d"]
    assert live(world) == [key("user:u")]


def test_aliases_in_a_loop() -> None:
    """Two users who are aliases of each other are one customer, with one live root and one cart."""
    world = World()
    for who in ("one", "two"):
        world.send(event("Product Added", [f"user:{who}"], product_id=who))
    world.send(event("alias", ["user:one"], trusted=True, alias_of="user:two", id="x"))
    world.send(event("alias", ["user:two"], trusted=True, alias_of="user:one", id="y"))
    assert world.tree("user:one").root == world.tree("user:two").root == min(key("user:one"), key("user:two"))
    assert cart(world, "user:one") == {"one": 1, "two": 1}
    assert len(live(world)) == 1


def test_a_loop_that_gets_an_owner_leaves_no_second_customer() -> None:
    """Three aliases in a loop, then an older word that one of them belongs to a fourth: one root stays live."""
    world = World()
    ring = sorted(("one", "two", "three"), key=lambda name: key(f"user:{name}"))
    for place, name in enumerate(ring):
        owner, alias = f"user:{name}", f"user:{ring[(place + 1) % 3]}"
        world.send(event("alias", [owner], trusted=True, alias_of=alias, at=later(minutes=place), id=name))
    assert live(world) == [key(f"user:{ring[0]}")]
    for name in ring:
        fourth = event("alias", ["user:four"], trusted=True, alias_of=f"user:{name}", at=later(days=-9), id=f"4{name}")
        world.send(fourth)
        assert live(world) == [key("user:four")]


def test_a_bot_with_500_devices() -> None:
    """The 64 newest members are joined; an event of the bot costs no more reads than with 64 devices."""

    def reads(devices: int) -> float:
        world = World()
        for start in range(0, devices, 100):
            world.send(
                *(
                    event(
                        "Product Viewed",
                        ["user:bot", f"device:d{place}"],
                        at=later(minutes=place),
                        product_id="x",
                        id=str(place),
                    )
                    for place in range(start, min(start + 100, devices))
                )
            )
        tree = world.tree("user:bot")
        assert len(tree.members) == MAX_MEMBERS
        names = {str(found) for member in tree.members if (found := member.identifier)}
        assert names == {"user:bot", *(f"device:d{place}" for place in range(devices - MAX_MEMBERS + 1, devices))}
        world.memory.usage.reset()
        world.send(event("Product Viewed", ["user:bot"], at=later(days=1), product_id="y"))
        return world.memory.usage.requests

    assert reads(500) == reads(80)


def test_a_stranger_cannot_claim_an_address_with_the_public_key() -> None:
    """A page that says it is me with your e-mail gets nothing of yours, and you get nothing of its traits."""
    world = World()
    you = event("Order Completed", ["user:you", "email:you@example.com"], trusted=True, order_id="o", total=9)
    world.send(you, event("identify", ["email:you@example.com"], trusted=True, traits={"city": "İzmir"}))
    world.send(event("identify", ["user:thief", "email:you@example.com"], traits={"city": "x"}, at=later(days=-50)))
    assert profile(world, "email:you@example.com").id == key("user:you")
    assert profile(world, "user:you").trait("city") == "İzmir"
    world.send(event("Order Completed", ["email:guest@example.com"], at=later(days=-1), order_id="g", total=9))
    world.send(event("identify", ["user:thief", "email:guest@example.com"]))
    assert profile(world, "email:guest@example.com").id == key("email:guest@example.com")
    thief = profile(world, "user:thief")
    assert (thief.orders, [str(one) for one in thief.identifiers]) == ((), ["user:thief"])


def test_a_refund_before_its_order() -> None:
    """It waits, and when the order arrives, it counts: refunded whole, so no order to segment by."""
    world = World()
    world.send(event("Order Refunded", ["user:u"], order_id="o", total=30))
    assert profile(world, "user:u").orders == ()
    world.send(event("Order Completed", ["user:u"], at=later(days=-1), order_id="o", total=30))
    [order] = profile(world, "user:u").orders
    assert (order.state, order.refunded) == ("fully_refunded", Decimal(30))
    assert profile(world, "user:u").segments == {}


def test_a_store_uploads_five_days_late() -> None:
    """The order counts from its own time: it clears the cart of then, keeps what was added since, and dates 'new'."""
    world = World()
    world.send(event("Product Added", ["user:u"], at=later(days=-6), product_id="shirt"))
    world.send(event("Product Added", ["user:u"], at=later(days=-1), product_id="scarf"))
    shirt = [{"product_id": "shirt"}]
    late = event("Order Completed", ["user:u"], trusted=True, at=later(days=-5), order_id="o", total=5, products=shirt)
    world.send(late)
    assert cart(world, "user:u") == {"scarf": 1}
    assert world.timers.armed == {(NOW + timedelta(days=25), key("user:u"))}
