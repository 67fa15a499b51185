"""With the public key of a web page nobody can say that somebody else ordered."""

from __future__ import annotations

from datetime import timedelta

from tests.e2e.conftest import Kervan


def test_a_guessed_order_holds_the_reminder_and_counts_for_nothing(kervan: Kervan, name: str) -> None:
    """It is shown and waits; the shop's own word an hour later makes it an order, with a confirmation."""
    user, web, server = f"{name}-guessed", kervan.channel("web"), kervan.channel("server")
    kervan.advance_until("10:00")
    traits = {"email": f"{user}@example.com", "firstName": "Ece", "language": "en"}
    server.send("identify", userId=user, traits=traits)
    consent = {"channel": "email", "purpose": "marketing"}
    server.send("track", userId=user, event="Consent Granted", properties=consent)
    order = {"order_id": f"{user}-1", "total": "9.999,90", "currency": "TRY", "products": [{"product_id": "x"}]}
    web.send("track", userId=user, event="Order Completed", properties=order)
    kervan.advance(timedelta(minutes=5))
    found = kervan.customer(f"user:{user}")
    assert found["orders"]["count"] == 0
    assert [one["id"] for one in found["orders"]["provisional"]] == [order["order_id"]]
    assert "high-value" not in found["segments"]
    assert kervan.messages(f"user:{user}") == []
    line = next(one for one in kervan.timeline(f"user:{user}") if one["event"] == "Order Completed")
    assert line["provisional"] is True

    server.send("track", userId=user, event="Order Completed", properties=order)
    kervan.advance(timedelta(minutes=5))
    found = kervan.customer(f"user:{user}")
    assert (found["orders"]["count"], found["orders"]["total"]) == (1, 9999.9)
    assert "provisional" not in found["orders"]
    assert [one["step"] for one in kervan.messages(f"user:{user}")] == ["confirmed"]
    assert not any(one.get("provisional") for one in kervan.timeline(f"user:{user}"))
