"""A message's links on all functions: what was sent leads through us, and what the recipient does is heard."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from functions.ingest import api
from shared.http.request import Request
from tests.flow.deployment import Deployment, local
from tests.flow.test_cart_recovery import cart, known

pytestmark = pytest.mark.flow
OWN = "https://api.example.com"
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36"


def follow(deployment: Deployment, address: str) -> dict[str, Any]:
    """The recipient's browser asks for an address of ours."""
    path = tuple(address.removeprefix(f"{OWN}/").split("/"))
    request = Request("GET", path, {"user-agent": CHROME}, {}, "", encoded=False, ip="192.0.2.7")
    return api.route(request, lambda: deployment.ingest)


def test_opened_and_clicked(deployment: Deployment) -> None:
    """The reminder's button leads to the cart with the campaign's parameters; open and click stand in the timeline."""
    known(deployment, "email")
    cart(deployment, userId="ayse")
    deployment.advance(local(2))
    (reminder,) = deployment.sent
    addresses = [unescape(found) for found in re.findall(r'<a [^>]*href="([^"]*)"', reminder.content.html)]
    ours = [address for address in addresses if address.startswith(f"{OWN}/l/")]
    plain = {address for address in addresses if "/v1/unsubscribe/" in address or "/p/" in address}
    assert len(plain) == 2
    assert ours
    assert all(address in ours or not address.startswith("https://") or address in plain for address in addresses)
    (pixel,) = re.findall(rf'src="({OWN}/o/[^"]*)"', reminder.content.html)
    assert set(re.findall(rf"{OWN}/l/[\w-]+", reminder.content.text)) <= set(ours)

    assert follow(deployment, pixel)["statusCode"] == 200
    answer = follow(deployment, ours[0])
    assert answer["statusCode"] == 302
    assert answer["headers"]["location"].startswith("https://shop.example/")
    for parameter in ("utm_source=kervan", "utm_medium=email", "utm_campaign=cart-recovery", "utm_content=reminder"):
        assert parameter in answer["headers"]["location"]
    deployment.settle()
    told = deployment.read("customers", "user:ayse", "timeline")["items"]
    names = [entry.get("event") or entry.get("name") for entry in told]
    assert {"Email Opened", "Email Link Clicked"} <= set(names)
    engagement = deployment.read("customers", "user:ayse")["profile"]["engagement"]["channels"]["email"]
    assert (engagement["opened"], engagement["clicked"]) == (1, 1)
