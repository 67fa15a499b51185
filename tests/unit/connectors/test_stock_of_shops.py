"""The stock of a connected shop beside what is moved here: nothing stays wrong."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from typing import Any

from shared.domain.connectors.connector import Connector
from shared.domain.stock.level import NO_RULES
from shared.domain.stock.request import Line, LineKind, StockRequest
from shared.queries.stock_of_now import StockReader
from shared.stores.connectors import put_connector
from shared.stores.stock import StockStore
from tests.support.cases import UNIT
from tests.unit.connectors.shop_world import (
    SHOPIFY,
    WOO,
    ShopWorld,
    shopify_level,
    shopify_product,
    woo_product,
)

pytestmark = UNIT


class Moved:
    """A connected shop whose clock is ours, and the stock beside it."""

    def __init__(self) -> None:
        self.shop = ShopWorld()
        self.store = StockStore(self.shop.stock)
        self.made = 0

    def later(self, minutes: float = 10) -> str:
        self.shop.clock.time += timedelta(minutes=minutes)
        return self.shop.clock.time.isoformat()

    def say(self, available: Any) -> None:
        self.shop.deliver("inventory_levels/update", shopify_level(available, at=self.later()))
        self.shop.work()

    def count(self, sku: str, location: str, quantity: int) -> None:
        self._apply(Line("count", sku, location, quantity))

    def move(self, kind: LineKind, quantity: int) -> None:
        self._apply(Line(kind, "mont-m", "kadikoy", quantity))

    def _apply(self, line: Line) -> None:
        self.made += 1
        self.store.apply(StockRequest(f"import-{self.made}", (line,), self.shop.clock.time), lambda _place: NO_RULES)

    def reserve(self, key: str, quantity: int, *, ordered: bool) -> None:
        now = self.shop.clock.time
        line = Line("reserve", "mont-m", "kadikoy", quantity)
        request = StockRequest(key, (line,), now, ordered_at=now if ordered else None)
        self.store.reserve(request, now + timedelta(days=3), lambda _place: NO_RULES)

    @property
    def numbers(self) -> tuple[int, int]:
        [level] = self.store.levels("mont-m")
        return level.level.on_hand, level.level.available


def stocked(available: int) -> Moved:
    made = Moved()
    made.shop.deliver("products/update", shopify_product())
    made.say(available)
    return made


def test_a_pick_up_of_an_order_is_taken_off_once() -> None:
    """The shop took its piece off when it was ordered; the same number again, and its end, change nothing of that."""
    made = stocked(5)
    made.say(4)  # the order
    made.reserve("p", 1, ordered=True)
    assert made.numbers == (5, 4)
    made.say(4)
    assert made.numbers == (5, 4)
    made.later()
    made.store.end("p", "collected", "c", made.shop.clock.time, lambda _place: NO_RULES)
    assert made.numbers == (4, 4)
    made.say(4)
    assert made.numbers == (4, 4)


def test_a_pick_up_that_was_cancelled_leaves_the_shops_number() -> None:
    """More was promised here than the shop has; what is freed is not there, also before the shop says so again."""
    made = stocked(2)
    made.reserve("p", 2, ordered=False)
    made.say(0)
    assert made.numbers == (2, 0)
    made.later()
    made.store.end("p", "released", "r", made.shop.clock.time, lambda _place: NO_RULES)
    assert made.numbers == (0, 0)
    made.say(0)
    assert made.numbers == (0, 0)


def test_the_same_number_corrects_an_import_that_was_old() -> None:
    """A count is right until the shop says something later, whatever it says."""
    made = stocked(12)
    made.later()
    made.count("mont-m", "kadikoy", 20)
    assert made.numbers == (20, 20)
    made.say(12)
    assert made.numbers == (12, 12)


def test_an_import_corrects_a_number_that_comes_late() -> None:
    made = stocked(12)
    said = shopify_level(3, at=made.later())
    made.later()
    made.count("mont-m", "kadikoy", 20)
    made.shop.deliver("inventory_levels/update", said)
    made.shop.work()
    assert made.numbers == (20, 20)


def test_a_location_that_gets_its_name_late_has_its_pieces_once() -> None:
    """Those that were counted under the shop's number of it move with the next word of each item."""
    shop = ShopWorld(SHOPIFY.model_copy(update={"locations": {}}))
    shop.deliver("products/update", shopify_product())
    shop.deliver("inventory_levels/update", shopify_level(4))
    shop.work()
    assert shop.on_hand("mont-m") == {"moda-655": 4}
    put_connector(shop.catalog, SHOPIFY)
    shop.clock.time += timedelta(minutes=5)
    shop.deliver("inventory_levels/update", shopify_level(3, at="2026-11-20T11:00:00+03:00"))
    shop.work()
    assert shop.on_hand("mont-m") == {"kadikoy": 3}


def test_the_only_location_of_a_shop_may_be_called_otherwise() -> None:
    shop = ShopWorld()
    shop.deliver("product.updated", woo_product(), WOO)
    shop.work()
    put_connector(shop.catalog, Connector(**WOO.model_dump() | {"location": "depo"}))
    shop.clock.time += timedelta(minutes=5)
    shop.deliver("product.updated", woo_product(stock_quantity=11, date_modified_gmt="2026-11-20T12:00:00"), WOO)
    shop.work()
    assert shop.on_hand("bere") == {"depo": 11}


def at_location(number: int, available: int, minute: int) -> dict[str, Any]:
    return shopify_level(available, at=f"2026-11-20T11:{minute:02}:00+03:00") | {"location_id": number}


