"""Payloads as they really come: API Gateway's, and what unmodified SDKs send."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from shared.stores.sources import add_source
from tests.unit.ingest.payloads import payload
from tests.unit.ingest.world import NOW, STORE, WEB, World

pytestmark = pytest.mark.unit


@pytest.fixture
def world() -> World:
    """A deployment a few seconds after the payloads were sent; their key belongs to the web shop."""
    world = World()
    world.clock.time = datetime(2026, 11, 22, 1, 59, 25, tzinfo=UTC)
    add_source(world.catalog, "neutral-key", WEB, created_at=NOW)
    return world


@pytest.mark.parametrize("name", ["plain", "gzip", "beacon"])
def test_api_gateway_payloads(world: World, name: str) -> None:
    """Plain, compressed and base64-encoded, and beacon requests of API Gateway all give the event."""
    status, answer = world.send(payload(f"api_gateway/{name}"))
    assert (status, answer["success"]) == (200, True)
    (event,) = world.events_of("user:42")
    assert (event.name, event.time) == ("Product Added", datetime(2026, 11, 22, 1, 59, 19, tzinfo=UTC))


def test_the_beacon_keeps_its_context(world: World) -> None:
    """What a browser says about page, zone and language is kept."""
    world.send(payload("api_gateway/beacon"))
    (event,) = world.events_of("user:42")
    assert event.context["timezone"] == "Europe/Istanbul"
    assert event.context["page"]["title"] == "Keten gömlek"
    assert [str(one) for one in event.claimable] == ["anonymous:a-1"]


def test_the_preflight_is_allowed(world: World) -> None:
    """A browser's OPTIONS gets 204."""
    assert world.send(payload("api_gateway/preflight"))[0] == 204


def test_segment_python(world: World) -> None:
    """segment-analytics-python: explicit nulls, six types in one batch, loyalty number, all accepted."""
    add_source(world.catalog, "neutral-key", STORE, created_at=NOW)
    status, answer = world.send(payload("sdk/segment_python"))
    assert (status, answer["accepted"], answer["rejected"]) == (200, 6, [])
    events = world.events_of("user:42")
    assert {event.type.value for event in events} == {"identify", "track", "page", "alias", "group", "screen"}
    identify = next(event for event in events if event.type == "identify")
    assert [str(one) for one in identify.claimable] == ["email:ayse@example.com", "loyalty:L7"]
    order = next(event for event in events if event.name == "Order Completed")
    assert order.time == datetime(2026, 11, 21, 9, 0, 0, 123000, tzinfo=UTC)
    assert order.properties["products"][0]["price"] == 249.9


def test_rudder_python(world: World) -> None:
    """rudder-sdk-python: compressed, traits of identify in the context."""
    assert payload("sdk/rudder_python")["isBase64Encoded"]
    assert world.send(payload("sdk/rudder_python"))[1]["accepted"] == 2
    identify, added = world.events_of("user:42")
    assert identify.traits == {"email": "ayse@example.com"}
    assert added.properties == {"product_id": "p-1", "quantity": 2}


def test_segment_node(world: World) -> None:
    """@segment/analytics-node: the key in the body, one page of an anonymous visitor."""
    assert world.send(payload("sdk/segment_node"))[1]["accepted"] == 3
    assert len(world.events_of("user:42")) == 2
    assert world.events_of("anonymous:a-1")[0].properties == {"name": "Home"}
