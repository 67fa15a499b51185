"""Shopify's deliveries become events, products and stock; what cannot be used is told."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from functions.stock.on_queue import respond
from shared.domain.consent.consent import consent_state
from shared.domain.facts.orders import STORE_RETURN
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.stock.level import NO_RULES
from shared.domain.stock.request import Line, StockRequest
from shared.stores.consent_items import statements
from shared.stores.stock import StockStore
from tests.unit.connectors.shop_world import (
    NOW,
    WOO,
    ShopWorld,
    shopify_level,
    shopify_order,
    shopify_product,
    woo_order,
)
from tests.unit.ingest.world import STORE_KEY
from tests.unit.stock.stock_world import Invoked
from tests.unit.stock.telling_world import TellingWorld

pytestmark = pytest.mark.unit


def test_an_order_is_an_order_of_the_customer() -> None:
    """With its products, sums and coupon; the phone of the delivery address is not his."""
    shop = ShopWorld()
    assert shop.deliver("orders/create", shopify_order()) == (
        200, {"success": True, "events": 2, "products": 0, "levels": 0, "warnings": []},
    )  # fmt: skip
    completed, updated = shop.log()
    assert (completed.name, updated.name) == ("Order Completed", "Order Updated")
    assert [str(one) for one in completed.identifiers] == [
        "user:115310627314723954", "email:ayse@example.com", "phone:+905321112233",
    ]  # fmt: skip
    assert (completed.trusted, completed.source, completed.channel) == (True, "moda", "web")
    [order] = shop.customer().orders
    assert (order.id, order.total, order.currency, order.coupon, order.state) == (
        "#1001", Decimal("1299.90"), "TRY", "KIS10", "completed",
    )  # fmt: skip
    assert order.products == (("mont-m", 1, ""),)
    assert completed.properties["shipping"] == "49.90"


def test_a_refund_takes_money_back_once_it_succeeded() -> None:
    """Pieces that only come back, and money that failed, take nothing back."""
    shop = ShopWorld()
    paid = [
        {"kind": "refund", "status": "success", "amount": "300.00"},
        {"kind": "refund", "status": "failure", "amount": "999"},
    ]
    refunds = [
        {"id": 9, "created_at": "2026-11-21T10:00:00Z", "transactions": paid,
         "refund_line_items": [{"quantity": 1, "line_item_id": 1, "line_item": {"sku": "mont-m"}}]},
        {"id": 10, "created_at": "2026-11-21T11:00:00Z", "transactions": [], "refund_line_items": [{"quantity": 1}]},
    ]  # fmt: skip
    shop.deliver("orders/updated", shopify_order(refunds=refunds))
    [order] = shop.customer().orders
    assert order.refunded == Decimal("300.00")
    [refund] = [one for one in shop.log() if one.name == "Order Refunded"]
    assert refund.properties["products"] == [{"product_id": "mont-m", "quantity": 1}]


def test_a_parcel_is_shipped_tracked_and_delivered() -> None:
    """Told with the order or by itself, it is the same parcel."""
    parcel = {
        "id": 255858046, "name": "#1001.1", "status": "success", "created_at": "2026-11-21T09:00:00Z",
        "updated_at": "2026-11-22T09:00:00Z", "shipment_status": "delivered", "email": "ayse@example.com",
        "tracking_number": "1Z", "tracking_url": "https://kargo.example/1Z", "tracking_company": "Yurtiçi",
    }  # fmt: skip
    shop = ShopWorld()
    shop.deliver("orders/create", shopify_order())
    shop.deliver("fulfillments/update", parcel)
    shop.deliver("orders/updated", shopify_order(fulfillments=[parcel], updated_at="2026-11-22T09:00:00Z"))
    [order] = shop.customer().orders
    assert order.shipped_at is not None
    assert order.delivered_at is not None
    assert order.details["tracking_number"] == "1Z"
    # By its own delivery under the e-mail address, by that of the order under the customer.
    assert [one.message_id for one in shop.log() if one.name == "Order Shipped"] == ["moda-parcel-255858046"] * 2


def test_a_cancelled_order_is_cancelled() -> None:
    shop = ShopWorld()
    shop.deliver("orders/cancelled", shopify_order(cancelled_at="2026-11-21T09:00:00Z", cancel_reason="customer"))
    assert shop.customer().orders[0].state == "cancelled"


def test_a_checkout_is_a_cart_until_it_is_completed() -> None:
    """The last version counts, an empty one empties it; a completed one says nothing, as the order does."""
    shop = ShopWorld()
    order = shopify_order()
    checkout: dict[str, Any] = {
        "id": 1, "token": "t0k3n", "created_at": "2026-11-20T10:00:00Z", "updated_at": "2026-11-20T10:05:00Z",
        "completed_at": None, "email": "ayse@example.com", "currency": "TRY", "line_items": order["line_items"],
        "customer": order["customer"],
    }  # fmt: skip
    shop.deliver("checkouts/update", checkout)
    assert [(line.product_id, line.quantity) for line in shop.customer().cart.items] == [("mont-m", 1)]
    shop.deliver("checkouts/update", checkout | {"line_items": [], "updated_at": "2026-11-20T10:06:00Z"})
    shop.deliver("checkouts/create", checkout)
    assert shop.customer().cart.items == ()
    before = shop.log()
    shop.deliver("checkouts/update", checkout | {"completed_at": "2026-11-20T10:07:00Z"})
    assert shop.log() == before
    status, said = shop.deliver("checkouts/create", checkout | {"email": None, "customer": None})
    assert (status, said["events"]) == (200, 0)
    assert said["warnings"][0]["field"] == "shop.checkout"


def test_a_number_that_is_only_typed_ties_nobody() -> None:
    """Of a checkout: a mistyped number would make two customers one. Alone it says who it was."""
    shop = ShopWorld()
    checkout = {
        "token": "t", "created_at": "2026-11-20T10:00:00Z", "email": "ayse@example.com", "phone": "+905550001122",
        "line_items": [],
    }  # fmt: skip
    shop.deliver("checkouts/create", checkout)
    assert {str(who) for one in shop.log() for who in one.identifiers} == {"email:ayse@example.com"}
    other = ShopWorld()
    other.deliver("checkouts/create", checkout | {"email": None})
    assert {str(who) for one in other.log() for who in one.identifiers} == {"phone:+905550001122"}


def test_two_shops_that_count_from_one_have_no_customer_in_common() -> None:
    prefixed = WOO.model_copy(update={"user_prefix": "atolye-"})
    shop = ShopWorld(prefixed)
    shop.deliver("order.created", woo_order(), prefixed)
    assert str(shop.log()[0].owner) == "user:atolye-26"


def customer(**changed: Any) -> dict[str, Any]:
    return {
        "id": 115310627314723954, "email": "ayse@example.com", "phone": "+905321112233", "first_name": "Ayşe",
        "last_name": "Demir", "tags": "vip, izmir", "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-11-20T10:00:00Z",
        "default_address": {"city": "İzmir", "country_code": "TR", "zip": "35000", "phone": "+905559998877"},
        "email_marketing_consent": {"state": "subscribed", "opt_in_level": "confirmed_opt_in",
                                    "consent_updated_at": "2026-02-01T00:00:00Z"},
        "sms_marketing_consent": {"state": "unsubscribed", "consent_updated_at": "2026-03-01T00:00:00Z"},
        **changed,
    }  # fmt: skip


def test_a_customer_is_known_with_what_he_agreed_to() -> None:
    """Traits, a yes for e-mail, a no for text messages, each with its time; who never said anything says nothing."""
    shop = ShopWorld()
    assert shop.deliver("customers/update", customer())[1]["events"] == 3
    traits = {name: one.value for name, one in shop.customer().traits.items()}
    assert (traits["firstName"], traits["tags"], traits["address"]["city"]) == ("Ayşe", ["vip", "izmir"], "İzmir")
    said = [(one.name, one.properties["channel"], one.time.month) for one in shop.log() if "Consent" in one.name]
    assert said == [("Consent Granted", "email", 2), ("Consent Withdrawn", "sms", 3)]
    who = {"email": "email:ayse@example.com", "sms": "phone:+905321112233"}
    keys = {channel: shop.keys(parse_identifier(one)) for channel, one in who.items()}
    for channel, key in keys.items():
        known = [one for one, _ in statements(shop.customers, key)]
        assert consent_state(known, channel, "marketing", key, NOW).granted is (channel == "email")
    other = ShopWorld()
    quiet = {"state": "not_subscribed", "consent_updated_at": None}
    other.deliver("customers/create", customer(email_marketing_consent=quiet, sms_marketing_consent=None))
    assert [one.name for one in other.log()] == ["Identified"]


def test_a_yes_without_a_time_is_outweighed_by_every_no() -> None:
    shop = ShopWorld()
    yes = {"state": "subscribed", "consent_updated_at": None}
    shop.deliver("customers/create", customer(email_marketing_consent=yes, sms_marketing_consent=None))
    [granted] = [one for one in shop.log() if one.name == "Consent Granted"]
    assert granted.time.year == 2000


def test_a_product_is_one_product_for_each_variant() -> None:
    """Called by its sku, else by its number; reduced where the shop compares with a higher price."""
    shop = ShopWorld()
    assert shop.deliver("products/update", shopify_product())[1]["products"] == 2
    shop.work()
    medium, large = shop.product("mont-m"), shop.product("808950811")
    assert medium is not None
    assert large is not None
    assert (medium.product.name, medium.product.price, medium.product.sale_price, medium.product.group) == (
        "Kar montu, M", Decimal("1499.90"), Decimal("1299.90"), "632910392",
    )  # fmt: skip
    assert medium.product.url == "https://moda.example/products/kar-montu?variant=808950810"
    assert medium.product.image_url == "https://cdn.shopify.com/m.png"
    assert (large.product.availability, large.product.sale_price) == ("out_of_stock", None)


def test_a_level_is_counted_once_it_is_known_what_it_is_of() -> None:
    """Whichever of the two comes first."""
    for turned in (False, True):
        shop = ShopWorld()
        told = [("products/update", shopify_product()), ("inventory_levels/update", shopify_level(6))]
        for topic, content in reversed(told) if turned else told:
            assert shop.deliver(topic, content)[0] == 200
            shop.work()
        assert shop.on_hand("mont-m") == {"kadikoy": 6}


def test_the_worker_of_stock_takes_what_shops_told() -> None:
    """Beside the people whom it tells; a message that cannot be taken comes again, alone."""
    shop, telling = ShopWorld(), TellingWorld()
    shop.deliver("products/update", shopify_product())
    shop.deliver("inventory_levels/update", shopify_level(6))
    bodies = [*shop.stock_work.bodies, '{"kind": "shop", "connector": "moda", "levels": [["x"]]}']
    records = [{"messageId": str(place), "body": body} for place, body in enumerate(bodies)]
    failed = respond({"Records": records}, Invoked(), telling.worker, lambda: shop.worker)
    assert failed == {"batchItemFailures": [{"itemIdentifier": str(len(bodies) - 1)}]}
    assert shop.on_hand("mont-m") == {"kadikoy": 6}


def test_pieces_that_are_reserved_here_stay_reserved() -> None:
    """The shop knows nothing of them: what it has less is promised to nobody else, and nothing is refused."""
    shop = ShopWorld()
    shop.deliver("products/update", shopify_product())
    shop.deliver("inventory_levels/update", shopify_level(6))
    shop.work()
    now = shop.clock.now()
    request = StockRequest("r-1", (Line("reserve", "mont-m", "kadikoy", 4),), now)
    StockStore(shop.stock).reserve(request, now + timedelta(hours=1), lambda _location: NO_RULES)
    shop.deliver("inventory_levels/update", shopify_level(2, at="2026-11-20T11:00:00+03:00"))
    shop.work()
    [level] = StockStore(shop.stock).levels("mont-m")
    assert (level.level.on_hand, level.level.reserved, level.level.available) == (4, 4, 0)


def test_what_is_not_used_is_told_to_the_sender() -> None:
    """In the answer, and in the counts of the source."""
    shop = ShopWorld()
    for topic, content in (
        ("refunds/create", {"id": 1, "order_id": 2}),
        ("themes/publish", {"id": 1}),
        ("orders/create", shopify_order(test=True)),
        ("orders/create", shopify_order(email=None, customer=None)),
        ("products/update", shopify_product(variants=[{"id": 5, "price": "a lot"}])),
        ("inventory_levels/update", shopify_level("many")),
    ):
        status, said = shop.deliver(topic, content)
        assert (status, said["events"], len(said["warnings"])) == (200, 0, 1), topic
    [counted] = [one for one in shop.get("/v1/sources")[1]["items"] if one["name"] == "moda"]
    assert {(one["field"], one["reason"]) for one in counted["warnings"]} == {
        ("shop.topic", "not_supported"), ("shop.order", "test_order"), ("shop.order", "names_nobody"),
        ("shop.variants[]", "not_a_product"), ("shop.inventory_level.available", "not_a_quantity"),
    }  # fmt: skip
    assert shop.stock_work.bodies == []


def refunded(amount: str, currency: str | None, **order: Any) -> tuple[Any, list[Any]]:
    paid = {"kind": "refund", "status": "success", "amount": amount, "currency": currency}
    refund = {"id": 9, "created_at": "2026-11-21T10:00:00Z", "transactions": [paid]}
    shop = ShopWorld()
    answer = shop.deliver("orders/updated", shopify_order(total_price="1000.00", refunds=[refund], **order))[1]
    [found] = shop.customer().orders
    return found.refunded, [one["field"] for one in answer["warnings"]]


def test_a_refund_is_of_the_orders_currency() -> None:
    """Another one is converted by the order's own two totals; without them it is told and not counted."""
    both = {
        "shop_money": {"amount": "1000.00", "currency_code": "TRY"},
        "presentment_money": {"amount": "25.00", "currency_code": "EUR"},
    }
    assert refunded("400.00", "TRY") == (Decimal("400.00"), [])
    assert refunded("400.00", None) == (Decimal("400.00"), [])
    assert refunded("10.00", "EUR") == (Decimal("0.00"), ["shop.refund"])
    assert refunded("10.00", "EUR", total_price_set=both) == (Decimal("400.00"), [])
    assert refunded("10.00", "USD", total_price_set=both) == (Decimal("0.00"), ["shop.refund"])
    nothing = both | {"presentment_money": {"amount": "0.00", "currency_code": "EUR"}}
    assert refunded("10.00", "EUR", total_price_set=nothing) == (Decimal("0.00"), ["shop.refund"])


