"""A pool of codes through every function: imported over HTTP, shown in the offer, on the customer's timeline."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared.domain.coupons.definition import CouponDefinition
from shared.stores.releases import Releases
from tests.flow.deployment import Deployment, local
from tests.flow.sources import consent
from tests.support.ready_definitions import ready_bundle

pytestmark = pytest.mark.flow


def test_each_customer_is_shown_a_code_of_his_own_until_there_is_none(deployment: Deployment) -> None:
    """Two carts, one code: the offer of the first shows it, the second is told nothing, and why can be asked."""
    pool = CouponDefinition(coupon="CART10", codes="imported")
    Releases(deployment.tables["catalog"]).publish(replace(ready_bundle().release(), coupons=(pool,)))
    deployment.restart()
    assert deployment.ask("coupons", "CART10", "codes", body={"codes": ["KIS-7"]})["new"] == 1
    for name in ("ayse", "can"):
        who = {"email": f"{name}@example.com", "firstName": name, "language": "tr"}
        deployment.send("server", {"type": "identify", "userId": name, "traits": who}, *consent(name, "email"))
        shirt = {"product_id": "shirt", "name": "Keten gömlek", "price": 899.9, "quantity": 1}
        added = {"type": "track", "event": "Product Added", "userId": name, "properties": shirt}
        deployment.send("web", {**added, "messageId": f"cart-{name}"})
    deployment.advance(local(26))
    told = [
        message
        for name in ("ayse", "can")
        for message in deployment.read("customers", f"user:{name}", "messages")["items"]
        if message["step"] == "offer"
    ]
    [sent] = [message for message in told if message["state"] == "sent"]
    [skipped] = [message for message in told if message["reason"] == "coupon_pool_empty"]
    assert (sent["coupon"], skipped["coupon"], skipped["detail"]) == ("KIS-7", None, "CART10")
    assert deployment.read("coupons")["items"][0]["free"] == 0
    found = deployment.read("coupons", "CART10", "codes", "KIS-7")
    assert (found["message_id"], found["percent"]) == (sent["message_id"], 10)
    lines = [
        line
        for name in ("ayse", "can")
        for line in deployment.read("customers", f"user:{name}", "timeline", name="Email Sent")["items"]
    ]
    assert [line["properties"]["coupon"] for line in lines if "coupon" in line["properties"]] == ["KIS-7"]
