"""The paths of stock: what is taken, what is refused and how."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest

from functions.stock.on_audit import LevelsDiffer
from functions.stock.on_audit import respond as audit
from functions.stock.on_due import ReservationsLeft
from shared.domain.stock.movement import Place
from shared.ports import Throttled
from shared.stores.stock_items import level_key
from tests.unit.ingest.world import ADMIN_KEY, STORE_KEY, WEB_KEY
from tests.unit.stock.stock_world import Invoked, StockWorld

pytestmark = pytest.mark.unit
MOVEMENTS, RESERVATIONS = "/v1/stock/movements", "/v1/stock/reservations"
IN = {"key": "in", "kind": "receipt", "location": "kadıköy", "sku": "jacket-m", "quantity": 5}


def world_with_stock() -> StockWorld:
    world = StockWorld()
    assert world.post(MOVEMENTS, IN)[0] == 200
    return world


def test_a_till_sells_and_takes_back_with_one_call_each() -> None:
    """A sale and a return of the store's key; the answer shows what is left, and a repetition changes nothing."""
    world = world_with_stock()
    sale = {"key": "t-1", "kind": "sale", "location": "kadıköy", "sku": "jacket-m", "quantity": 2, "order_id": "A-1"}
    status, answer = world.post(MOVEMENTS, sale)
    assert (status, answer["items"][0]["state"], answer["items"][0]["level"]["on_hand"]) == (200, "applied", 3)
    assert world.post(MOVEMENTS, sale)[1]["items"][0]["state"] == "repeated"
    world.post(MOVEMENTS, {**sale, "key": "t-2", "kind": "return", "quantity": 1})
    assert world.numbers("jacket-m", "kadıköy") == (4, 0, 0)
    status, answer = world.post(MOVEMENTS, {**sale, "quantity": 1})
    assert (status, answer["error"]) == (409, "key_reused")


def test_a_batch_is_applied_whole_or_line_by_line() -> None:
    """One line that is refused stops all lines, and the answer says which; line by line it stops only itself."""
    world = world_with_stock()
    lines = [{"sku": "jacket-m", "quantity": 1}, {"sku": "jacket-xl", "quantity": 1}]
    body = {"key": "b", "kind": "sale", "location": "kadıköy", "lines": lines}
    status, answer = world.post(MOVEMENTS, body)
    assert (status, answer["error"], answer["index"], answer["sku"]) == (409, "out_of_stock", 1, "jacket-xl")
    assert world.numbers("jacket-m", "kadıköy") == (5, 0, 0)
    for state in ("applied", "repeated"):
        status, answer = world.post(MOVEMENTS, {**body, "all_or_nothing": False})
        assert status == 200
        assert [item["state"] for item in answer["items"]] == [state, "refused"]
        assert (answer["applied"], answer["refused"], answer["items"][1]["reason"]) == (1, 1, "out_of_stock")
    assert world.numbers("jacket-m", "kadıköy") == (4, 0, 0)


def test_transfers_and_expected_pieces() -> None:
    """What is on its way is incoming until it arrives; a transfer at once is at the other location at once."""
    world = world_with_stock()
    move = {"kind": "transfer", "location": "kadıköy", "to": "web", "sku": "jacket-m"}
    world.post(MOVEMENTS, {**move, "key": "m1", "quantity": 1})
    world.post(MOVEMENTS, {**move, "key": "m2", "quantity": 2, "arrival": "expected"})
    assert world.numbers("jacket-m", "web") == (1, 0, 2)
    arrived = {
        "key": "m3",
        "kind": "receipt",
        "location": "web",
        "sku": "jacket-m",
        "quantity": 3,
        "arrival": "arrived",
    }
    world.post(MOVEMENTS, arrived)
    assert world.numbers("jacket-m", "web") == (4, 0, 0)
    assert world.numbers("jacket-m", "kadıköy") == (2, 0, 0)


