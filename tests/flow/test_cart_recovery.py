"""The main job through every function: a cart left on the phone becomes a reminder."""

from __future__ import annotations

from typing import Any

import pytest

from tests.flow.deployment import Deployment, local
from tests.flow.recorder import START, Sent
from tests.flow.sources import consent

pytestmark = pytest.mark.flow

SHIRT = {"product_id": "shirt", "name": "Keten gömlek", "price": 899.9, "quantity": 1}
AYSE = {"email": "ayse@example.com", "firstName": "Ayşe", "language": "tr"}


def known(deployment: Deployment, *channels: str) -> None:
    """Ayşe is a customer of the shop who agreed to hear from it."""
    deployment.send("server", {"type": "identify", "userId": "ayse", "traits": AYSE}, *consent("ayse", *channels))


def cart(deployment: Deployment, **who: Any) -> None:
    deployment.send("web", {"type": "track", "event": "Product Added", "properties": SHIRT, **who})


def told(sent: list[Sent]) -> list[tuple[float, str, str]]:
    """(hours after Monday 10:00, channel, address)"""
    return [(round((one.at - START).total_seconds() / 3600, 2), one.channel, one.to) for one in sent]


def test_a_cart_of_the_morning_is_reminded_three_times(deployment: Deployment) -> None:
    """Left at 10:00: one message after one hour, one after 24, one after 72, and no more."""
    known(deployment, "email")
    cart(deployment, userId="ayse", anonymousId="browser")
    deployment.advance(local(200))
    assert told(deployment.sent) == [(hour, "email", "ayse@example.com") for hour in (1, 24, 72)]


def test_a_cart_of_the_evening_waits_for_the_morning(deployment: Deployment) -> None:
    """Left at 19:30: the first message goes out at 09:00, inside the send hours."""
    known(deployment, "email")
    deployment.advance(local(9.5))
    cart(deployment, userId="ayse")
    deployment.advance(local(24))
    assert told(deployment.sent) == [(23, "email", "ayse@example.com")]


def test_an_order_in_the_store_stops_what_the_unknown_visitor_began(deployment: Deployment) -> None:
    """A cart of an unknown visitor, then the sign-in, then a purchase by loyalty card: confirmed, and nothing more."""
    known(deployment, "email")
    cart(deployment, anonymousId="browser")
    deployment.settle()
    deployment.send("web", {"type": "identify", "userId": "ayse", "anonymousId": "browser"})
    card = {"externalIds": [{"type": "loyalty", "id": "L7"}]}
    deployment.send("server", {"type": "identify", "userId": "ayse", "context": card, "messageId": "card"})
    deployment.advance(local(2))
    assert told(deployment.sent) == [(1, "email", "ayse@example.com")]
    order = {"order_id": "S-1", "total": 500, "products": [{"product_id": "socks", "quantity": 1, "price": 500}]}
    deployment.send("store", {"type": "track", "event": "Order Completed", "context": card, "properties": order})
    deployment.advance(local(200))
    assert told(deployment.sent) == [(1, "email", "ayse@example.com"), (2, "email", "ayse@example.com")]
    runs = {run["journey"]: run for run in deployment.read("customers", "user:ayse")["journeys"]}
    assert runs["cart-recovery"]["reason"] == "stopped_ordered"
    assert "S-1" in str(runs["cart-recovery"])


def test_without_consent_nothing_is_sent_and_the_reason_is_kept(deployment: Deployment) -> None:
    """Nobody agreed: no message, and asking why has an answer."""
    known(deployment)
    cart(deployment, userId="ayse")
    deployment.advance(local(200))
    assert deployment.sent == []
    reasons = {message["reason"] for message in deployment.read("customers", "user:ayse", "messages")["items"]}
    assert "no_consent" in reasons


def test_a_public_key_grants_no_consent(deployment: Deployment) -> None:
    """Whoever reads the web shop's key cannot agree in somebody's name."""
    known(deployment)
    deployment.send("web", *consent("ayse", "email"))
    cart(deployment, userId="ayse")
    deployment.advance(local(200))
    assert deployment.sent == []


def test_a_poisoned_record_blocks_nobody(deployment: Deployment) -> None:
    """An item that no function wrote goes to the failure queue by its key; the cart beside it is reminded."""
    known(deployment, "email")
    deployment.poison("u.poison", "t#2026-11-23T07:00:00.000Z#m#p", name="Product Added", data="{broken")
    cart(deployment, userId="ayse")
    deployment.advance(local(2))
    assert len(deployment.sent) == 1
    assert [failure["pk"] for failure in deployment.failures()] == ["u.poison"]


def test_an_emptied_cart_is_not_reminded(deployment: Deployment) -> None:
    """Who takes everything out of the cart hears nothing of it."""
    known(deployment, "email")
    cart(deployment, userId="ayse")
    deployment.advance(local(0.5))
    removed = {"type": "track", "event": "Product Removed", "userId": "ayse", "properties": {"product_id": "shirt"}}
    deployment.send("web", removed)
    deployment.advance(local(200))
    assert deployment.sent == []


def test_everything_delivered_twice_sends_nothing_twice(deployment: Deployment) -> None:
    """The same batches again, hours later: one customer, one message."""
    for _ in range(2):
        known(deployment, "email")
        cart(deployment, userId="ayse")
        deployment.settle()
    deployment.advance(local(1))
    deployment.tick()
    deployment.settle()
    assert len(deployment.sent) == 1
