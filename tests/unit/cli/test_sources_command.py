"""`kervan sources` against the real answers of the API."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from cli.main import run
from shared.stores.source_counters import count_failed
from tests.unit.ingest.world import STORE, STORE_KEY, World

pytestmark = pytest.mark.unit


@pytest.fixture
def world(connect: Callable[[World], None]) -> World:
    """The deployment that the command asks."""
    world = World()
    connect(world)
    return world


def test_nothing_was_sent_yet(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """A new shop is told so instead of an empty table."""
    assert run(["sources"]) == 0
    assert "no source sent anything within eight days" in capsys.readouterr().out


def test_sources_and_what_of_them_cannot_be_used_are_shown(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """One line per source, then one per reason; the same as JSON."""
    order = {"event": "Order Completed", "userId": "42", "properties": {"order_id": "O-1", "total": "abc"}}
    world.post("/v1/track", order, key=STORE_KEY)
    world.post("/v1/track", {"userId": "42"}, key=STORE_KEY)
    world.post("/v1/track", order, key="nobody-holds-this")
    count_failed(world.metrics, STORE, world.clock.now())
    assert run(["sources"]) == 0
    shown = capsys.readouterr().out
    assert "store: 1 warning, properties.total not_an_amount" in shown
    assert "store: 1 refused, bad_name" in shown
    assert "store: 1 failed, accepted and then not processed; see the failure queue" in shown
    assert "(unknown key): 1 refused, unknown_key" in shown
    assert "Sources since 2026-11-21 11:00 UTC" in shown
    assert "2026-11-22 10:00 " in shown  # to the minute
    assert run(["sources", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == world.get("/v1/sources")[1]
