"""Pick-up in store and return in store: the stock, the code, and what the customer's log says."""

from __future__ import annotations

import random
import threading
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.connectors.translation import ItemSku, ShopLevel
from shared.domain.facts.orders import STORE_RETURN
from shared.domain.identity.keys import milliseconds
from shared.domain.stock.pickup import CODE_LENGTH, MOST_TRIES, SIGNS, new_code, plain_code
from shared.ports import Throttled
from shared.stores.shop_stock import Settled, ShopStock
from tests.unit.ingest.world import ADMIN_KEY, STORE_KEY
from tests.unit.stock.stock_world import StockWorld

pytestmark = pytest.mark.unit
PICKUPS, RETURNS = "/v1/stock/pickups", "/v1/stock/returns"
WANTED = {
    "key": "P-1", "customer": "user:42", "order_id": "A-1", "location": "kadikoy",
    "lines": [{"sku": "jacket-m", "quantity": 2}],
}  # fmt: skip


@pytest.fixture
def world() -> StockWorld:
    """A store that serves pick-up, with five jackets."""
    made = StockWorld()
    made.ask("PUT", "/v1/locations/kadikoy", {"label": "Kadıköy", "pickup": True})
    receipt = {"key": "in", "kind": "receipt", "location": "kadikoy", "sku": "jacket-m", "quantity": 5}
    assert made.post("/v1/stock/movements", receipt)[0] == 200
    return made


def code_of(world: StockWorld, id_: str = "P-1") -> str:
    """As the customer's message shows it."""
    return next(
        str(event.properties["code"])
        for event in world.events()
        if event.name == "Pickup Ready" and event.properties["pickup_id"] == id_
    )


def names(world: StockWorld) -> list[str]:
    return [event.name for event in world.events()]


def test_an_order_is_picked_up_by_its_code(world: StockWorld) -> None:
    """Held at once, told when it is ready, handed out for the code, once; each state is one event of the customer."""
    for _ in range(2):
        status, answer = world.post(PICKUPS, WANTED)
        assert (status, answer["pickup"]["state"]) == (200, "requested")
    assert "code" not in str(answer)
    assert world.numbers("jacket-m", "kadikoy") == (5, 2, 0)
    world.clock.advance(timedelta(hours=1))
    for _ in range(2):
        assert world.post(f"{PICKUPS}/P-1/ready", {})[1]["pickup"]["state"] == "ready"
    code = code_of(world)
    world.clock.advance(timedelta(hours=1))
    written = f" {code[:3].lower()}-{code[3:]}"
    for _ in range(2):
        status, answer = world.post(f"{PICKUPS}/P-1/collect", {"code": written})
        assert (status, answer["pickup"]["state"]) == (200, "picked_up")
    assert world.numbers("jacket-m", "kadikoy") == (3, 0, 0)
    assert names(world) == ["Pickup Requested", "Pickup Ready", "Picked Up"]
    event = world.events()[1]
    assert (event.trusted, str(event.owner), event.channel) == (True, "user:42", "store")
    assert event.properties["order_id"] == "A-1"
    assert event.properties["location_name"] == "Kadıköy"
    world.pass_time(timedelta(days=90))
    assert names(world) == ["Pickup Requested", "Pickup Ready", "Picked Up"]
    assert world.post(f"{PICKUPS}/P-1/cancel", {})[1]["error"] == "pickup_state"


def test_what_is_not_collected_is_told_once_and_free_again(world: StockWorld) -> None:
    """A reminder a day after it became ready, and the end after three days, counted from then."""
    world.post(PICKUPS, WANTED)
    world.clock.advance(timedelta(days=2))
    world.post(f"{PICKUPS}/P-1/ready", {})
    for _ in range(4):
        world.pass_time(timedelta(hours=23))
    assert names(world) == ["Pickup Requested", "Pickup Ready", "Pickup Waiting", "Pickup Expired"]
    times = [event.time for event in world.events()]
    assert times[2] - times[1] == timedelta(days=1)
    assert world.numbers("jacket-m", "kadikoy") == (5, 0, 0)
    status, answer = world.post(f"{PICKUPS}/P-1/collect", {"code": code_of(world)})
    assert (status, answer["error"], answer["state"]) == (409, "pickup_state", "expired")