def test_two_locations_of_the_shop_under_one_name_add_up() -> None:
    """The floor and the back room of one store, in any order of arrival, and each of them again."""
    floor, back, sold = at_location(655, 5, 0), at_location(656, 3, 1), at_location(655, 4, 2)
    both = SHOPIFY.model_copy(update={"locations": {"655": "kadikoy", "656": "kadikoy"}})
    for said in permutations((floor, back, sold, floor)):
        shop = ShopWorld(both)
        shop.deliver("products/update", shopify_product())
        for one in said:
            shop.deliver("inventory_levels/update", one)
            shop.work()
        assert shop.on_hand("mont-m") == {"kadikoy": 7}


def test_two_locations_may_swap_their_names() -> None:
    """Each takes its own pieces along; the word of one says nothing of the other's."""
    for order in ((655, 656), (656, 655)):
        shop = ShopWorld(SHOPIFY.model_copy(update={"locations": {"655": "a", "656": "b"}}))
        shop.deliver("products/update", shopify_product())
        for one in (at_location(655, 5, 0), at_location(656, 7, 0)):
            shop.deliver("inventory_levels/update", one)
        shop.work()
        assert shop.on_hand("mont-m") == {"a": 5, "b": 7}
        put_connector(shop.catalog, SHOPIFY.model_copy(update={"locations": {"655": "b", "656": "a"}}))
        shop.clock.time += timedelta(minutes=6)
        for minute, number in enumerate(order, 1):
            shop.deliver("inventory_levels/update", at_location(number, {655: 4, 656: 6}[number], minute))
            shop.work()
        assert shop.on_hand("mont-m") == {"a": 6, "b": 4}


def test_a_share_that_was_stored_by_its_item_alone_counts_once() -> None:
    """As it was written before the shop's number of the location stood in it."""
    shop = stocked(5).shop
    [shares] = [item for item in shop.stock.items() if str(item["sk"]).startswith("shares#")]
    [(key, row)] = shares["shares"].items()
    shop.stock.put(shares | {"shares": {key.partition("@")[0]: row}})
    shop.deliver("inventory_levels/update", shopify_level(4, at=shop.clock.time.isoformat()))
    shop.clock.time += timedelta(minutes=6)
    shop.deliver("inventory_levels/update", shopify_level(3, at=shop.clock.time.isoformat()))
    shop.work()
    assert shop.on_hand("mont-m") == {"kadikoy": 3}


def sold_out(shop: ShopWorld, sku: str) -> bool | None:
    """None where nobody counts."""
    left = StockReader(shop.stock, lambda: 0.0).read(((sku,),)).levels.get(sku)
    return None if left is None else all(one.pieces == 0 for one in left)


def test_a_sku_that_nobody_counts_any_more_is_not_sold_out() -> None:
    """Tracked with no piece, then untracked, in any order of arrival; and counted again from the next number on."""
    tracked = ("products/update", shopify_product())
    later = shopify_product(updated_at="2026-11-20T12:00:00+03:00")
    later["variants"][0] |= {"inventory_management": None}
    for order in ((0, 1, 2), (2, 1, 0), (1, 2, 0)):
        shop = ShopWorld()
        said = [tracked, ("inventory_levels/update", shopify_level(0)), ("products/update", later)]
        for place in order:
            shop.deliver(*said[place])
            shop.work()
        assert sold_out(shop, "mont-m") is None
        shop.deliver("products/update", shopify_product(updated_at="2026-11-20T13:00:00+03:00"))
        shop.deliver("inventory_levels/update", shopify_level(2, at="2026-11-20T13:00:00+03:00"))
        shop.work()
        assert (sold_out(shop, "mont-m"), shop.on_hand("mont-m")) == (False, {"kadikoy": 2})


def test_woocommerce_that_counts_no_more_is_not_sold_out() -> None:
    shop = ShopWorld()
    shop.deliver("product.updated", woo_product(stock_quantity=0, stock_status="outofstock"), WOO)
    shop.work()
    assert sold_out(shop, "bere") is True
    changed = {"manage_stock": False, "stock_quantity": None, "date_modified_gmt": "2026-11-20T12:00:00"}
    shop.deliver("product.updated", woo_product(**changed), WOO)
    shop.work()
    assert sold_out(shop, "bere") is None


def test_a_return_to_what_nobody_counts_does_not_make_it_sold_out() -> None:
    """Neither when it comes back nor when it is sold again."""
    made = stocked(0)
    later = shopify_product(updated_at=made.later())
    later["variants"][0] |= {"inventory_management": None}
    made.shop.deliver("products/update", later)
    made.shop.work()
    kinds: tuple[LineKind, ...] = ("return", "sale")
    for kind in kinds:
        made.later()
        made.move(kind, 1)
        assert sold_out(made.shop, "mont-m") is None
    made.later()
    made.move("receipt", 2)  # who books goods in counts them
    assert sold_out(made.shop, "mont-m") is False


def test_what_a_fulfilment_service_counts_is_counted() -> None:
    """Its name stands where Shopify's own would."""
    shop = ShopWorld()
    product = shopify_product()
    product["variants"][0] |= {"inventory_management": "depo-hizmeti"}
    shop.deliver("products/update", product)
    shop.deliver("inventory_levels/update", shopify_level(4))
    shop.work()
    assert (sold_out(shop, "mont-m"), shop.on_hand("mont-m")) == (False, {"kadikoy": 4})