def test_a_return_in_store_and_the_shops_refund_of_it_are_one() -> None:
    """By the id of the refund, else by the same sum within 14 days; another sum, or a second one, is further money."""

    def sum_of(*returns: tuple[str, str, int]) -> Decimal:
        shop = ShopWorld()
        paid = {"kind": "refund", "status": "success", "amount": "400.00"}
        refund = {"id": 9, "created_at": "2026-11-21T10:00:00Z", "transactions": [paid]}
        shop.deliver("orders/updated", shopify_order(total_price="2000.00", refunds=[refund]))
        rows = [
            {
                "type": "track", "event": "Order Refunded", "messageId": f"r{place}", "userId": "115310627314723954",
                "timestamp": f"2026-11-{day:02}T10:00:00Z",
                "properties": {"order_id": "#1001", "refund_id": id_, "total": amount},
            }
            for place, (id_, amount, day) in enumerate(returns)
        ]  # fmt: skip
        assert shop.post("/v1/batch", {"batch": rows}, key=STORE_KEY)[0] == 200
        [found] = shop.customer().orders
        return found.refunded

    assert sum_of(("9", "400", 20)) == 400
    assert sum_of((STORE_RETURN + "a", "400", 20)) == 400
    assert sum_of((STORE_RETURN + "a", "399", 20)) == 799
    assert sum_of((STORE_RETURN + "a", "400", 5)) == 800
    assert sum_of((STORE_RETURN + "a", "400", 20), (STORE_RETURN + "b", "400", 21)) == 800
    assert sum_of(("other", "400", 20)) == 800
