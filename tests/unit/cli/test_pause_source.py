"""`kervan keys pause` and `resume`."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from cli.main import run
from shared.domain.definitions.release import Release
from shared.domain.definitions.shop import Shop
from shared.stores.releases import Releases
from tests.unit.cli.test_quota_command import InMemory, held
from tests.unit.ingest.world import STORE_KEY, WEB_KEY, World, basic, http_event

pytestmark = pytest.mark.unit


@pytest.fixture
def world(connect: Callable[[World], None], monkeypatch: pytest.MonkeyPatch) -> World:
    world = World()
    connect(world)
    for module in ("keys", "pause_source"):
        monkeypatch.setattr(f"cli.commands.{module}.catalog_table", lambda _stage: InMemory(world))
    return world


def send(world: World, key: str) -> int:
    """The status of an event that comes more than a minute later, when what was known of the key is forgotten."""
    world.clock.advance(timedelta(minutes=2))
    return int(world.post("/v1/track", {"event": "Seen", "userId": "u"}, key=key)[0])


def test_a_paused_source_is_told_to_come_again(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """429 with Retry-After and nothing stored, also of a trusted source; the others are taken; then it has the quota
    that it had."""
    assert run(["keys", "quota", "store", "--events-per-day", "50"]) == 0
    capsys.readouterr()
    assert run(["keys", "pause", "store", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"sources": ["store"], "paused": True}
    assert (send(world, STORE_KEY), send(world, WEB_KEY)) == (429, 200)
    stored = len(world.customers.items())
    headers = basic(STORE_KEY)
    refused = world.answer(http_event("POST", "/v1/track", {"event": "Seen", "userId": "u"}, headers))
    assert 0 < int(refused["headers"]["retry-after"]) <= 60
    assert "the shop has paused this source" in refused["body"]
    assert len(world.customers.items()) == stored
    assert run(["sources"]) == 0
    assert "store: paused" in capsys.readouterr().out
    assert run(["keys", "list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["items"]
    assert {one["name"] for one in listed if one["paused"]} == {"store"}
    assert run(["keys", "resume", "store"]) == 0
    assert send(world, STORE_KEY) == 200
    found = world.environment.sources.find(STORE_KEY)
    assert found is not None
    assert found.quota.events_per_day == 50


def test_a_paused_source_signs_nobody_up(world: World) -> None:
    """Nor does its form cause a mail: whoever has its key could go on writing to strangers."""
    shop = Shop.model_validate({"name": "Shop", "consent_texts": {"1": {"tr": "Kabul ediyorum.", "en": "I agree."}}})
    Releases(world.catalog).publish(Release(0, shop))
    form = {"email": "ayse@example.com", "text_version": "1", "language": "tr", "writeKey": WEB_KEY}
    assert run(["keys", "pause", "web"]) == 0
    assert world.send(http_event("POST", "/v1/subscribe", form, {"content-type": "application/json"}))[0] == 429
    assert world.customers.items() == []
    assert run(["keys", "resume", "web"]) == 0
    world.clock.advance(timedelta(minutes=2))
    assert world.send(http_event("POST", "/v1/subscribe", form, {"content-type": "application/json"}))[0] == 202


def test_everything_can_be_paused(world: World) -> None:
    """And an admin key still reads customers."""
    before = held(world)
    assert run(["keys", "pause", "--all"]) == 0
    assert (send(world, STORE_KEY), send(world, WEB_KEY)) == (429, 429)
    assert world.get("/v1/segments")[0] == 200
    assert run(["keys", "resume", "--all"]) == 0
    assert (send(world, WEB_KEY), held(world)) == (200, before)


@pytest.mark.parametrize("arguments", [[], ["web", "--all"], ["nobody"], ["admin"]])
def test_wrong_use_is_told(world: World, arguments: list[str]) -> None:
    """And nothing changes."""
    for what in ("pause", "resume"):
        assert run(["keys", what, *arguments]) == 2
    assert send(world, WEB_KEY) == 200
