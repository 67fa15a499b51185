"""One event through every function: the log lines lead from the request to the provider's id of the message."""

from __future__ import annotations

import json
import logging
import re

import pytest

from functions.ingest import api
from shared.http.request import read_request
from tests.flow.deployment import Deployment, local
from tests.flow.sources import consent
from tests.flow.test_cart_recovery import AYSE, SHIRT

pytestmark = pytest.mark.flow
REQUEST = "Jx2k1hQRFiAEMVg="


def one(pattern: str, lines: list[str]) -> re.Match[str]:
    """The one line that matches: a chain that forks leads nowhere."""
    [found] = [match for line in lines if (match := re.search(pattern, line))]
    return found


def test_logs_lead_from_the_request_to_the_provider(deployment: Deployment, caplog: pytest.LogCaptureFixture) -> None:
    """Forwards: request, event, enrollment, message, provider. No line holds anything of the person."""
    caplog.set_level(logging.INFO)
    deployment.send("server", {"type": "identify", "userId": "ayse", "traits": AYSE}, *consent("ayse", "email"))
    deployment.settle()
    body = {"type": "track", "event": "Product Added", "userId": "ayse", "anonymousId": "tarayici-7",
            "messageId": "ayse@example.com-1", "timestamp": deployment.clock.at.isoformat(),
            "properties": SHIRT, "writeKey": "web"}  # fmt: skip
    context = {"requestId": REQUEST, "http": {"method": "POST", "sourceIp": "203.0.113.77"}}
    event = {"rawPath": "/v1/track", "requestContext": context, "body": json.dumps(body)}
    assert api.route(read_request(event), lambda: deployment.ingest)["statusCode"] == 200
    deployment.advance(local(1))

    lines = [record.getMessage() for record in caplog.records if record.name.startswith("kervan.")]
    trace = one(rf"^request {re.escape(REQUEST)} stored events (\w+)$", lines)[1]
    one(rf"^folded \d+ events of \d+ people: .*\b{trace}\b", lines)
    enrollment = one(rf"^event {trace} began enrollment (\w+) of cart-recovery$", lines)[1]
    message, provider = one(rf"^(\w+) sent  enrollment {enrollment} provider (\S+)$", lines).groups()
    record = deployment.ledger.get(message)
    assert record is not None
    assert record.outcome is not None
    assert getattr(record.outcome, "provider_id", None) == provider
    assert len(provider) > 10
    said = "\n".join(lines).lower()
    assert not [word for word in ("ayse", "ayşe", "example.com", "tarayici", "203.0.113", "shirt") if word in said]
