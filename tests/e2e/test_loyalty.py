"""A card in the store and a browser that nobody knew: what the one bought, the other is not reminded of."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cli.main import run
from tests.e2e.conftest import Kervan
from tests.e2e.test_cart_recovery import PRODUCT, sent

pytestmark = pytest.mark.e2e


def test_an_order_by_loyalty_number_stops_what_a_browser_began(
    kervan: Kervan, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The visitor's cart began it, the card's order ended it as soon as the two were one; the reason names both."""
    kervan.advance_until("10:00")
    web, store, server = kervan.channel("web"), kervan.channel("store"), kervan.channel("server")
    browser, card = {"anonymousId": f"browser-{name}"}, {"externalIds": [{"type": "loyalty", "id": f"L-{name}"}]}
    web.send("track", event="Product Added", properties=PRODUCT, **browser)
    kervan.advance(timedelta(minutes=20))
    order = {"order_id": f"S-{name}", "total": 899.9, "currency": "TRY", "products": [PRODUCT]}
    store.send("track", event="Order Completed", properties=order, context=card)
    kervan.advance(timedelta(minutes=10))
    [waiting] = kervan.customer(f"anonymous:browser-{name}")["journeys"]
    assert (waiting["journey"], waiting["state"]) == ("cart-recovery", "live")

    server.send("identify", userId=name, traits={"email": f"{name}@example.com", "language": "tr"}, context=card)
    server.send("track", userId=name, event="Consent Granted", properties={"channel": "email", "purpose": "marketing"})
    web.send("identify", userId=name, **browser)
    kervan.settle()
    runs = kervan.customer(f"user:{name}")["journeys"]
    [ended] = [one for one in runs if one["journey"] == "cart-recovery"]
    assert (ended["state"], ended["reason"]) == ("ended", "stopped_ordered")
    because = ended["evidence"]
    assert (because["order"], because["order_channel"]) == (f"S-{name}", "store")
    assert because["order_on"] == f"loyalty:L-{name}"
    assert because["link"] == [f"loyalty:L-{name}", f"user:{name}"]
    assert because["linked_by"]
    assert run(["customer", "show", f"user:{name}"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert f"by order S-{name}, store, loyalty:L-{name}, known by the link of loyalty:L-{name} to user:{name}" in said
    kervan.advance(timedelta(days=4))
    assert [step for step, _channel, _time in sent(kervan, name)] == []
