"""The index of who cares about a product: complete at every moment, and written only when something is new."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from random import Random
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.segment.service import Segmentation
from shared.adapters.indexes import INDEXES
from shared.adapters.memory import MemoryTable
from shared.domain.events.event import Event
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.interests.interest import KINDS, LASTS, Kind
from shared.domain.interests.why_told import Subject, why_told
from shared.ports import Table
from shared.queries.customer_tree import load_tree
from shared.stores.customers import CustomerStore
from shared.stores.interests import Interests
from tests.support.backfills import Fuse, FusedTable
from tests.support.cases import also_long, cases
from tests.support.interleaving import Crash
from tests.support.world import KEYS, NOW, Rules, Timers, World, batches, event, later
from tests.unit.segment.people import PRODUCTS, histories

pytestmark = pytest.mark.unit
WISH, ASK = "Product Added to Wishlist", "Product Alert Requested"
USER = "user:u0"


class Shop:
    """Segmentation with the index, on tables of its own."""

    def __init__(self) -> None:
        self.world = World()
        self.index = MemoryTable(indexes=INDEXES["interests"])
        self.interests = Interests(self.index)

    def send(self, *events: Event, now: datetime | None = None) -> None:
        self.world.store_only(events)
        self.segmentation().fold(batches(events), now or self.world.now)

    def segmentation(self) -> Segmentation:
        world = self.world
        return Segmentation(world.store, world.timers, KEYS, world.rules, interests=self.interests)

    def hints(self, product: str, group: str = "") -> list[tuple[Kind, str]]:
        return [(hint.kind, hint.home) for hint in self.interests.hints(Subject(product, group))]


def user(name: str) -> str:
    return KEYS(parse_identifier(name))


def test_who_asked_comes_first_then_cart_wishlist_and_views_the_older_before() -> None:
    """The order of telling is that of the index, over all its shards."""
    shop = Shop()
    cart = "Product Added"
    shown = [("Product Viewed", 1), (WISH, 2), (WISH, 1), (cart, 5), (cart, 3), (ASK, 9), (ASK, 8)]
    for place, (name, hour) in enumerate(shown):
        shop.send(event(name, [f"user:u{place}"], at=later(hours=hour), product_id="p"))
    assert [home for _, home in shop.hints("p")] == [user(f"user:u{place}") for place in (6, 5, 4, 3, 2, 1, 0)]
    assert [kind for kind, _ in shop.hints("p")] == ["asked", "asked", "cart", "cart", "wishlist", "wishlist", "viewed"]


def test_only_what_is_new_is_written() -> None:
    """A second view in the week, another piece in the cart and any event about nothing cost no write; a view in another
    week costs one."""
    shop = Shop()
    viewed = "Product Viewed"
    shop.send(event(viewed, [USER], at=later(days=-20), id="1", product_id="p"), now=later(days=-20))
    shop.index.usage.reset()
    shop.send(event(viewed, [USER], at=later(days=-19), id="2", product_id="p"), now=later(days=-19))
    shop.send(event("Checkout Started", [USER], at=later(days=-19), id="3"), now=later(days=-19))
    assert (shop.index.usage.requests, shop.index.usage.write_units) == (0, 0)
    shop.send(event(viewed, [USER], at=later(days=-9), id="4", product_id="p"), now=later(days=-9))
    assert (shop.index.usage.requests, shop.index.usage.write_units) == (1, 1)
    shop.send(event("Product Added", [USER], id="5", product_id="p"))
    shop.index.usage.reset()
    shop.send(event("Product Added", [USER], at=later(minutes=1), id="6", product_id="p"))
    shop.send(event("Product Removed", [USER], at=later(minutes=2), id="7", product_id="p"))
    assert shop.index.usage.requests == 0


def test_what_counts_no_more_is_not_written() -> None:
    """An import of an old history fills no index."""
    shop = Shop()
    old = [
        event("Product Viewed", [USER], at=later(days=-60), product_id="p"),
        event("Product Added", [USER], at=later(days=-150), product_id="p"),
        event(WISH, [USER], at=later(days=-400), product_id="p"),
    ]
    shop.send(*old)
    assert shop.index.usage.requests == 0
    shop.send(event(WISH, [USER], at=later(days=-300), product_id="q"))
    assert shop.hints("q") == [("wishlist", user(USER))]


def test_a_variant_is_found_by_its_group() -> None:
    """Events that name the product and the sku are about that sku; views of the product are about none of them."""
    shop = Shop()
    shop.send(
        event("Product Added", ["user:m"], product_id="jacket", sku="jacket-m"),
        event("Product Added", ["user:l"], product_id="jacket", sku="jacket-l"),
        event("Product Viewed", ["user:v"], product_id="jacket"),
        event(ASK, ["user:a"], product_id="jacket", sku="jacket-m"),
    )
    assert shop.hints("jacket-m", "jacket") == [("asked", user("user:a")), ("cart", user("user:m"))]
    assert {home for _, home in shop.hints("jacket")} == {user(f"user:{one}") for one in "mlv"}


def test_facts_of_before_the_index_are_listed_with_the_next_write() -> None:
    """A deployment that had no index: each identifier's interests are noted when its facts are written next."""
    shop = Shop()
    shop.world.send(event("Product Added", [USER], product_id="p"), event(WISH, [USER], product_id="q"))
    assert shop.hints("p") == []
    shop.send(event("Checkout Started", [USER], id="next"))
    assert shop.hints("p") == [("cart", user(USER))]
    assert shop.hints("q") == [("wishlist", user(USER))]
    shop.index.usage.reset()
    shop.send(event("Checkout Started", [USER], id="another"))
    assert shop.index.usage.requests == 0


def complete(shop: Shop, moments: list[timedelta]) -> None:
    """Whoever would be told of a product is met in the index, at a place that is not behind his reason's, even if all
    that has expired is deleted at once."""
    trees = [load_tree(shop.world.store, pk) for pk in {item["pk"] for item in shop.world.memory.items()}]
    roots = {key: tree.root for tree in trees for key in tree.keys}
    for product, at in itertools.product(PRODUCTS, [NOW + ahead for ahead in moments]):
        listed: dict[str, int] = {}
        for item in shop.index.items():
            if item["pk"].startswith(f"product#{product}#") and item["expires"] > at.timestamp():
                rank, _, home = item["sk"].split("#")
                listed[roots[home]] = min(listed.get(roots[home], len(KINDS)), int(rank))
        for tree in trees:
            reason = why_told(tree.profile(), Subject(product), at)
            assert reason is None or listed.get(tree.root, len(KINDS)) <= reason.rank


@given(histories(), st.randoms(use_true_random=False), st.integers(1, 60))
@also_long
@cases(20, 400)
def test_nobody_who_cares_is_missing(events: list[Event], rng: Random, last: int) -> None:
    """Any history in any batches, with merges, and with a crash after any call: the index misses nobody."""
    shop = Shop()
    shop.world.store_only(events)
    fuse = Fuse(last)
    customers, index = (cast("Table", FusedTable(one, fuse)) for one in (shop.world.memory, shop.index))
    rest = list(events)
    rng.shuffle(rest)
    while rest:
        size = rng.randint(1, 4)
        part, rest = rest[:size], rest[size:]
        for _ in range(2):
            try:
                store = CustomerStore(customers)
                segmentation = Segmentation(store, Timers(), KEYS, Rules(), interests=Interests(index))
                segmentation.fold(batches(part), shop.world.now)
                break
            except Crash:
                continue
        complete(shop, [timedelta(hours=1), *(LASTS[kind] - timedelta(days=1) for kind in ("viewed", "cart"))])
