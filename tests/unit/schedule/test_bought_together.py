"""What is bought together: counted once per order that a server reports, and never more than it was."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from functions.schedule.bought_together import BoughtTogether
from shared.adapters.memory import MemoryTable
from shared.domain.facts.facts import Facts
from shared.domain.journeys.enrollment import Enrollment, Trigger
from shared.domain.profile.customer_item import Customer
from shared.domain.profile.profile import Cart, Line, Profile
from shared.domain.profile.profile_from_facts import profile_of
from shared.domain.templates.definition import Action, Template
from shared.domain.templates.recommendations import MAX_PRODUCTS, Companions, counted, ranked
from shared.domain.templates.trigger_event import NOTHING
from shared.ports import Conflict
from shared.queries.trigger_event import read_trigger_event
from shared.stores.companions import CompanionStore
from shared.stores.customers import CustomerStore
from shared.stores.event_items import event_item
from tests.support.cases import cases
from tests.support.world import KEYS, event

pytestmark = pytest.mark.unit
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


class Shop:
    """Orders are put into the log and told as a write of ``customer`` tells them."""

    def __init__(self) -> None:
        self.log, self.catalog = MemoryTable(), MemoryTable()
        self.customers, self.companions = CustomerStore(self.log), CompanionStore(self.catalog)
        self.together = BoughtTogether(self.customers, self.companions)

    def order(self, number: str, *products: str, trusted: bool = True, who: str = "user:1") -> Trigger:
        made = event("Order Completed", [who], at=NOON, trusted=trusted, id=f"m-{number}-{who}-{trusted}")
        shown = [{"product_id": name, "name": f"The {name}", "price": 10, "quantity": 1} for name in products]
        made = replace(made, properties={"order_id": number, "products": shown, "currency": "TRY"})
        item = event_item(made, KEYS)
        self.customers.put_events([item])
        return Trigger("Order Completed", item["pk"], item["sk"], NOON)

    def tell(self, *orders: Trigger) -> int:
        folded = tuple((order.name, order.pk, order.sk, 0) for order in orders)
        return self.together.customer_changed(Customer(version=1, events=folded))

    def sell(self, number: str, *products: str, **more: Any) -> int:
        return self.tell(self.order(number, *products, **more))

    def counts(self, product: str) -> dict[str, int]:
        return dict(self.companions.get(product)[0].counts)


def test_an_order_counts_once_for_each_pair_however_often_and_by_whom_it_is_told() -> None:
    """Told again, told by another channel under another customer: the mark of the order stands."""
    shop = Shop()
    assert shop.sell("o1", "dress", "belt", "scarf") == 1
    assert shop.sell("o1", "dress", "belt", "scarf") == 0
    assert shop.sell("o1", "dress", "belt", "scarf", who="user:2") == 0
    assert shop.sell("o2", "dress", "belt", "dress") == 1
    assert shop.counts("dress") == {"belt": 2, "scarf": 1}
    assert shop.counts("belt") == {"dress": 2, "scarf": 1}
    assert shop.counts("scarf") == {"dress": 1, "belt": 1}


def test_what_a_browser_says_or_what_says_nothing_is_not_counted() -> None:
    """Names of a public source would reach strangers; without an order id nothing keeps it from counting twice."""
    shop = Shop()
    assert shop.sell("o1", "dress", "belt", trusted=False) == 0
    assert shop.sell("", "dress", "belt") == 0
    assert shop.sell("o2", "dress") == 0
    assert shop.tell(Trigger("Order Completed", "u.nobody", "t#nothing", NOON)) == 0
    assert shop.sell("o1", "dress", "belt") == 1, "the server's word about the same order counts"


def test_the_cost_of_an_order_is_bounded() -> None:
    """Ten products at the most: one mark, and a read and a write for each."""
    shop = Shop()
    shop.sell("o1", *(f"p{number}" for number in range(40)))
    assert shop.catalog.usage.requests == 1 + 2 * MAX_PRODUCTS


def test_counting_side_by_side_loses_nothing() -> None:
    """Another consumer counts the same product between the read and the write: it is read again."""
    shop = Shop()
    shop.sell("o1", "dress", "belt")

    class Raced(CompanionStore):
        raced = False

        def put(self, companions: Companions, *, previous: int) -> None:
            if not self.raced:
                self.raced = True
                other, version = self.get(companions.product)
                super().put(counted(other, ["hat"], {}), previous=version)
            super().put(companions, previous=previous)

    shop.together = BoughtTogether(shop.customers, Raced(shop.catalog))
    shop.sell("o2", "dress", "belt")
    assert shop.counts("dress") == {"belt": 2, "hat": 1}
    with pytest.raises(Conflict):
        shop.companions.put(Companions("dress"), previous=1)


@cases(60)
@given(orders=st.lists(st.lists(st.integers(0, 9), max_size=4), max_size=120), room=st.integers(1, 8))
def test_a_count_is_never_too_high_and_lacks_little(orders: list[list[int]], room: int) -> None:
    """Against exact counts: at most the truth, and short of it by at most one in ``room`` + 1 of all that was seen."""
    known, exact = Companions("dress"), Counter[str]()
    for order in orders:
        others = [str(number) for number in dict.fromkeys(order)]
        exact.update(others)
        known = counted(known, others, {}, room)
    assert len(known.counts) <= room
    for name, count in exact.items():
        assert count - sum(exact.values()) / (room + 1) <= known.counts.get(name, 0) <= count


def test_the_rank_is_by_orders_and_leaves_out_what_is_chance_or_owned() -> None:
    """Sums over what was bought; once is chance; ties fall by name, the same everywhere."""
    bought = [Companions("dress", {"belt": 3, "scarf": 1, "hat": 2}), Companions("shoes", {"scarf": 2, "bag": 2})]
    assert ranked(bought, ()) == ("belt", "scarf", "bag", "hat")
    assert ranked(bought, {"belt", "bag"}) == ("scarf", "hat")
    assert ranked([Companions("dress", {"belt": 1})], ()) == ()


def profile(**more: Any) -> Profile:
    return replace(profile_of("u.1", ("u.1",), (), Facts()), **more)


def template(*needs: str) -> Template:
    return Template(template="t", purpose="marketing", needs=needs, action=Action(text={}, url=""))


def test_a_message_shows_what_others_bought_with_the_order() -> None:
    """The best three with name and price, without what is in the order or the cart; who asks nothing reads nothing."""
    shop = Shop()
    for number in range(3):
        shop.sell(f"a{number}", "dress", "belt")
        shop.sell(f"b{number}", "dress", "scarf", "hat", "bag")
    mine = shop.order("mine", "dress")
    enrollment = Enrollment("complementary", "e", mine.pk, 1, mine, NOON)
    in_cart = profile(cart=Cart((Line("hat", 1, NOON),), NOON))
    asking = template("order.items", "recommended.items")
    found = read_trigger_event(shop.customers, shop.companions, enrollment, asking, in_cart)
    assert [line.product_id for line in found.recommended] == ["bag", "belt", "scarf"]
    assert found.recommended[1].details == {"name": "The belt", "price": "10.00", "currency": "TRY"}
    assert found.properties["order_id"] == "mine"

    before = shop.catalog.usage.requests
    assert (
        read_trigger_event(shop.customers, shop.companions, enrollment, template("order.id"), in_cart).recommended == ()
    )
    assert shop.catalog.usage.requests == before
    reads = shop.log.usage.requests
    assert read_trigger_event(shop.customers, shop.companions, enrollment, template("cart.items"), in_cart) == NOTHING
    assert read_trigger_event(shop.customers, shop.companions, None, asking, in_cart) == NOTHING
    assert shop.log.usage.requests == reads
    erased = replace(enrollment, trigger=replace(mine, sk="t#gone", at=NOON + timedelta(days=1)))
    assert read_trigger_event(shop.customers, shop.companions, erased, asking, in_cart) == NOTHING
