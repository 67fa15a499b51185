"""What a shop held before: read page by page, and the same events as its deliveries become."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from cli.connectors.backfill import objects_of_file, write_backfill
from cli.connectors.shop_rest import Page, objects_of_shop
from cli.failure import Failure, WrongUse
from cli.main import run
from shared.domain.connectors.delivery import translate
from tests.unit.connectors.shop_world import (
    SHOPIFY,
    WOO,
    headers_of,
    shopify_order,
    shopify_product,
    woo_order,
    woo_product,
)

pytestmark = pytest.mark.unit


class Shop:
    """Answers by address; what is asked is kept."""

    def __init__(self, pages: Mapping[str, Page]) -> None:
        self.pages, self.asked, self.waited = dict(pages), list[tuple[str, Mapping[str, str]]](), list[float]()

    def get(self, url: str, headers: Mapping[str, str]) -> Page:
        self.asked.append((url, headers))
        return self.pages[url]


ORDERS = "https://moda.myshopify.com/admin/api/2025-07/orders.json?limit=250&status=any"


def page(content: Any, **headers: str) -> Page:
    return Page(200, headers, json.dumps(content).encode())


def test_shopify_is_read_by_its_links() -> None:
    """Every page, with the token, and to no other host."""
    following = "https://moda.myshopify.com/admin/api/2025-07/orders.json?page_info=x"
    link = f'<https://moda.myshopify.com/before>; rel="previous", <{following}>; rel="next"'
    shop = Shop({ORDERS: page({"orders": [{"id": 1}]}, link=link), following: page({"orders": [{"id": 2}]})})
    found = list(objects_of_shop("shopify", "moda.myshopify.com", "orders", "t0k3n", get=shop.get))
    assert [one["id"] for one in found] == [1, 2]
    assert {headers["x-shopify-access-token"] for _, headers in shop.asked} == {"t0k3n"}
    away = Shop({ORDERS: page({"orders": []}, link='<https://evil.example/x>; rel="next"')})
    with pytest.raises(Failure, match="another host"):
        list(objects_of_shop("shopify", "moda.myshopify.com", "orders", "t0k3n", get=away.get))


def test_woocommerce_is_read_by_numbers() -> None:
    """Until a page is not full; the key and its secret go as a name and a password."""
    base = "https://atolye.example/wp-json/wc/v3/products?per_page=100&orderby=id&order=asc&page="
    shop = Shop({f"{base}1": page([{"id": number} for number in range(100)]), f"{base}2": page([{"id": 100}])})
    assert len(list(objects_of_shop("woocommerce", "atolye.example", "products", "ck:cs", get=shop.get))) == 101
    assert shop.asked[0][1]["authorization"] == "Basic Y2s6Y3M="


def test_a_shop_that_is_busy_is_asked_again_and_one_that_refuses_is_not() -> None:
    answers = [
        Page(429, {"retry-after": "3"}, b""),
        Page(500, {}, b""),
        Page(0, {}, b""),
        page({"orders": [{"id": 1}]}),
    ]
    waited: list[float] = []

    def busy(_url: str, _headers: Mapping[str, str]) -> Page:
        return answers.pop(0)

    found = list(objects_of_shop("shopify", "moda.myshopify.com", "orders", "t", get=busy, pause=waited.append))
    assert (len(found), waited) == (1, [3.0, 2.0, 4.0])
    for refused in (
        Page(401, {}, b""),
        Page(301, {"location": "https://evil.example"}, b""),
        page({"error": 1}),
        Page(200, {}, b"{"),
    ):
        shop = Shop({ORDERS: refused})
        with pytest.raises(Failure):
            list(objects_of_shop("shopify", "moda.myshopify.com", "orders", "t", get=shop.get, pause=waited.append))
        assert len(shop.asked) == 1


@pytest.mark.parametrize(
    ("connector", "topic", "content"),
    [(SHOPIFY, "orders/updated", shopify_order()), (WOO, "order.updated", woo_order())],
    ids=["shopify", "woocommerce"],
)
def test_a_backfill_is_the_same_events_as_a_delivery(connector: Any, topic: str, content: Any, tmp_path: Path) -> None:
    """With the same ids and times, so that what is imported and then delivered is one order."""
    done = write_backfill(connector, topic, [content], tmp_path)
    written = [json.loads(one) for one in (tmp_path / "events.ndjson").read_text("utf-8").splitlines()]
    told = translate(connector, headers_of(connector, topic, ""), content, lambda _path, _content: None)
    assert written == told.events
    assert (done.objects, done.events, done.products) == (1, 2, 0)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["events.ndjson"]


def test_products_and_stock_are_files_of_their_own(tmp_path: Path) -> None:
    done = write_backfill(WOO, "product.updated", [woo_product(), woo_product(id=0)], tmp_path)
    assert (done.products, done.levels) == (1, 1)
    assert (tmp_path / "stock.csv").read_text("utf-8").splitlines() == ["sku,location,quantity", "bere,online,12"]
    assert json.loads((tmp_path / "products.ndjson").read_text("utf-8"))["id"] == "bere"
    assert sum(done.unused.values()) == 1


def test_files_of_the_shop_are_read_in_three_forms(tmp_path: Path) -> None:
    """An answer, a list, a line each; the first line that is broken is named."""
    forms = {
        "answer": json.dumps({"orders": [{"id": 1}]}),
        "list": json.dumps([{"id": 1}]),
        "lines": '{"id": 1}\n\n{"id": 2}\n',
    }
    for name, text in forms.items():
        (tmp_path / name).write_text(text)
        assert next(iter(objects_of_file(tmp_path / name))) == {"id": 1}
    (tmp_path / "broken").write_text('{"id": 1}\n{')
    with pytest.raises(WrongUse, match="line 2"):
        list(objects_of_file(tmp_path / "broken"))


def test_the_command_says_what_to_do_next(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    definition, file = tmp_path / "moda.yaml", tmp_path / "products.json"
    definition.write_text("connector: moda\nplatform: shopify\ncurrency: TRY\n")
    file.write_text(json.dumps({"products": [shopify_product()]}))
    out = tmp_path / "out"
    assert (
        run(["connectors", "backfill", "products", str(file), "--connector", str(definition), "--output", str(out)])
        == 0
    )
    assert f"kervan products import {out / 'products.ndjson'}" in " ".join(capsys.readouterr().out.split())
    assert run(["connectors", "backfill", "orders", "--connector", str(definition), "--output", str(out)]) == 2


def test_a_shop_that_only_shows_the_stock_brings_none(tmp_path: Path) -> None:
    """Its old numbers would be imported as counts over those that Kervan keeps."""
    shown = WOO.model_copy(update={"stock": False})
    done = write_backfill(shown, "product.updated", [woo_product()], tmp_path)
    assert (done.objects, done.products, done.levels, list(tmp_path.iterdir())) == (1, 0, 0, [])
