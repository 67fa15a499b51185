"""A public key fills a customer with withdrawals, through every function: they hold, and he can agree again."""

from __future__ import annotations

from typing import Any

import pytest

from tests.flow.deployment import Deployment, local
from tests.flow.sources import consent
from tests.flow.test_cart_recovery import cart, known

pytestmark = pytest.mark.flow


def withdrawal(number: int, purpose: str = "", **who: str) -> dict[str, Any]:
    properties = {"channel": "email", "purpose": purpose or f"p{number}"}
    return {"type": "track", "event": "Consent Withdrawn", "messageId": f"w-{number}", "properties": properties, **who}


def said(deployment: Deployment) -> list[dict[str, Any]]:
    return list(deployment.read("customers", "user:ayse", "consents", limit="1000")["items"])


def test_a_withdrawal_in_a_flood_holds_until_she_agrees_again(deployment: Deployment) -> None:
    """It is the last of many, of invented purposes; told again it is one. The next cart is reminded after a new
    consent."""
    known(deployment, "email")
    flood = [withdrawal(number, userId="ayse") for number in range(45)]
    deployment.send("web", *flood, withdrawal(45, "marketing", userId="ayse"))
    deployment.settle()
    before = said(deployment)
    assert sum(one["folded"]["count"] if one["folded"] else 1 for one in before) == 1 + 46
    assert len(before) <= 1 + 72
    cart(deployment, userId="ayse")
    deployment.advance(local(2))
    assert deployment.sent == []
    deployment.send("store", *[one | {"messageId": "again"} for one in consent("ayse", "email")])
    deployment.advance(local(2.5))
    deployment.send("web", *[one | {"timestamp": "2026-11-23T07:00:00+00:00"} for one in flood])
    deployment.settle()
    cart(deployment, userId="ayse", messageId="second")
    deployment.advance(local(4))
    assert [one.to for one in deployment.sent] == ["ayse@example.com"]


def test_two_who_become_one_bring_what_each_withdrew(deployment: Deployment) -> None:
    """A flood in a browser, then she signs in there: it counts for her, and no more when the link is released."""
    known(deployment, "email")
    deployment.send("web", {"type": "page", "name": "Home", "anonymousId": "browser"})
    deployment.send("web", *[withdrawal(number, "marketing", anonymousId="browser") for number in range(40)])
    deployment.settle()
    held = deployment.read("customers", "user:ayse", "consents")["now"]
    assert [one["granted"] for one in held if (one["channel"], one["purpose"]) == ("email", "marketing")] == [True]
    deployment.send("web", {"type": "identify", "userId": "ayse", "anonymousId": "browser"})
    deployment.settle()
    held = deployment.read("customers", "user:ayse", "consents")["now"]
    assert [one["granted"] for one in held if (one["channel"], one["purpose"]) == ("email", "marketing")] == [False]
    release = {"owner": "user:ayse", "reason": "a stranger's"}
    deployment.ask("customers", "anonymous:browser", "release", body=release)
    deployment.settle()
    held = deployment.read("customers", "user:ayse", "consents")["now"]
    assert [one["granted"] for one in held if (one["channel"], one["purpose"]) == ("email", "marketing")] == [True]
