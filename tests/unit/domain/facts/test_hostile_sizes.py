"""However hostile the events of one identifier are, its facts fit into an item."""

from __future__ import annotations

import random
import string
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from shared.domain.facts.encoding import decode, encode
from shared.domain.facts.facts import Facts
from shared.domain.facts.features import features
from shared.domain.facts.fold import facts_of
from shared.domain.facts.provisional import OrdersFrom
from shared.domain.identity.keys import shard_of
from shared.stores import spilled_orders
from tests.support.world import NOW, event

pytestmark = pytest.mark.unit
ITEM = 400 * 1024


def noise(rng: random.Random, length: int) -> str:
    return "".join(rng.choices(string.ascii_letters + string.digits, k=length))


def product(rng: random.Random) -> dict[str, Any]:
    words = {name: noise(rng, 300) for name in ("name", "variant", "sku", "brand", "category")}
    return {"product_id": noise(rng, 90), "price": 1, "url": noise(rng, 250), "image_url": noise(rng, 250), **words}


def parcel(rng: random.Random) -> dict[str, Any]:
    link = "https://" + noise(rng, 290)
    return {"tracking_number": noise(rng, 90), "tracking_url": link, "carrier": noise(rng, 90)}


@pytest.mark.parametrize("orders_from", ["any", "trusted"])
def test_facts_and_each_bucket_of_orders_fit_into_an_item(orders_from: OrdersFrom) -> None:
    """Incompressible traits, carts, wishes, tokens, orders or reports of them, cases, beyond every bound: no item comes
    near 400 KB, and the parts make the whole again."""
    rng = random.Random(1)
    facts = Facts()
    kept = replace(features(keyed={"Asked": ["values"]}), orders_from=orders_from)
    for number in range(30):
        at = NOW + timedelta(seconds=number)
        said: dict[str, Any] = {"id": str(number), "at": at}
        listed = [product(rng) for _ in range(8)]
        hostile = [
            event("identify", ["user:v"], traits={noise(rng, 99): noise(rng, 480) for _ in range(8)}, **said),
            event(
                "identify", ["user:v"], trusted=True, traits={noise(rng, 99): noise(rng, 480) for _ in range(8)}, **said
            ),
            event("Cart Updated", ["user:v"], products=listed, **said),
            event(
                "Order Completed",
                ["user:v"],
                order_id=noise(rng, 90),
                products=[product(rng) for _ in range(50)],
                **said,
            ),
            *(
                event("Product Added to Wishlist", ["user:v"], id=f"w{number}-{place}", at=at, **one)
                for place, one in enumerate(listed)
            ),
            *(
                event("Product Added", ["user:v"], id=f"a{number}-{place}", at=at + timedelta(days=1), **one)
                for place, one in enumerate(listed)
            ),
            event("identify", ["user:v"], context={"device": {"token": noise(rng, 1_000)}}, **said),
            event("Order Shipped", ["user:v"], trusted=True, order_id=noise(rng, 90), **parcel(rng), **said),
            *(
                event(name, ["user:v"], case_id=noise(rng, 90), order_id=noise(rng, 90), **said)
                for name in ("Case Opened", "Case Closed", "Return Closed")
            ),
            event("Asked", ["user:v"], values=[noise(rng, 90) for _ in range(60)], **said),
            event("identify", ["user:v"], context={"device": {"type": noise(rng, 20)}}, **said),
        ]
        for one in hostile:
            facts.absorb(facts_of(one, kept))
    main, buckets, parts = spilled_orders.split("u.v", facts, encode)
    assert buckets
    assert (main.orders, main.reported) == ({}, {})
    assert len(encode(main)) < ITEM
    assert max(map(len, parts.values())) < ITEM // 2
    stored = {name: spilled_orders.Bucket(1, part) for name, part in parts.items()}
    assert spilled_orders.joined(main, buckets, stored, decode) == facts


@pytest.mark.parametrize("hashed", ["", "u.mine "])
def test_nobody_can_choose_ids_that_share_a_bucket(hashed: str) -> None:
    """Ids that meet in one bucket by a plain hash, or in another partition, are spread: the key of a partition is a
    secret digest."""
    ids = [name for name in map(str, range(5_000)) if shard_of(f"{hashed}{name}", 8) == 0][:200]
    facts = Facts()
    for name in ids:
        order = event("Order Completed", ["user:v"], order_id=name, products=[{"product_id": "ş" * 90}] * 3)
        facts.absorb(facts_of(order, features()))
    _, buckets, parts = spilled_orders.split("u.theirs", facts, encode)
    assert buckets == len(parts)
    assert max(len(decode(part).orders) for part in parts.values()) < 2 * len(ids) // buckets + 10


def test_sizes_are_those_of_utf_8() -> None:
    """A sign beyond ASCII takes two bytes and more: the same number of letters takes more buckets."""

    def buckets(letter: str) -> int:
        facts = Facts()
        for number in range(60):
            listed = [{"product_id": f"{number}-{place}-" + letter * 25, "price": 1} for place in range(50)]
            order = event("Order Completed", ["user:v"], order_id=str(number), products=listed)
            facts.absorb(facts_of(order, replace(features(), orders_from="trusted")))
        return spilled_orders.buckets_for(facts)

    assert buckets("漢") == 2 * buckets("k")


def test_half_a_link_is_no_link() -> None:
    """A link that does not fit is left out; the product's name and price stay."""
    said = event("Product Added", ["user:v"], product_id="p", name="Gömlek", price=5, url="https://x/" + "y" * 900)
    line = facts_of(said, features()).cart.lines["p"]
    assert line.details is not None
    assert line.details[2] == {"name": "Gömlek", "price": "5.00"}
