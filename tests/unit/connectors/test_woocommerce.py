"""WooCommerce's deliveries become events, products and stock."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.unit.connectors.shop_world import SECRET, WOO, ShopWorld, woo_order, woo_product

pytestmark = pytest.mark.unit


def test_an_order_counts_once_it_is_placed() -> None:
    """One that waits for its payment is no order yet, and one that the clock cancelled never was."""
    shop = ShopWorld()
    assert shop.deliver("order.created", woo_order(status="pending", date_paid_gmt=None), WOO)[1]["events"] == 0
    shop.deliver("order.updated", woo_order(id=728, number="728", status="cancelled", date_paid_gmt=None), WOO)
    assert shop.customer().orders == ()
    shop.deliver("order.updated", woo_order(), WOO)
    [order] = shop.customer().orders
    assert (order.id, order.total, order.coupon, order.products) == (
        "727",
        Decimal("299.90"),
        "yaz",
        (("bere", 2, ""),),
    )
    assert [str(one) for one in shop.log()[-1].identifiers] == ["user:26"]


def test_a_typed_address_ties_nobody_to_the_person_whose_it_is() -> None:
    """An account that types a stranger's addresses is named by its number; a guest by his e-mail, else by his phone."""
    shop = ShopWorld()
    stranger = {"email": "victim@example.com", "phone": "0532 999 88 77"}
    shop.deliver("order.created", woo_order(billing=stranger), WOO)
    assert [str(one) for one in shop.log()[-1].identifiers] == ["user:26"]
    shop.deliver("order.created", woo_order(id=800, number="800", customer_id=0, billing=stranger), WOO)
    assert [str(one) for one in shop.log()[-1].identifiers] == ["email:victim@example.com"]
    by_phone = {"email": "", "phone": "0532 999 88 77"}
    shop.deliver("order.created", woo_order(id=801, number="801", customer_id=0, billing=by_phone), WOO)
    assert [str(one) for one in shop.log()[-1].identifiers] == ["phone:+905329998877"]


def test_what_became_of_an_order_is_known() -> None:
    """Shipped when it was completed, refunded by the sums below zero, cancelled after it was paid."""
    shop = ShopWorld()
    done = {
        "status": "completed",
        "date_completed_gmt": "2026-11-21T09:00:00",
        "date_modified_gmt": "2026-11-22T09:00:00",
    }
    shop.deliver("order.updated", woo_order(**done, refunds=[{"id": 800, "total": "-100.00", "reason": ""}]), WOO)
    [order] = shop.customer().orders
    assert (order.shipped_at is not None, order.refunded) == (True, Decimal("100.00"))
    shop.deliver("order.updated", woo_order(status="cancelled", date_modified_gmt="2026-11-23T09:00:00"), WOO)
    assert shop.customer().orders[0].state == "cancelled"


def test_a_guest_is_known_by_his_address() -> None:
    shop = ShopWorld()
    shop.deliver("order.created", woo_order(customer_id=0), WOO)
    assert str(shop.log()[0].owner) == "email:ali@example.com"
    nobody = shop.deliver("order.created", woo_order(customer_id=0, billing={}), WOO)[1]
    assert (nobody["events"], nobody["warnings"][0]["field"]) == (0, "shop.order")


def test_a_customer_has_traits() -> None:
    shop = ShopWorld()
    customer = {
        "id": 26, "email": "ali@example.com", "first_name": "Ali", "last_name": "Kaya", "username": "ali",
        "date_created_gmt": "2026-01-01T00:00:00", "date_modified_gmt": None,
        "billing": {"phone": "0532 111 22 33", "city": "Ankara", "country": "TR"},
    }  # fmt: skip
    assert shop.deliver("customer.created", customer, WOO)[1]["events"] == 1
    traits = {name: one.value for name, one in shop.customer().traits.items()}
    assert (traits["firstName"], traits["address"]) == ("Ali", {"city": "Ankara", "country": "TR"})


def test_a_product_brings_its_price_and_its_stock() -> None:
    """Reduced from the regular price; what the shop does not count is not counted here, and a group costs nothing."""
    shop = ShopWorld()
    assert shop.deliver("product.updated", woo_product(), WOO)[1] == {
        "success": True, "events": 0, "products": 1, "levels": 1, "warnings": [],
    }  # fmt: skip
    shop.work()
    stored = shop.product("bere")
    assert stored is not None
    assert (stored.product.price, stored.product.sale_price) == (Decimal("199.95"), Decimal("149.95"))
    assert shop.on_hand("bere") == {"online": 12}
    for changed in (
        {"manage_stock": False, "id": 94, "sku": "a"},
        {"type": "variable", "id": 95, "sku": "b", "manage_stock": False},
    ):
        shop.deliver("product.updated", woo_product(**changed), WOO)
    shop.work()
    assert (shop.on_hand("a"), shop.product("a") is not None, shop.product("b")) == ({}, True, None)


def test_saving_a_webhook_asks_whether_the_address_is_there() -> None:
    """The question is not signed, says nothing and does nothing; nothing else goes unsigned."""
    shop = ShopWorld()
    headers = {"content-type": "application/x-www-form-urlencoded", "x-wc-webhook-signature": ""}
    assert shop.deliver("order.updated", b"webhook_id=12", WOO, SECRET, **headers)[0] == 200
    assert shop.deliver("order.updated", b"webhook_id=12&x=1", WOO, SECRET, **headers)[0] == 401
    assert shop.log() == []


def test_a_refund_in_another_currency_is_told_and_not_counted() -> None:
    shop = ShopWorld()
    refunds = [{"id": 800, "total": "-10.00", "currency": "EUR"}, {"id": 801, "total": "-20.00", "currency": "TRY"}]
    said = shop.deliver("order.updated", woo_order(refunds=refunds), WOO)[1]
    assert [one["field"] for one in said["warnings"]] == ["shop.refund"]
    assert shop.customer().orders[0].refunded == Decimal("20.00")