def test_a_reservation_ends_by_a_sale_a_release_or_its_time() -> None:
    """Each end changes the stock as it should, and none follows another."""
    world = world_with_stock()
    wanted = {"lines": [{"sku": "jacket-m", "quantity": 1}], "location": "kadıköy", "expires_in": "2h"}
    for name in ("sold", "freed", "late"):
        status, answer = world.post(RESERVATIONS, {**wanted, "key": name, "order_id": "A-7"})
        assert (status, answer["reservation"]["state"], answer["reservation"]["order_id"]) == (200, "open", "A-7")
    assert world.numbers("jacket-m", "kadıköy") == (5, 3, 0)
    assert world.post(MOVEMENTS, {"key": "s", "kind": "sale", "reservation": "sold"})[0] == 200
    assert world.post(f"{RESERVATIONS}/freed/release", {"key": "r"})[1]["reservation"]["state"] == "released"
    assert world.numbers("jacket-m", "kadıköy") == (4, 1, 0)
    assert world.pass_time(timedelta(hours=2))["expired"] == 1
    assert world.numbers("jacket-m", "kadıköy") == (4, 0, 0)
    assert world.get(f"{RESERVATIONS}/late")[1]["reservation"]["state"] == "expired"
    for name in ("sold", "freed", "late"):
        status, answer = world.post(MOVEMENTS, {"key": "x", "kind": "release", "reservation": name})
        assert (status, answer["error"]) == (409, "reservation_ended")
    assert world.pass_time(timedelta(days=1)) == {"expired": 0, "told": 0, "announced": 0, "nothing": 0}


def test_a_reservation_made_by_a_movement_holds_half_an_hour() -> None:
    """The kind `reserve` is the short form, and its timer is armed before the pieces are held."""
    world = world_with_stock()
    status, answer = world.post(MOVEMENTS, {**IN, "key": "r", "kind": "reserve", "quantity": 5})
    assert (status, answer["reservation"]["id"]) == (200, "r")
    assert world.post(MOVEMENTS, {**IN, "key": "s", "kind": "sale", "quantity": 1})[0] == 409
    assert world.pass_time(timedelta(minutes=29)) == {"expired": 0, "told": 0, "announced": 0, "nothing": 0}
    assert world.pass_time(timedelta(minutes=1))["expired"] == 1
    assert world.post(MOVEMENTS, {**IN, "key": "s", "kind": "sale", "quantity": 1})[0] == 200


def test_a_timer_of_a_reservation_that_was_never_made_goes() -> None:
    """What was refused leaves a timer behind, which finds nothing and is deleted."""
    world = StockWorld()
    assert world.post(RESERVATIONS, {"key": "r", "location": "web", "sku": "none", "quantity": 1})[0] == 409
    assert world.pass_time(timedelta(hours=1)) == {"expired": 0, "told": 0, "announced": 0, "nothing": 1}
    assert [item for item in world.timers.items() if item["pk"].startswith("stock")] == []


