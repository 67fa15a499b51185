"""The main job: a cart left behind becomes reminders at the right times, and an order on any channel ends them."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.e2e.conftest import Kervan

pytestmark = pytest.mark.e2e
PRODUCT = {
    "product_id": "p-7",
    "name": "Keten gömlek",
    "price": 899.9,
    "quantity": 1,
    "url": "https://shop.example/p/7",
}
ISTANBUL = ZoneInfo("Europe/Istanbul")


def leave_cart(kervan: Kervan, name: str) -> None:
    """A customer with consent for e-mail only leaves a cart on the web."""
    server, web = kervan.channel("server"), kervan.channel("web")
    server.send(
        "identify", userId=name, traits={"email": f"{name}@example.com", "firstName": "Deniz", "language": "tr"}
    )
    server.send("track", userId=name, event="Consent Granted", properties={"channel": "email", "purpose": "marketing"})
    web.send("identify", userId=name, anonymousId=f"browser-{name}")
    web.send("track", userId=name, anonymousId=f"browser-{name}", event="Product Added", properties=PRODUCT)
    kervan.settle()


def sent(kervan: Kervan, name: str) -> list[tuple[str, str, str]]:
    """Step, channel and local time of what was delivered to this customer's address."""
    return [
        (item["step"], item["channel"], f"{datetime.fromisoformat(item['sent_at']).astimezone(ISTANBUL):%a %H:%M}")
        for item in kervan.outbox()
        if item["to"] == f"{name}@example.com"
    ]


def test_a_cart_left_at_ten_is_reminded_after_1_24_and_72_hours(kervan: Kervan, name: str) -> None:
    """One message each at +1 h, +24 h and +72 h, and no other in four days."""
    kervan.advance_until("10:00")
    left = kervan.now()
    leave_cart(kervan, name)
    kervan.advance(timedelta(days=4))
    days = [f"{(left + timedelta(hours=hours)).astimezone(ISTANBUL):%a}" for hours in (1, 24, 72)]
    assert sent(kervan, name) == [
        ("reminder", "email", f"{days[0]} 11:00"),
        ("offer", "email", f"{days[1]} 10:00"),
        ("last", "email", f"{days[2]} 10:00"),
    ]


def test_a_cart_left_in_the_evening_is_reminded_at_nine(kervan: Kervan, name: str) -> None:
    """A reminder that falls due at 20:30, outside the send hours, waits until 09:00."""
    kervan.advance_until("19:30")
    leave_cart(kervan, name)
    kervan.advance(timedelta(hours=13, minutes=29))
    assert sent(kervan, name) == []
    kervan.advance(timedelta(minutes=2))
    assert [(step, time.split()[1]) for step, _channel, time in sent(kervan, name)] == [("reminder", "09:00")]


def test_an_order_in_the_store_ends_it_and_the_reason_is_shown(kervan: Kervan, name: str) -> None:
    """After a purchase on another channel only its confirmation is sent, and the enrollment says why it ended."""
    kervan.advance_until("10:00")
    leave_cart(kervan, name)
    kervan.advance(timedelta(hours=1, minutes=1))
    order = {"order_id": f"o-{name}", "total": 899.9, "currency": "TRY", "products": [PRODUCT]}
    kervan.channel("store").send("track", userId=name, event="Order Completed", properties=order)
    kervan.advance(timedelta(days=4))
    assert [step for step, _channel, _time in sent(kervan, name)] == ["reminder", "confirmed"]
    runs = [run for run in kervan.customer(f"user:{name}")["journeys"] if run["journey"] == "cart-recovery"]
    assert [(run["state"], run["reason"]) for run in runs] == [("ended", "stopped_ordered")]


def test_two_devices_are_one_customer_with_one_cart(kervan: Kervan, name: str) -> None:
    """What was put into the cart on the phone, unknown, is in the cart after signing in on phone and desktop."""
    phone, web = kervan.channel("mobile"), kervan.channel("web")
    device = {"device": {"id": f"device-{name}", "type": "ios", "token": f"token-{name}"}}
    phone.send("track", anonymousId=f"app-{name}", event="Product Added", properties=PRODUCT, context=device)
    web.send("identify", userId=name, anonymousId=f"browser-{name}")
    phone.send("identify", userId=name, anonymousId=f"app-{name}", context=device)
    kervan.settle()
    customers = [
        kervan.customer(f"{kind}") for kind in (f"user:{name}", f"anonymous:app-{name}", f"anonymous:browser-{name}")
    ]
    assert len({customer["id"] for customer in customers}) == 1
    assert [item["product_id"] for item in customers[0]["cart"]["items"]] == ["p-7"]
