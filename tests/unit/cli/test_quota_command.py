"""`kervan keys quota`, and the quota in `kervan sources`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from cli.main import run
from tests.unit.ingest.world import WEB_KEY, World

pytestmark = pytest.mark.unit


class InMemory:
    """The catalog of a stage."""

    def __init__(self, world: World) -> None:
        self.table = world.catalog
        self.fresh = 0

    def scan_prefix(self, prefix: str) -> Iterator[dict[str, Any]]:
        return iter([item for item in self.table.items() if item["pk"].startswith(prefix)])

    def use_at_once(self) -> None:
        self.fresh += 1


@pytest.fixture
def world(connect: Callable[[World], None], monkeypatch: pytest.MonkeyPatch) -> World:
    """A deployment whose catalog and API the command reaches."""
    world = World()
    connect(world)
    monkeypatch.setattr("cli.commands.keys.catalog_table", lambda _stage: InMemory(world))
    return world


def held(world: World) -> Any:
    found = world.environment.sources.find(WEB_KEY)
    assert found is not None
    return found.quota.as_json()


def test_a_quota_is_set_shown_and_taken_back(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """What is not named has no limit; a request over it is counted."""
    assert run(["keys", "quota", "web", "--events-per-minute", "2", "--json"]) == 0
    quota = {"events_per_minute": 2, "events_per_day": None, "identifiers_per_minute": None}
    assert json.loads(capsys.readouterr().out) == {"name": "web", "quota": quota, "keys": 1}
    assert held(world) == quota
    for number in range(4):
        world.post("/v1/track", {"event": "Seen", "userId": f"u{number}"})
    assert run(["sources"]) == 0
    shown = capsys.readouterr().out
    assert "web: at most 2 events a minute; 2 events in the busiest minute" in shown
    assert "web: 2 refused, over_quota" in shown


@pytest.mark.parametrize(
    ("option", "minute"), [("--unlimited", None), ("--default", 30_000)], ids=["unlimited", "default"]
)
def test_limits_can_be_taken_away_or_be_those_of_the_trust(world: World, option: str, minute: int | None) -> None:
    """Both end a quota of the source's own."""
    assert run(["keys", "quota", "web", "--events-per-day", "5"]) == 0
    assert run(["keys", "quota", "web", option]) == 0
    assert held(world)["events_per_minute"] == minute
    assert held(world)["events_per_day"] is None


@pytest.mark.parametrize(
    "arguments",
    [
        ["web"],
        ["web", "--unlimited", "--default"],
        ["web", "--events-per-day", "5", "--default"],
        ["nobody", "--default"],
        ["web", "--events-per-minute", "0"],
        ["admin", "--unlimited"],
    ],
)
def test_wrong_use_is_told(world: World, arguments: list[str]) -> None:
    """And nothing changes."""
    before = held(world)
    assert run(["keys", "quota", *arguments]) == 2
    assert held(world) == before
