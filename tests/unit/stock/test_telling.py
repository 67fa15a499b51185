"""People who care are told of a product: in their order, once, with the reason, at first as many as pieces."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from functions.stock.telling_task import Task, read_task
from tests.support.world import KEYS, event
from tests.unit.stock.telling_world import TellingWorld

pytestmark = pytest.mark.unit
HOUR = timedelta(hours=1)
WISH, ASK, CART, VIEW = "Product Added to Wishlist", "Product Alert Requested", "Product Added", "Product Viewed"


def sold_out(world: TellingWorld, sku: str = "p") -> None:
    """Known, and without a piece for an hour."""
    world.count(sku, 5)
    world.count(sku, 0)
    world.minute(HOUR)
    world.work()


def cares(world: TellingWorld, who: str, what: str, product: str = "p", /, **said: Any) -> None:
    world.send(event(what, [f"user:{who}"], at=world.clock.now(), product_id=product, trusted=True, **said))
    world.clock.advance(timedelta(minutes=1))


def test_as_many_as_there_are_pieces_then_the_rest() -> None:
    """Two pieces: who asked and who has it in the cart are told; an hour later the others, as there is one left."""
    world = TellingWorld()
    sold_out(world)
    for name, what in (("view", VIEW), ("wish", WISH), ("cart", CART), ("ask", ASK)):
        cares(world, name, what)
    world.count("p", 2)
    assert world.queue.bodies == []
    world.minute()
    world.work()
    assert world.names() == ["user:ask", "user:cart"]
    world.minute(HOUR)
    world.work()
    assert world.names() == ["user:ask", "user:cart", "user:view", "user:wish"]
    reasons = {str(one.owner): one.properties["reason"] for events in world.told().values() for one in events}
    assert reasons == {"user:ask": "asked", "user:cart": "cart", "user:view": "viewed", "user:wish": "wishlist"}


def test_when_all_is_sold_within_the_hour_the_rest_is_not_told() -> None:
    """Reserved pieces are not promised again, and what returns later is another episode."""
    world = TellingWorld()
    sold_out(world)
    for name in ("first", "second", "third"):
        cares(world, name, WISH)
    world.count("p", 1)
    world.minute()
    world.work()
    assert world.names() == ["user:first"]
    body = {"key": "r", "sku": "p", "location": "web", "quantity": 1, "expires_in": "3h"}
    assert world.post("/v1/stock/reservations", body)[0] == 200
    world.minute(HOUR)
    world.work()
    assert world.names() == ["user:first"]
    world.minute(3 * HOUR)  # the reservation is over: one piece is free again
    world.minute()
    world.work()
    assert world.names() == ["user:first", "user:second"]


def test_who_bought_it_since_or_cares_no_more_is_not_told() -> None:
    """A wish that was taken back, a request that was cancelled, an order after the wish, a view of what he owns."""
    world = TellingWorld()
    sold_out(world)
    line = [{"product_id": "p", "quantity": 1, "price": 5}]
    for name, first, then, said in (
        ("back", WISH, "Product Removed from Wishlist", {}),
        ("cancelled", ASK, "Product Alert Cancelled", {}),
        ("bought", WISH, "Order Completed", {"order_id": "o1", "products": line}),
        ("owner", "Order Completed", VIEW, {"order_id": "o2", "products": line}),
        ("returned", WISH, "Order Completed", {"order_id": "o3", "products": line}),
    ):
        cares(world, name, first, **(said if first.startswith("Order") else {}))
        cares(world, name, then, **said)
    cares(world, "returned", "Order Cancelled", order_id="o3")
    world.count("p", 9)
    world.minute()
    world.work()
    assert world.names() == ["user:returned"]


def test_one_event_with_everything_that_a_message_needs() -> None:
    """What the shop's products say, else what his own events said; the id is that of his events."""
    world = TellingWorld()
    world.price("coat-m", "900", group="coat", url="https://shop.example/coat", image_url="https://shop.example/c.jpg")
    sold_out(world, "coat-m")
    cares(world, "ayse", CART, "coat", sku="coat-m", name="Old name", price="950", currency="TRY")
    cares(world, "veli", CART, "coat", sku="coat-l", name="Another size")
    world.count("coat-m", 3)
    world.minute()
    world.work()
    [[told]] = world.told().values()
    assert (str(told.owner), told.trusted, told.name) == ("user:ayse", True, "Product Back in Stock")
    assert told.properties["reason_since"][:4] == "2026"
    assert {name: told.properties[name] for name in told.properties if name != "reason_since"} == {
        "product_id": "coat", "sku": "coat-m", "name": "coat-m", "price": "900", "currency": "TRY", "reason": "cart",
        "url": "https://shop.example/coat", "image_url": "https://shop.example/c.jpg",
    }  # fmt: skip


def test_what_goes_and_comes_within_a_minute_is_no_news() -> None:
    """Sold out for twenty seconds; and a first delivery of what nobody knew."""
    world = TellingWorld()
    cares(world, "u", WISH)
    world.count("p", 5)
    world.minute()
    world.count("p", 0)
    world.clock.advance(timedelta(seconds=20))
    world.count("p", 5)
    world.minute()
    world.minute()
    assert world.work() == 0
    assert world.told() == {}


