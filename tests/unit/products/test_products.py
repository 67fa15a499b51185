"""Products: what is taken, what is refused, and what is written."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.products.product import ProductRefused, name_key, product_json, read_product
from shared.stores.products import Products
from tests.unit.ingest.world import ADMIN_KEY, STORE_KEY, WEB_KEY
from tests.unit.stock.stock_world import StockWorld

pytestmark = pytest.mark.unit
JACKET = {
    "id": "jacket-m", "name": "Kar montu M", "price": "2499.90", "currency": "TRY", "group": "jacket",
    "url": "https://shop.example/jacket", "image_url": "https://shop.example/jacket.jpg", "categories": ["Mont > Kar"],
}  # fmt: skip
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(sorted(JACKET)), json_values))
def test_anything_is_taken_or_refused(changes: dict[str, Any]) -> None:
    """No value of any field is a failure of ours, and what is taken reads the same from what was stored."""
    try:
        product = read_product({**JACKET, **changes})
    except ProductRefused:
        return
    assert read_product(product_json(product)) == product


@pytest.mark.parametrize(
    "change",
    [
        {"price": None}, {"price": "-1"}, {"price": "1e5"}, {"price": "12,50"}, {"price": True}, {"price": "1.23456"},
        {"sale_price": "2500"}, {"currency": "try"}, {"currency": None}, {"name": ""}, {"name": "x" * 201},
        {"id": " "}, {"url": "http://shop.example/x"}, {"url": "javascript:alert(1)"}, {"image_url": "https://"},
        {"url": "https://user@shop.example/"}, {"url": "https://[broken/"}, {"availability": "gone"}, {"stock": 5},
        {"categories": [1]}, {"image_url": "https://shop.example/a b.jpg"},
    ],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_a_product(change: dict[str, Any]) -> None:
    """Each mistake is refused."""
    with pytest.raises(ProductRefused):
        read_product({**JACKET, **change})


def test_a_feed_of_which_little_changed_writes_little() -> None:
    """A thousand products pushed again with ten changes write ten items; two pushes of one product keep its prices."""
    world = StockWorld()
    feed = [{**JACKET, "id": f"sku-{n}", "name": f"Ürün {n}"} for n in range(1000)]
    for start in (0, 500):
        assert world.post("/v1/products", {"items": feed[start : start + 500]})[1]["new"] == 500
    world.clock.advance(timedelta(days=1))
    for n in range(0, 1000, 100):
        feed[n] = {**feed[n], "sale_price": "1999.90"}
    usage = world.products.usage
    usage.reset()
    said = [world.post("/v1/products", {"items": feed[start : start + 500]})[1] for start in (0, 500)]
    assert [(one["changed"], one["unchanged"]) for one in said] == [(5, 495), (5, 495)]
    assert usage.write_units == 10
    assert usage.read_units == 1000
    _, shown = world.get("/v1/products/sku-0")
    assert (shown["sale_price"], shown["lowest_price_30_days"]) == ("1999.90", "2499.90")
    assert [one["price"] for one in shown["prices"]] == ["2499.90", "1999.90"]


def test_what_is_older_than_what_is_known_stays_out() -> None:
    """A push that was overtaken by a later one changes nothing."""
    world = StockWorld()
    store = Products(world.products)
    store.put([read_product(JACKET)], world.clock.time)
    late = read_product({**JACKET, "price": "1"})
    assert store.put([late], world.clock.time - timedelta(seconds=1)).older == ("jacket-m",)
    assert store.read(["jacket-m"])["jacket-m"].product == read_product(JACKET)


def test_a_batch_tells_what_it_refused() -> None:
    """The others are taken, and each refusal has its place, its field and a sentence."""
    world = StockWorld()
    body = {"items": [JACKET, {**JACKET, "id": "b", "price": "free"}, "no product"], "currency": "TRY"}
    status, answer = world.post("/v1/products", body)
    assert (status, answer["new"]) == (200, 1)
    assert [(one["index"], one["field"]) for one in answer["refused"]] == [(1, "price"), (2, "the product")]


def test_products_are_found_by_id_and_by_name() -> None:
    """An id, the beginning of a name in any case and with or without Turkish letters, and all of them page by page."""
    world = StockWorld()
    names = ["Işıltılı çanta", "İpek gömlek", "ipek eşarp", "Kar montu"]
    for n, name in enumerate(names):
        assert world.ask("PUT", f"/v1/products/p{n}", {**JACKET, "id": f"p{n}", "name": name})[0] == 200

    def found(query: str, limit: int = 50) -> list[str]:
        ids, cursor = [], ""
        while True:
            page = world.search(query, limit, cursor)
            ids += [one["id"] for one in page["items"]]
            cursor = page["cursor"]
            if cursor is None:
                return sorted(ids)

    assert found("ipek") == ["p1", "p2"]
    assert found("ISIL") == ["p0"]
    assert found("p3") == ["p3"]
    for limit in (1, 2, 3, 50):
        assert found("", limit) == ["p0", "p1", "p2", "p3"]
    assert found("nothing") == []


@pytest.mark.parametrize(("key", "status"), [(WEB_KEY, 403), (STORE_KEY, 200), (ADMIN_KEY, 200)])
def test_who_may_push(key: str, status: int) -> None:
    """The shop's server and people; no page."""
    assert StockWorld().ask("PUT", "/v1/products/jacket-m", JACKET, key)[0] == status


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/v1/products/none", None, 404), ("PUT", "/v1/products/other", JACKET, 400),
        ("POST", "/v1/products/x", {}, 405), ("DELETE", "/v1/products/x", None, 405),
        ("POST", "/v1/products", {"items": []}, 400), ("POST", "/v1/products", {"items": [{}] * 501}, 400),
        ("POST", "/v1/products", {"products": []}, 400), ("GET", "/v1/products/%00", None, 404),
    ],
)  # fmt: skip
def test_requests_that_say_nothing(method: str, path: str, body: Any, status: int) -> None:
    """Each has its status."""
    assert StockWorld().ask(method, path, body)[0] == status


def test_a_broken_cursor_is_refused() -> None:
    """Whatever it is."""
    world = StockWorld()
    for cursor in ("x", "9.", "0.nonsense", "0.bm9uc2Vuc2U"):
        assert world.ask("GET", "/v1/products", query={"cursor": cursor})[0] == 400


def test_names_are_searched_without_case_and_accents() -> None:
    """As they are typed on any keyboard."""
    assert name_key("  ŞİŞLİ  Işık ") == name_key("sisli isik")
