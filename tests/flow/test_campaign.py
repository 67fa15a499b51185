"""A campaign through every function: from the word to the mail, in each one's own zone, and not after a cancel."""

from __future__ import annotations

from typing import Any

import pytest

from tests.flow.deployment import Deployment, local
from tests.flow.recorder import START
from tests.flow.sources import consent

pytestmark = pytest.mark.flow

PEOPLE = {"ayse": "Europe/Istanbul", "mary": "America/New_York", "deniz": ""}
SALE: dict[str, Any] = {
    "campaign": "hello", "segment": "new", "send": "win-back", "purpose": "marketing", "channels": ["sms", "email"],
    "give": {"coupon": "HELLO10", "percent": 10, "valid": "72h"},
}  # fmt: skip


def buyers(deployment: Deployment) -> None:
    """Three new customers who agreed to e-mail, and one who did not."""
    for name, zone in {**PEOPLE, "kemal": ""}.items():
        traits = {"email": f"{name}@example.com", "firstName": name.title(), **({"time_zone": zone} if zone else {})}
        deployment.send("server", {"type": "identify", "userId": name, "traits": traits, "messageId": f"i-{name}"})
        if name in PEOPLE:
            deployment.send("server", *consent(name, "email"))
        order = {"order_id": f"o-{name}", "total": 100, "products": [{"product_id": "p1", "quantity": 1, "price": 100}]}
        bought = {"type": "track", "event": "Order Completed", "userId": name, "properties": order}
        deployment.send("store", bought | {"messageId": f"o-{name}"})
    deployment.settle()


def mails(deployment: Deployment) -> dict[str, float]:
    """Who got the campaign, and how many hours after Monday 10:00."""
    found = [one for one in deployment.sent if one.step == "campaign"]
    assert len(found) == len({one.to for one in found})
    return {one.to.split("@")[0]: (one.at - START).total_seconds() / 3600 for one in found}


def test_everybody_gets_it_at_ten_by_his_own_clock(deployment: Deployment) -> None:
    """Tuesday 10:00 in Istanbul and in New York; who never agreed is skipped, and the counts say so."""
    buyers(deployment)
    planned = deployment.ask("campaigns", body={"definition": SALE | {"at": "2026-11-24T10:00", "local_time": True}})
    assert (planned["state"], planned["estimate"]) == ("scheduled", 4)
    deployment.advance(local(48))
    assert mails(deployment) == {"ayse": 24, "deniz": 24, "mary": 32}
    shown = deployment.read("campaigns", "hello")
    assert (shown["state"], shown["outcomes"]) == ("done", {"no_consent": 1, "sent": 3})
    assert deployment.failures() == []


def test_cancelled_while_new_york_sleeps(deployment: Deployment) -> None:
    """Who had it keeps it, who waits gets none, and no timer is left."""
    buyers(deployment)
    deployment.ask("campaigns", body={"definition": SALE | {"at": "2026-11-24T10:00", "local_time": True}})
    deployment.advance(local(26))
    assert deployment.ask("campaigns", "hello", "cancel", body={})["state"] == "cancelled"
    deployment.advance(local(48))
    assert mails(deployment) == {"ayse": 24, "deniz": 24}
    assert deployment.read("campaigns", "hello")["waiting"] == 1