def test_a_person_is_told_once_a_day() -> None:
    """Two episodes within a day: he hears of the first; of one after that again, if he still cares."""
    world = TellingWorld()
    sold_out(world)
    cares(world, "wish", WISH)
    cares(world, "ask", ASK)
    for hours, told in ((2, 2), (25, 2), (25, 3)):
        world.count("p", 5)
        world.minute()
        world.work()
        world.fold([one for events in world.told().values() for one in events])
        world.count("p", 0)
        world.minute(hours * HOUR)
        assert len(world.names()) == told
    assert world.names() == ["user:ask", "user:wish", "user:wish"]  # a request is fulfilled when he was told


def test_few_are_left() -> None:
    """From five to two, by the shop's threshold of three; going up and down there is announced once in a week."""
    world = TellingWorld()
    cares(world, "u", WISH)
    world.count("p", 5)
    for quantity in (2, 5, 1):
        world.count("p", quantity)
        world.minute()
        world.work()
    assert world.names("low") == ["user:u"]
    world.count("p", 5)
    world.minute(timedelta(days=8))
    world.count("p", 3)
    world.minute()
    world.work()
    assert world.names("low") == ["user:u", "user:u"]
    assert world.names("back") == []


def test_a_lower_price_is_told_with_the_lowest_of_thirty_days() -> None:
    """Nobody counts the pieces: all are told at once. A price that was raised first is no reduction."""
    world = TellingWorld()
    for name in ("a", "b", "c"):
        cares(world, name, CART)
    world.price("p", "100")
    world.clock.advance(timedelta(days=20))
    world.price("p", "150")
    world.clock.advance(timedelta(days=1))
    world.price("p", "110")
    world.minute()
    assert world.work() == 0
    world.price("p", "80")
    world.minute()
    world.work()
    assert world.names("price") == ["user:a", "user:b", "user:c"]
    [told, *_] = world.told("price")[KEYS(event("x", ["user:a"]).owner)]
    assert (told.properties["price"], told.properties["old_price"]) == ("80", "100")


def test_prices_that_go_down_step_by_step_are_told_once_a_day() -> None:
    """The second step waits for the end of the day, and is told as it is then; a price that rose again is not."""
    world = TellingWorld()
    cares(world, "u", CART)
    world.price("p", "100")
    world.clock.advance(HOUR)
    for price in ("90", "85"):
        world.price("p", price)
        world.minute()
        world.work()
    assert len(world.names("price")) == 1
    world.minute(timedelta(hours=25))
    world.work()
    assert [one.properties["price"] for events in world.told("price").values() for one in events] == ["90", "85"]
    world.price("p", "80")
    world.price("p", "85")
    world.minute(timedelta(hours=25))
    assert world.work() == 0


def test_nobody_is_told_if_no_definition_asks() -> None:
    """A shop without such a journey pays for no event; what is not sold is announced to nobody."""
    world = TellingWorld(asked=())
    sold_out(world)
    cares(world, "u", WISH)
    world.count("p", 1)
    world.minute()
    world.work()
    assert world.told() == {}
    other = TellingWorld()
    cares(other, "u", WISH)
    other.price("p", "10")
    other.clock.advance(HOUR)
    other.price("p", "5", availability="out_of_stock")
    other.minute()
    assert other.work() == 0


def test_many_are_told_page_by_page_with_pauses() -> None:
    """More than a page in each part of the people: the rest of a part waits a minute."""
    world = TellingWorld()
    sold_out(world)
    for number in range(900):
        world.send(event(WISH, [f"user:n{number}"], at=world.clock.now(), product_id="p", trusted=True))
    world.count("p", 1)
    world.minute()
    world.work()
    world.minute(HOUR)
    tasks, world.queue.bodies = list(world.queue.bodies), []
    assert len(tasks) == 8
    world.queue.bodies = tasks
    later = []
    while world.queue.bodies:
        body = world.queue.bodies.pop()
        world._read(body, lambda: 60_000)
        later += world.queue.later
    assert all(delay == timedelta(minutes=1) for _, delay in later)
    assert 1 <= len({body for body, _ in later}) <= 8
    assert 700 < len(world.names()) < 900
    world.work()
    assert len(world.names()) == len(set(world.names())) == 900


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"about": "x"}', '{"about": "back", "product": 7}',
                                  '{"about": "back", "product": "p", "episode": 1, "shard": 99}'])  # fmt: skip
def test_a_message_of_another_kind_is_refused(body: str) -> None:
    """It becomes a dead letter; one of ours is read as it was written."""
    with pytest.raises((ValueError, TypeError)):
        read_task(body)
    task = Task("low", "ceket #1", 5, 3, "0#2026#u.x")
    assert read_task(task.body()) == task


def test_the_rest_stops_when_the_last_piece_goes() -> None:
    """Sold while the messages wait in the queue: nobody more is told."""
    world = TellingWorld()
    sold_out(world)
    for who in ("a", "b", "c"):
        cares(world, who, WISH)
    world.count("p", 1)
    world.minute()
    world.work()
    world.minute(HOUR)
    assert len(world.queue.bodies) == 8
    world.count("p", 0)
    world.work()
    assert world.names() == ["user:a"]


def test_a_hint_that_is_out_of_date_gives_no_better_place() -> None:
    """Who cancelled his request and only looked at it stands behind who has it in the cart."""
    world = TellingWorld()
    sold_out(world)
    cares(world, "looked", ASK)
    cares(world, "looked", VIEW)
    cares(world, "looked", "Product Alert Cancelled")
    cares(world, "cart", CART)
    world.count("p", 1)
    world.minute()
    world.work()
    assert world.names() == ["user:cart"]
    world.minute(HOUR)
    world.work()
    assert world.names() == ["user:cart", "user:looked"]