def test_wrong_codes_of_a_pick_up_are_limited(world: StockWorld) -> None:
    """Wrong codes are counted, the right one does not help any more, and the admin key does."""
    world.post(PICKUPS, WANTED)
    world.post(f"{PICKUPS}/P-1/ready", {})
    for _ in range(MOST_TRIES):
        status, answer = world.post(f"{PICKUPS}/P-1/collect", {"code": "ZZZZZZZ"})
        assert (status, answer["error"]) == (403, "wrong_code")
    status, answer = world.post(f"{PICKUPS}/P-1/collect", {"code": code_of(world)})
    assert (status, answer["error"]) == (409, "locked")
    assert world.get(f"{PICKUPS}/P-1")[1]["pickup"]["locked"] is True
    assert world.post(f"{PICKUPS}/P-1/collect", {"without_code": True}, STORE_KEY)[0] == 403
    assert world.post(f"{PICKUPS}/P-1/collect", {"without_code": True}, ADMIN_KEY)[0] == 200


def test_parallel_requests_try_no_more_codes(world: StockWorld) -> None:
    """Twenty who try at the same moment get five answers."""
    world.post(PICKUPS, WANTED)
    answers: list[str] = []

    def guess() -> None:
        try:
            answers.append(world.post(f"{PICKUPS}/P-1/collect", {"code": "ZZZZZZZ"})[1]["error"])
        except Throttled:
            answers.append("unavailable")

    threads = [threading.Thread(target=guess) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 20
    assert answers.count("wrong_code") <= MOST_TRIES


def test_a_crash_after_any_call_loses_no_event(world: StockWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever dies between the stock and the log is made up for by a timer, within minutes and without a retry."""

    def die(*_: Any) -> None:
        raise Throttled("the customers' table throttles")

    steps = [(PICKUPS, WANTED), (f"{PICKUPS}/P-1/ready", {}), (f"{PICKUPS}/P-1/cancel", {})]
    for path, body in steps:
        with monkeypatch.context() as patch:
            patch.setattr(world.customers, "put_many", die)
            with pytest.raises(Throttled):
                world.post(path, body)
        world.clock.advance(timedelta(minutes=1))
    assert names(world) == []
    world.pass_time(timedelta(minutes=5))
    assert names(world) == ["Pickup Requested", "Pickup Ready", "Pickup Cancelled"]
    assert world.numbers("jacket-m", "kadikoy") == (5, 0, 0)


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({"location": "web"}, 409, "no_pickup"), ({"lines": [{"sku": "jacket-m", "quantity": 6}]}, 409, "out_of_stock"),
        ({"customer": "nobody"}, 400, "malformed"), ({"customer": None}, 400, "malformed"),
        ({"lines": []}, 400, "malformed"),
        ({"lines": [{"sku": "jacket-m", "quantity": 1, "location": "web"}]}, 400, "malformed"),
        ({"expires_in": "1y"}, 400, "malformed"), ({"code": "1"}, 400, "malformed"),
    ],
)  # fmt: skip
def test_what_cannot_be_picked_up(world: StockWorld, change: dict[str, Any], status: int, error: str) -> None:
    """Nothing is held, and the log says nothing."""
    assert (world.post(PICKUPS, {**WANTED, **change})[0], world.post(PICKUPS, {**WANTED, **change})[1]["error"]) == (
        status,
        error,
    )
    assert world.numbers("jacket-m", "kadikoy") == (5, 0, 0)
    world.pass_time(timedelta(days=4))
    assert names(world) == []


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", f"{PICKUPS}/none", 404), ("POST", f"{PICKUPS}/none/ready", 404), ("GET", PICKUPS, 405),
        ("POST", f"{PICKUPS}/none/collect", 400), ("POST", f"{PICKUPS}/none/burn", 404), ("GET", RETURNS, 405),
    ],
)  # fmt: skip
def test_paths_of_pickups_that_lead_nowhere(world: StockWorld, method: str, path: str, status: int) -> None:
    """Each has its status."""
    assert world.ask(method, path, {} if method == "POST" else None)[0] == status


RETURN = {
    "key": "R-1", "customer": "email:Ayse@Example.com", "order_id": "A-1", "location": "kadikoy",
    "lines": [{"sku": "jacket-m", "quantity": 1}], "refund": "2499.90", "currency": "TRY",
}  # fmt: skip


def test_an_order_of_the_web_comes_back_to_the_store(world: StockWorld) -> None:
    """The piece is stock of that store, and the refund stands in the customer's log, once."""
    for repeated in (False, True):
        status, answer = world.post(RETURNS, RETURN)
        assert (status, answer["repeated"], answer["items"][0]["level"]["on_hand"]) == (200, repeated, 6)
        world.clock.advance(timedelta(minutes=1))
    world.pass_time(timedelta(minutes=5))
    [event] = world.events()
    assert (event.name, event.properties["order_id"], event.properties["total"]) == ("Order Refunded", "A-1", "2499.90")
    assert world.post(RETURNS, {**RETURN, "refund": "1"})[1]["error"] == "key_reused"
    assert world.post(RETURNS, {**RETURN, "customer": "user:43"})[1]["error"] == "key_reused"


@pytest.mark.parametrize(
    "change", [{"refund": None}, {"refund": "-1"}, {"currency": "lira"}, {"order_id": ""}, {"customer": "x"}], ids=str
)
def test_a_return_that_cannot_be_read_is_refused(world: StockWorld, change: dict[str, Any]) -> None:
    """400, and the stock stays."""
    assert world.post(RETURNS, {**RETURN, **change})[0] == 400
    assert world.numbers("jacket-m", "kadikoy") == (5, 0, 0)


def test_codes_are_easy_to_say_and_hard_to_guess() -> None:
    """Six signs that do not look alike, the same however they are written."""
    rng = random.Random(1)
    codes = {new_code(rng.randrange) for _ in range(1000)}
    assert len(codes) == 1000
    assert all(len(code) == CODE_LENGTH and set(code) <= set(SIGNS) for code in codes)
    assert not set(SIGNS) & set("01OIL")
    assert plain_code("ab-c 2 3-4") == "ABC234"


def test_what_names_a_person_expires(world: StockWorld) -> None:
    """Notices after a week, pick-ups half a year after their time; and a return that is repeated later tells nothing
    new."""
    world.post(PICKUPS, WANTED)
    world.post(RETURNS, RETURN)
    named = [item for item in world.table.items() if "who" in item]
    assert {item["pk"].partition("#")[0] for item in named} == {"notice", "pickup"}
    now = world.clock.time.timestamp()
    days = {item["pk"].partition("#")[0]: (item["expires"] - now) / 86_400 for item in named}
    assert days == pytest.approx({"notice": 7, "pickup": 183}, abs=0.1)
    for item in named:
        if item["pk"].startswith("notice#"):
            world.table.delete(item["pk"], item["sk"])
    world.clock.advance(timedelta(days=8))
    assert world.post(RETURNS, RETURN)[1]["repeated"] is True
    assert names(world).count("Order Refunded") == 1


def test_only_its_code_opens_a_pick_up(world: StockWorld) -> None:
    """Its id is no reservation for the till: nothing is sold or freed past the code, whatever key the till has."""
    world.post(PICKUPS, WANTED)
    world.post(f"{PICKUPS}/P-1/ready", {})
    before = world.numbers("jacket-m", "kadikoy")
    line = {"location": "kadikoy", "sku": "jacket-m", "quantity": 2}
    for path, body in (
        ("/v1/stock/movements", {"key": "x", "kind": "sale", "reservation": "P-1"}),
        ("/v1/stock/movements", {"key": "x", "kind": "release", "reservation": "P-1"}),
        ("/v1/stock/reservations/P-1/release", {"key": "x"}),
        ("/v1/stock/reservations", {"key": "P-1", "order_id": "pickup", **line}),
        ("/v1/stock/movements", {"key": "P-1", "kind": "reserve", **line}),
    ):
        status, answer = world.post(path, body)
        assert (status, answer["error"]) == (409, "is_a_pickup")
    assert world.numbers("jacket-m", "kadikoy") == before
    assert world.post(f"{PICKUPS}/P-1/collect", {"code": code_of(world)})[0] == 200


def test_one_key_is_one_customer_s(world: StockWorld) -> None:
    """The same pieces for somebody else under the same key would be held for nobody."""
    assert world.post(PICKUPS, WANTED)[0] == 200
    status, answer = world.post(PICKUPS, {**WANTED, "customer": "user:77"})
    assert (status, answer["error"]) == (409, "key_reused")


@pytest.mark.parametrize(("how", "ends"), [("released", "cancelled"), ("collected", "picked_up")])
def test_a_pick_up_whose_reservation_is_over_ends_as_that_did(world: StockWorld, how: Any, ends: str) -> None:
    """Whatever ended it without the pick-up: nothing is handed out that did not leave the stock, the customer is told,
    and the timer is not tried for ever."""
    world.post(PICKUPS, WANTED)
    world.post(f"{PICKUPS}/P-1/ready", {})
    world.environment.stock.end("P-1", how, "x", world.clock.now(), world.environment.locations.rules)
    before = world.numbers("jacket-m", "kadikoy")
    if how == "released":
        assert world.post(f"{PICKUPS}/P-1/collect", {"code": code_of(world)})[1]["error"] == "pickup_state"
    world.pass_time(timedelta(days=30))
    assert world.get(f"{PICKUPS}/P-1")[1]["pickup"]["state"] == ends
    assert world.numbers("jacket-m", "kadikoy") == before
    assert {"cancelled": "Pickup Cancelled", "picked_up": "Picked Up"}[ends] in names(world)
    world.pass_time(timedelta(days=1))
    assert world.pass_time(timedelta(days=1)) == {"expired": 0, "told": 0, "announced": 0, "nothing": 0}


def test_what_is_over_becomes_not_ready(world: StockWorld) -> None:
    """One clear answer, in place of a request to try again for ever."""
    world.post(PICKUPS, WANTED)
    world.environment.stock.end("P-1", "released", "x", world.clock.now(), world.environment.locations.rules)
    status, answer = world.post(f"{PICKUPS}/P-1/ready", {})
    assert (status, answer["error"], answer["state"]) == (409, "pickup_state", "cancelled")


def test_what_is_collected_after_its_time_is_not_handed_out(world: StockWorld) -> None:
    """The timer is late, the reservation still open: no piece goes out, and the pieces come free."""
    world.post(PICKUPS, WANTED)
    world.post(f"{PICKUPS}/P-1/ready", {})
    world.clock.advance(timedelta(days=4))
    assert world.post(f"{PICKUPS}/P-1/collect", {"code": code_of(world)})[1]["error"] == "pickup_state"
    world.pass_time(timedelta(days=1))
    assert world.get(f"{PICKUPS}/P-1")[1]["pickup"]["state"] == "expired"
    assert world.numbers("jacket-m", "kadikoy") == (5, 0, 0)


def test_a_pick_up_shows_no_digest_of_its_customer(world: StockWorld) -> None:
    """Neither as a reservation: the till sees the order, not the person."""
    world.post(PICKUPS, WANTED)
    assert world.get("/v1/stock/reservations/P-1")[1]["reservation"]["order_id"] == "pickup A-1"


def test_a_pick_up_takes_the_last_piece_that_the_shop_has_sold(world: StockWorld) -> None:
    """A connected shop took the piece off when it was ordered, and says 0: it can be held, and handed out."""
    stock = world.environment.stock
    shop = ShopStock(world.table, stock, world.environment.locations.rules, lambda _attempt: None)

    def say(number: int) -> None:
        at = milliseconds(world.clock.now())
        shop.take_item("moda", ItemSku("1", "jacket-m", at), world.clock.now(), Settled())
        shop.take_level("moda", ShopLevel("1", "kadikoy", number, at), world.clock.now(), Settled())

    say(1)
    world.clock.advance(timedelta(hours=1))
    ordered = world.clock.now()
    say(0)
    world.clock.advance(timedelta(hours=1))
    wanted = WANTED | {"lines": [{"sku": "jacket-m", "quantity": 1}]}
    assert world.post(PICKUPS, wanted)[0] == 409  # an hour is longer than an order takes to become a pick-up
    assert world.post(PICKUPS, wanted | {"ordered_at": "yesterday"})[0] == 400
    assert world.post(PICKUPS, wanted | {"ordered_at": ordered.isoformat()})[0] == 200
    assert world.numbers("jacket-m", "kadikoy") == (1, 1, 0)
    assert world.post(f"{PICKUPS}/P-1/cancel", {})[0] == 200
    assert world.numbers("jacket-m", "kadikoy") == (0, 0, 0)
    say(0)
    world.clock.advance(timedelta(minutes=4))
    assert world.post(PICKUPS, wanted | {"key": "P-2"})[0] == 200


def test_a_return_names_its_refund(world: StockWorld) -> None:
    """As the shop's platform calls it; else by the request, so that the shop's own report of it is known again."""
    world.post(RETURNS, RETURN | {"refund_id": "9001"})
    world.post(RETURNS, RETURN | {"key": "R-2"})
    first, second = (str(one.properties["refund_id"]) for one in world.events() if one.name == "Order Refunded")
    assert first == "9001"
    assert second.startswith(STORE_RETURN)
    assert world.post(RETURNS, RETURN | {"refund_id": "9002"})[1]["error"] == "key_reused"
