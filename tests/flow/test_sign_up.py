"""From the shop's form to the first commercial message: only a mailbox that confirmed gets it."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest

from functions.ingest import api
from shared.http.request import Request
from tests.flow.deployment import Deployment, local
from tests.flow.test_cart_recovery import cart

pytestmark = pytest.mark.flow
FORM = {"email": "Ayse@Example.com", "language": "en", "text_version": "2026-11", "writeKey": "web"}


def ask(deployment: Deployment, method: str, *path: str, body: str = "") -> dict[str, Any]:
    request = Request(method, path, {"content-type": "application/json"}, {}, body, encoded=False, ip="192.0.2.7")
    return api.route(request, lambda: deployment.ingest)


def links(deployment: Deployment) -> list[str]:
    found = []
    for sent in deployment.sent:
        found += re.findall(r"https://api\.example\.com/s/([\w-]+)", getattr(sent.content, "html", ""))
    return found


def test_subscribe_confirm_receive(deployment: Deployment) -> None:
    """The mail comes at once, also at night; the cart reminder only after the confirmation, and the proof names it."""
    assert ask(deployment, "POST", "v1", "subscribe", body=json.dumps(FORM))["statusCode"] == 202
    deployment.advance(local(0.1))
    (mail,) = deployment.sent
    assert mail.to == "ayse@example.com"
    (token,) = set(links(deployment))
    deployment.send("server", {"type": "identify", "userId": "ayse", "traits": {"email": "ayse@example.com"}})
    cart(deployment, userId="ayse")
    deployment.advance(local(5))
    assert len(deployment.sent) == 1
    assert ask(deployment, "GET", "s", token)["statusCode"] == 200
    assert deployment.read("customers", "email:ayse@example.com", "consents")["items"] == []
    assert ask(deployment, "POST", "s", token)["statusCode"] == 200
    deployment.advance(local(80))
    assert len(deployment.sent) > 1
    (proof,) = deployment.read("customers", "email:ayse@example.com", "consents")["items"]
    assert (proof["said"], proof["origin"], proof["text_version"]) == ("granted", "double_opt_in", "2026-11")
    (sent,) = [
        one
        for one in deployment.read("customers", "email:ayse@example.com", "messages")["items"]
        if one["template"] == "confirm-subscription"
    ]
    assert proof["link_message"] == sent["message_id"]


def test_an_event_that_only_looks_like_a_sign_up_sends_nothing(deployment: Deployment) -> None:
    """Whoever holds the public key can post the event, and cannot make a ticket."""
    properties = {"channel": "email", "double_opt_in": True, "sign_up": "x", "ticket": "forged"}
    event = {"type": "track", "event": "Subscription Requested", "userId": "ayse", "properties": properties}
    deployment.send("server", {"type": "identify", "userId": "ayse", "traits": {"email": "ayse@example.com"}})
    deployment.send("web", event)
    deployment.advance(local(0) + timedelta(hours=2))
    assert deployment.sent == []


def test_a_phone_confirms_by_the_code_of_its_message(deployment: Deployment) -> None:
    """The text message comes at once, also at night, and no operator can read the code in the timeline."""
    form = {"phone": "0532 111 22 33", "language": "tr", "text_version": "2026-11-sms", "writeKey": "web"}
    answer = ask(deployment, "POST", "v1", "subscribe", body=json.dumps(form))
    name = json.loads(answer["body"])["sign_up"]
    deployment.advance(local(0.1))
    (sent,) = deployment.sent
    text = getattr(sent.content, "text", "")
    (code,) = re.findall(r"\b[0-9]{6}\b", text)
    assert (sent.to, "http" in text) == ("+905321112233", False)
    phone = "phone:+905321112233"
    (kept,) = deployment.read("customers", phone, "messages")["items"]
    assert (kept["template"], code in json.dumps(kept)) == ("confirm-phone", False)
    assert code not in json.dumps(deployment.read("customers", phone, "timeline"))
    assert deployment.read("customers", phone, "consents")["items"] == []
    body = json.dumps({"sign_up": name, "code": code})
    assert ask(deployment, "POST", "v1", "subscribe", "confirm", body=body)["statusCode"] == 200
    (proof,) = deployment.read("customers", phone, "consents")["items"]
    assert (proof["said"], proof["channel"], proof["origin"]) == ("granted", "sms", "double_opt_in")
