"""Only the shop is heard, whatever is sent; nothing is lost, repeated or leaked."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.connectors.connector import Connector
from shared.domain.connectors.delivery import MOST_BYTES, WOOCOMMERCE, translate
from shared.domain.connectors.delivery import SHOPIFY as SHOPIFY_TOPICS
from tests.support.cases import also_long, cases
from tests.unit.connectors.shop_world import (
    SECRET,
    SHOPIFY,
    WOO,
    ShopWorld,
    headers_of,
    shopify_level,
    shopify_order,
    shopify_product,
    signature,
    woo_order,
    woo_product,
)
from tests.unit.ingest.world import http_event

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("connector", [SHOPIFY, WOO], ids=["shopify", "woocommerce"])
def test_only_the_shop_is_heard(connector: Connector, capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong secret, another body, no signature, no secret of ours, an unknown name: 401, counted, nothing stored."""
    shop = ShopWorld()
    topic, content = ("orders/create", shopify_order()) if connector is SHOPIFY else ("order.created", woo_order())
    header = "x-shopify-hmac-sha256" if connector is SHOPIFY else "x-wc-webhook-signature"
    signed = signature(json.dumps(content).encode(), SECRET)
    assert shop.deliver(topic, content, connector, "guessed")[0] == 401
    for wrong in ("", "ş" * 44, signed[:-2], signed.swapcase(), signed + "="):
        assert shop.deliver(topic, content, connector, SECRET, **{header: wrong})[0] == 401
    assert shop.deliver(topic, content, connector, SECRET, **{header: signature(b"{}", SECRET)})[0] == 401
    shop.hook_secrets[connector.secrets] = {"secret": "", "secret_next": ""}
    assert shop.deliver(topic, content, connector, "")[0] == 401
    unknown = http_event("POST", "/v1/hooks/shops/other", "{}", headers_of(connector, topic, signature(b"{}", SECRET)))
    assert shop.send(unknown)[0] == 401
    assert (shop.log(), shop.stock_work.bodies) == ([], [])
    assert capsys.readouterr().out.count('"webhook_unproven":[1') == 9
    [refused] = [one for one in shop.get("/v1/sources")[1]["items"] if one["name"] == connector.connector]
    assert refused["refused"] == [{"reason": "bad_signature", "count": 8}]


def test_a_delivery_of_another_shop_is_refused() -> None:
    """Of an app that several shops have installed, each with the same secret."""
    shop = ShopWorld()
    answer = shop.deliver(
        "orders/create", shopify_order(), SHOPIFY, SECRET, **{"x-shopify-shop-domain": "other.myshopify.com"}
    )
    assert (answer[0], shop.log()) == (401, [])
    assert (
        shop.deliver("order.created", woo_order(), WOO, SECRET, **{"x-wc-webhook-source": "https://evil.example"})[0]
        == 401
    )


def test_a_secret_is_changed_without_a_gap() -> None:
    """Old and new count together, as long as both are stored; the old one counts no more when it is gone."""
    shop = ShopWorld()
    shop.hook_secrets[SHOPIFY.secrets] = {"secret": "old", "secret_next": "new"}
    assert [shop.deliver("orders/create", shopify_order(), SHOPIFY, one)[0] for one in ("old", "new", "x")] == [
        200,
        200,
        401,
    ]
    shop.hook_secrets[SHOPIFY.secrets] = {"secret": "new"}
    assert [shop.deliver("orders/create", shopify_order(), SHOPIFY, one)[0] for one in ("old", "new")] == [401, 200]


def test_a_replayed_body_changes_nothing_whatever_its_headers_say() -> None:
    """Headers are not signed: a body that comes again under another number or topic is no second order."""
    shop = ShopWorld()
    shop.deliver("orders/create", shopify_order())
    shop.deliver("inventory_levels/update", shopify_level(3))
    shop.deliver("products/update", shopify_product())
    shop.work()
    before = (shop.customer(), shop.on_hand("mont-m"), len(shop.log()))
    for topic in (*SHOPIFY_TOPICS, "inventory_levels/update"):
        for content in (shopify_order(), shopify_level(3), shopify_product()):
            assert shop.deliver(topic, content, SHOPIFY, SECRET, **{"x-shopify-webhook-id": "another"})[0] == 200
    shop.work()
    kept = {one.name for one in shop.log()}
    assert kept <= {"Order Completed", "Order Updated", "Identified", "Checkout Started", "Cart Updated"}
    assert (shop.customer().orders, shop.on_hand("mont-m")) == (before[0].orders, before[1])


