"""The first thing that an engineer tries after `make run`."""

from __future__ import annotations

import base64
import json

import pytest

from tests.e2e.conftest import Kervan

pytestmark = pytest.mark.e2e


def test_an_event_sent_as_by_curl_is_in_the_customers_timeline(kervan: Kervan, name: str) -> None:
    """One POST with a write key is accepted, and the customer and the event are there to be read."""
    event = {"userId": name, "event": "Product Viewed", "properties": {"product_id": "p1"}}
    headers = {
        "content-type": "application/json",
        "authorization": "Basic " + base64.b64encode(f"{kervan.write_keys['web']}:".encode()).decode(),
    }
    status, _headers, answer = kervan.http("POST", "/v1/track", json.dumps(event).encode(), headers)
    assert (status, answer["success"]) == (200, True)
    kervan.settle()
    assert f"user:{name}" in json.dumps(kervan.customer(f"user:{name}")["identifiers"])
    assert "Product Viewed" in json.dumps(kervan.timeline(f"user:{name}"))


def test_a_wrong_key_is_401(kervan: Kervan, name: str) -> None:
    """Nothing is taken from a source that is not registered."""
    status, _headers, answer = kervan.http(
        "POST",
        "/v1/track",
        json.dumps({"userId": name, "event": "X", "writeKey": "nope"}).encode(),
        {"content-type": "application/json"},
    )
    assert status == 401
    assert set(answer) >= {"error", "message"}


def test_compressed_bodies_arrive_whole(kervan: Kervan, name: str) -> None:
    """A gzip body, as rudder-sdk-python sends it, is read and its event is kept."""
    import gzip

    body = {"batch": [{"type": "track", "userId": name, "event": "Zipped"}], "writeKey": kervan.write_keys["web"]}
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    status, _headers, answer = kervan.http("POST", "/v1/batch", gzip.compress(json.dumps(body).encode()), headers)
    assert (status, answer["accepted"]) == (200, 1)
    kervan.settle()
    assert "Zipped" in json.dumps(kervan.timeline(f"user:{name}"))
