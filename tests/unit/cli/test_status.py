"""``kervan status``: what the deployment says of itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from cli.main import run
from shared.domain.definitions.release import Release
from shared.domain.definitions.shop import Shop
from shared.stores.releases import Releases
from tests.unit.admin.test_channels import outage
from tests.unit.ingest.world import World

pytestmark = pytest.mark.unit


def test_the_status_says_which_provider_is_down(
    connect: Callable[[World], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """In one sentence; nothing is said while everything works."""
    world = World()
    Releases(world.catalog).publish(Release(0, Shop(name="Moda")))
    connect(world)
    assert run(["status"]) == 0
    assert "provider" not in capsys.readouterr().out
    outage(world)
    assert run(["status"]) == 0
    shown = capsys.readouterr().out
    assert "email: the provider takes no messages since" in shown
    assert "provider_sending_paused" in shown
    assert run(["status", "--json"]) == 0
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert told["channels"][0]["state"] == "provider_down"