def test_bodies_that_cannot_be_read_are_refused() -> None:
    """Not JSON 400, too large 413, before anything is parsed; nothing of the body is in the answer."""
    shop = ShopWorld()
    for body in (b"{", b"\xff\xfe", b"", b"NaN}", b"[" * 100_000):
        status, said = shop.send(
            http_event(
                "POST", "/v1/hooks/shops/moda", body, headers_of(SHOPIFY, "orders/create", signature(body, SECRET))
            )
        )
        assert status == 400, body[:10]
        assert "{" not in json.dumps(said["message"])
    large = b'{"id": "' + b"x" * (MOST_BYTES + 1) + b'"}'
    assert shop.deliver("orders/create", large)[0] == 413
    assert shop.deliver("orders/create", b'{"note": "' + b"x" * (MOST_BYTES - 100) + b'"}')[0] == 200
    assert shop.log() == []


def test_an_order_of_a_thousand_products_fits() -> None:
    """The first products are kept, and the shop is told of the rest."""
    shop = ShopWorld()
    line = shopify_order()["line_items"][0]
    lines = [
        line | {"sku": f"sku-{place:04}" + "ş" * 80, "title": "ı" * 300, "vendor": "ç" * 100} for place in range(1_000)
    ]
    status, said = shop.deliver("orders/create", shopify_order(line_items=lines))
    assert (status, said["events"]) == (200, 2)
    assert {one["field"] for one in said["warnings"]} == {"shop.line_items"}
    assert len(shop.log()[0].properties["products"]) > 20


def test_quantities_of_any_kind_are_bounded() -> None:
    """Below zero is none; what is no number of pieces, or beyond a billion, is not taken."""
    taken: tuple[tuple[Any, dict[str, int]], ...] = ((-5, {}), (10**9, {"kadikoy": 10**9}), ("7", {"kadikoy": 7}))
    for said, kept in (*taken, *((wrong, {}) for wrong in (10**9 + 1, -(10**18), 1.5, None, True, "7e9"))):
        shop = ShopWorld()
        shop.deliver("products/update", shopify_product())
        assert shop.deliver("inventory_levels/update", shopify_level(said))[0] == 200
        shop.work()
        assert shop.on_hand("mont-m") == kept, said


def test_skus_of_any_writing_are_one_sku() -> None:
    """Composed or not, it is the same product, order line and level."""
    shop = ShopWorld()
    sku = "ğöm\u0301lek-Ş/1#🧥"
    shop.deliver("product.updated", woo_product(sku=sku), WOO)
    shop.deliver("order.created", woo_order(line_items=[{"sku": sku, "quantity": 1, "product_id": 93}]), WOO)
    shop.work()
    [(product, _, _)] = shop.customer().orders[0].products
    assert shop.on_hand(product) == {"online": 12}
    assert shop.product(product) is not None


def test_a_flood_is_answered_with_429_beyond_the_quota() -> None:
    """A connector without a quota is not limited: what it costs is one write of many items per delivery."""
    limited = SHOPIFY.model_validate(SHOPIFY.model_dump(exclude_none=True) | {"quota": {"events_per_minute": 100}})
    shop = ShopWorld(limited)
    statuses = [shop.deliver("orders/create", shopify_order(id=place + 1, name=f"#{place}"))[0] for place in range(200)]
    assert statuses == [200] * 50 + [429] * 150
    shop.clock.advance(timedelta(minutes=1))
    assert shop.deliver("orders/create", shopify_order(id=999))[0] == 200


def test_nothing_of_a_person_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        ShopWorld().deliver("orders/create", shopify_order())
    assert caplog.text
    assert not {"ayse", "905", "1001", "1299"} & set(caplog.text.replace('"', " ").split())
    assert "ayse" not in caplog.text


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just("2026-11-20T10:00:00Z"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_WHOLE: list[dict[str, Any]] = [shopify_order(), shopify_product(), shopify_level(), woo_order(), woo_product()]
_FIELDS = sorted({name for one in _WHOLE for name in one} | {"refunds", "fulfillments", "completed_at", "token"})


@given(
    base=st.sampled_from(_WHOLE),
    changed=st.dictionaries(st.sampled_from(_FIELDS), _JSON, max_size=6),
    topic=st.sampled_from([*SHOPIFY_TOPICS, "inventory_levels/update", *WOOCOMMERCE]),
)
@also_long
@cases(20)
def test_no_field_of_any_kind_breaks_a_translation(base: dict[str, Any], changed: dict[str, Any], topic: str) -> None:
    """Whatever a field holds: a translation, and whatever it gives is taken by the API or refused with a reason."""
    connector = WOO if topic in WOOCOMMERCE else SHOPIFY
    told = translate(connector, headers_of(connector, topic, ""), base | changed, lambda _path, _content: None)
    assert all(one.reason and len(one.reason) < 300 for one in told.unusable)
    from shared.domain.events.batch import Batch

    taken = ShopWorld().environment.intake.accept(
        Batch(told.events, None, frozenset()), connector.source, ShopWorld().clock.now()
    )
    assert taken.accepted + len(taken.rejected) == len(told.events)