def test_an_expiry_that_fails_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The timer stays, the alarm hears of it, and the next minute ends the reservation."""
    world = world_with_stock()
    world.post(RESERVATIONS, {"key": "r", "location": "kadıköy", "sku": "jacket-m", "quantity": 1})

    def throttle(*_: Any) -> None:
        raise Throttled("the table throttles")

    with monkeypatch.context() as patch:
        patch.setattr(world.table, "transact", throttle)
        with pytest.raises(ReservationsLeft):
            world.pass_time(timedelta(hours=1))
    assert world.pass_time(timedelta(minutes=1))["expired"] == 1


def test_locations_say_what_they_allow() -> None:
    """Safety stock and backorder count at once, and the levels of a sku show them."""
    world = world_with_stock()
    status, shown = world.ask("PUT", "/v1/locations/kadıköy", {"safety": 4, "label": "Kadıköy", "pickup": True})
    assert (status, shown["safety"], shown["pickup"]) == (200, 4, True)
    assert world.get("/v1/stock/jacket-m")[1]["locations"][0]["promisable"] == 1
    wanted = {"location": "kadıköy", "sku": "jacket-m", "quantity": 2}
    assert world.post(RESERVATIONS, {**wanted, "key": "r"})[0] == 409
    world.ask("PUT", "/v1/locations/kadıköy", {"backorder": True})
    assert world.post(RESERVATIONS, {**wanted, "key": "r", "quantity": 9})[0] == 200
    assert world.get("/v1/stock/jacket-m")[1]["total"] == {"on_hand": 5, "reserved": 9, "incoming": 0, "available": -4}
    assert [row["location"] for row in world.get("/v1/locations")[1]["items"]] == ["kadıköy"]


@pytest.mark.parametrize(
    ("key", "status"), [("", 401), ("nobody", 401), (WEB_KEY, 403), (STORE_KEY, 200), (ADMIN_KEY, 200)]
)
def test_who_may_ask(key: str, status: int) -> None:
    """A page's key says nothing about stock; a till's key moves it; only the admin key describes locations."""
    world = world_with_stock()
    assert world.get("/v1/stock/jacket-m", key)[0] == status
    assert world.post(MOVEMENTS, {**IN, "key": "k"}, key)[0] == status
    assert world.ask("PUT", "/v1/locations/x", {}, key)[0] == (403 if key == STORE_KEY else status)


@pytest.mark.parametrize(
    "change",
    [
        {"key": ""}, {"key": None}, {"key": "k" * 101}, {"key": ["k"]}, {"kind": "steal"}, {"kind": None},
        {"quantity": 0}, {"quantity": -1}, {"quantity": 10**9 + 1}, {"quantity": 1.5}, {"quantity": True},
        {"quantity": "2"}, {"quantity": 1e300}, {"sku": ""}, {"sku": "a\x00b"}, {"sku": "s" * 101}, {"sku": {}},
        {"location": "\ud800"}, {"location": None}, {"lines": []}, {"lines": [{"sku": "a", "quantity": 1}]},
        {"amount": 3}, {"to": "web"}, {"arrival": "late"}, {"kind": "sale", "arrival": "expected"},
        {"kind": "transfer"}, {"kind": "transfer", "to": "kadıköy"}, {"all_or_nothing": "no"},
        {"reservation": "r"}, {"kind": "release"}, {"kind": "reserve", "expires_in": "1mo"},
        {"kind": "reserve", "expires_in": "0m"}, {"kind": "reserve", "expires_in": "400d"}, {"order_id": {"a": 1}},
    ],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_a_sentence(change: dict[str, Any]) -> None:
    """400, nothing changes, and the sentence repeats nothing of what was sent."""
    world = world_with_stock()
    status, answer = world.post(MOVEMENTS, {**IN, "key": "k", **change})
    assert (status, answer["error"]) == (400, "malformed")
    assert "\x00" not in answer["message"]
    assert world.numbers("jacket-m", "kadıköy") == (5, 0, 0)


@pytest.mark.parametrize("body", ["", "[]", "nonsense", '{"key": NaN', '"' + "x" * 200_000 + '"', "[" * 100_000])
def test_a_body_that_is_no_object_is_refused(body: str) -> None:
    """400 or 413, never a failure of ours."""
    assert StockWorld().post(MOVEMENTS, body)[0] in {400, 413}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/stock", 404), ("GET", "/v1/stock/", 404), ("GET", "/v1/stock/none", 404),
        ("GET", "/v1/stock/movements", 405), ("PUT", "/v1/stock/returns", 405),
        ("GET", "/v1/stock/reservations/x/release", 405), ("DELETE", "/v1/stock/jacket-m", 405),
        ("POST", "/v1/stock/jacket-m", 405),
        ("GET", "/v1/stock/reservations/none", 404), ("GET", "/v1/locations/x", 405), ("GET", "/v2/stock/x", 404),
        ("GET", "/v1/stock/a/b/c", 404), ("OPTIONS", "/v1/stock/x", 204), ("GET", "/v1/stock/%ED%A0%80", 404),
        ("GET", "/v1/stock/%00", 400), ("POST", "/v1/stock/reservations/none/release", 400),
    ],
)  # fmt: skip
def test_paths_that_lead_nowhere(method: str, path: str, status: int) -> None:
    """Each has its status and says where to go."""
    assert world_with_stock().ask(method, path, {} if method == "POST" else None)[0] == status


def test_sums_of_unusual_skus_are_kept_apart() -> None:
    """Skus and locations with any sign are levels of their own, whatever their keys are made of."""
    world = StockWorld()
    skus = ["a#b", "a", "a#level#x", "ÇANTA", "çanta", "🧥", "a b", "~x", "s" * 100]
    for number, sku in enumerate(skus):
        body = {"key": f"k{number}", "kind": "receipt", "location": "b#c", "sku": sku, "quantity": number + 1}
        assert world.post(MOVEMENTS, body)[0] == 200
    for number, sku in enumerate(skus):
        found = world.environment.stock.levels(sku)
        assert [(level.place.sku, level.level.on_hand) for level in found] == [(sku, number + 1)]


def test_the_audit_finds_what_was_changed_past_the_movements() -> None:
    """It looks at every level of a small stock, and an attribute that somebody changed by hand is an error."""
    world = world_with_stock()
    looks = [audit(Invoked(), world.environment.stock, random.Random(seed)) for seed in range(8)]
    assert {look["StockMismatches"] for look in looks} == {0}
    assert {look["StockSampled"] for look in looks} == {0, 1}
    item = world.table.get(*level_key(Place("jacket-m", "kadıköy")))
    assert item is not None
    world.table.put({**item, "reserved": 1})
    seeds = [seed for seed, look in enumerate(looks) if look["StockSampled"]]
    with pytest.raises(LevelsDiffer):
        audit(Invoked(), world.environment.stock, random.Random(seeds[0]))


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/v1/stock/movements", "POST"), ("DELETE", "/v1/stock/reservations", "POST"),
        ("GET", "/v1/stock/reservations/x/release", "POST"), ("POST", "/v1/stock/jacket-m", "GET"),
        ("GET", "/v1/stock/pickups/x/collect", "POST"), ("PUT", "/v1/stock/pickups/x", "GET"),
        ("POST", "/v1/locations/x", "PUT"), ("DELETE", "/v1/products/x", "GET"),
    ],
)  # fmt: skip
def test_another_method_is_told_which_is_right(method: str, path: str, allowed: str) -> None:
    """405 with the method of the path."""
    status, answer = StockWorld().ask(method, path, {} if method == "POST" else None)
    assert (status, answer["message"]) == (405, f"use {allowed} here")


def test_a_key_is_of_one_request_whatever_its_mode() -> None:
    """Line by line or whole, with one line more, for another reservation: another content is refused."""
    world = world_with_stock()
    sale = {"key": "k1", "kind": "sale", "location": "kadıköy", "sku": "jacket-m", "quantity": 1}
    assert world.post(MOVEMENTS, sale)[0] == 200
    assert world.post(MOVEMENTS, {**sale, "all_or_nothing": False})[1]["error"] == "key_reused"
    line = {"sku": "jacket-m", "quantity": 1}
    each = {"key": "k2", "kind": "sale", "location": "kadıköy", "all_or_nothing": False, "lines": [line]}
    for _ in range(2):
        assert world.post(MOVEMENTS, each)[0] == 200
    assert world.post(MOVEMENTS, {**each, "lines": [line, line]})[1]["error"] == "key_reused"
    assert world.post(MOVEMENTS, {**sale, "key": "k2"})[1]["error"] == "key_reused"
    for name in ("r1", "r2"):
        world.post(RESERVATIONS, {"key": name, "location": "kadıköy", "lines": [line]})
    end = {"key": "k3", "kind": "sale", "reservation": "r1"}
    for _ in range(2):
        assert world.post(MOVEMENTS, end)[0] == 200
    assert world.post(MOVEMENTS, {**end, "reservation": "r2"})[1]["error"] == "key_reused"
    assert world.post(MOVEMENTS, {**sale, "key": "k3"})[1]["error"] == "key_reused"
    assert world.numbers("jacket-m", "kadıköy") == (2, 1, 0)


def test_no_key_of_a_caller_is_that_of_a_line() -> None:
    """Whatever stands in it: a sale of its own is applied. A reservation may be released by its own key."""
    world = world_with_stock()
    line = {"sku": "jacket-m", "quantity": 1}
    each = {"key": "s", "kind": "sale", "location": "kadıköy", "all_or_nothing": False, "lines": [line]}
    assert world.post(MOVEMENTS, each)[0] == 200
    sale = {"key": "s/0", "kind": "sale", "location": "kadıköy", **line}
    assert world.post(MOVEMENTS, sale)[1]["items"][0]["state"] == "applied"
    assert world.post(MOVEMENTS, {**sale, "key": "s\x1f0"})[0] == 400
    world.post(RESERVATIONS, {"key": "r", "location": "kadıköy", "lines": [line]})
    for _ in range(2):
        assert world.post(f"{RESERVATIONS}/r/release", {"key": "r"})[0] == 200
    assert world.numbers("jacket-m", "kadıköy") == (3, 0, 0)
