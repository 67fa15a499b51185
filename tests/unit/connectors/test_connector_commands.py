"""`kervan connectors try` and the check of connectors in a folder of definitions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.definitions.connectors import check_connectors
from cli.main import run
from shared.domain.definitions.bundle import Document
from tests.unit.connectors.shop_world import shopify_order, shopify_product, woo_product

pytestmark = pytest.mark.unit


def test_a_delivery_is_tried_without_a_deployment(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What the webhook would store, and the warnings that it would give."""
    file = tmp_path / "order.json"
    file.write_text(json.dumps(shopify_order(refunds=[{"id": 1}])))
    assert run(["connectors", "try", str(file), "--topic", "orders/updated", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert [one["event"] for one in said["events"]] == ["Order Completed", "Order Updated"]
    assert said["warnings"] == [{"field": "shop.refund", "reason": "has no id or no time"}]
    assert run(["connectors", "try", str(file), "--topic", "orders/updated"]) == 0
    shown = capsys.readouterr().out
    assert "Order Completed" in shown
    assert "warning: shop.refund" in shown


def test_products_and_stock_are_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "product.json"
    file.write_text(json.dumps(shopify_product()))
    assert run(["connectors", "try", str(file), "--topic", "products/update"]) == 0
    assert "mont-m" in capsys.readouterr().out
    file.write_text(json.dumps(woo_product()))
    assert (
        run(["connectors", "try", str(file), "--topic", "product.updated", "--platform", "woocommerce", "--json"]) == 0
    )
    said = json.loads(capsys.readouterr().out)
    assert said["stock"] == [{"item": "93", "sku": "bere", "location": "online", "quantity": 12}]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["absent.json"], "there is no file"),
        (["broken.json"], "is not JSON"),
        (["order.json", "--platform", "magento"], "--platform is one of"),
        (["order.json", "--mapping", "absent.yaml"], "there is no file"),
        (["order.json", "--mapping", "wrong.yaml"], "currency"),
        (["order.json", "--header", "no colon"], "a header is written as"),
    ],
)
def test_wrong_use_is_one_line(
    arguments: list[str], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    Path("broken.json").write_text("{")
    Path("order.json").write_text("{}")
    Path("wrong.yaml").write_text("connector: x\nplatform: shopify\n")
    assert run(["connectors", "try", *arguments]) == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert said.count("\n") == 1


def check(**changed: object) -> list[str]:
    base = {"connector": "moda", "platform": "shopify", "currency": "TRY"}
    content = {name: value for name, value in (base | changed).items() if value is not None}
    found = check_connectors([Document("connectors/x.yaml", content)])
    return [str(one) for one in found.problems]


def test_a_connector_is_checked() -> None:
    """Its name, its platform, its addresses and its secret; each mistake names its place."""
    assert check() == []
    for changed in (
        {"connector": "Moda"}, {"connector": "kervan"}, {"platform": "magento"}, {"currency": "tl"}, {"shop": "a b"},
        {"storefront": "http://moda.example"}, {"storefront": "https://localhost"}, {"locations": {"1": ""}},
        {"quota": {"events_per_minute": 0}}, {"platform": "mapping"}, {"unknown": 1},
        {"check": {"secret": "secret", "header": "X-Token"}},
    ):  # fmt: skip
        assert check(**changed), changed
    twice = [Document("connectors/x.yaml", {"connector": "a", "platform": "shopify", "currency": "TRY"})] * 2
    assert "twice" in str(check_connectors(twice).problems[0])


def mixed(*shops: dict[str, object]) -> list[str]:
    base = {"platform": "woocommerce", "currency": "TRY"}
    documents = [Document(f"connectors/{one['connector']}.yaml", base | one) for one in shops]
    return [f"{one.file} {one.path}" for one in check_connectors(documents).problems]


FIELDS = {"id": "i", "name": "n", "price": "p"}
STOCK = [{"sku": "s", "quantity": "q", "at": "t"}]


@pytest.mark.parametrize(
    ("first", "second", "fields"),
    [
        ({}, {}, ["user_prefix", "location"]),
        ({}, {"user_prefix": "b-"}, ["location"]),
        ({}, {"user_prefix": "b-", "location": "depo"}, []),
        ({}, {"user_prefix": "1", "location": "depo"}, ["user_prefix"]),
        ({"user_prefix": "a-2"}, {"user_prefix": "a-", "location": "depo"}, ["user_prefix"]),
        ({"user_prefix": "a-"}, {"user_prefix": "a-b-", "location": "depo"}, []),
        ({}, {"location": "depo", "customers_of": "a"}, []),
        ({"customers_of": "b"}, {"location": "depo"}, []),
        ({}, {"location": "depo", "customers_of": "c"}, ["user_prefix"]),
        ({"customers_of": "c"}, {"location": "depo", "customers_of": "c"}, []),
        ({}, {"stock": False}, ["user_prefix"]),
        ({"platform": "shopify"}, {"platform": "shopify"}, ["user_prefix"]),
        ({"platform": "shopify", "locations": {"1": "x"}}, {"user_prefix": "b-", "location": "x"}, ["location"]),
        (
            {"platform": "shopify", "locations": {"1": "x"}, "user_prefix": "a-"},
            {"platform": "shopify", "locations": {"9": "x"}},
            ["locations"],
        ),
        ({"platform": "mapping", "user_prefix": "a-", "mapping": {"events": [], "stock": STOCK}}, {}, ["location"]),
        (
            {"platform": "mapping", "user_prefix": "a-", "mapping": {"stock": [STOCK[0] | {"location": "l"}]}},
            {},
            [],
        ),
        (
            {"platform": "mapping", "user_prefix": "a-", "mapping": {"products": [{"at": "t", "fields": FIELDS}]}},
            {},
            [],
        ),
    ],
)
def test_two_shops_keep_customers_and_stock_apart(
    first: dict[str, object], second: dict[str, object], fields: list[str]
) -> None:
    """Numbers that both count, and pieces that both tell, are refused before anything is published."""
    for one in (first, second):
        if one.get("platform") == "mapping":
            one["check"] = {"secret": "secret", "header": "X-Token"}
    found = mixed({"connector": "a"} | first, {"connector": "b"} | second)
    assert found == [f"connectors/b.yaml {field}" for field in fields]
