"""A statement of consent that is sent again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.unit.ingest.world import NOW, STORE_KEY, World

pytestmark = pytest.mark.unit


def statement(name: str, message: str, at: Any) -> dict[str, Any]:
    return {
        "type": "track",
        "event": name,
        "userId": "ali",
        "messageId": message,
        "timestamp": at.isoformat(),
        "properties": {"channel": "email", "purpose": "marketing"},
    }


def test_a_repeated_withdrawal_does_not_undo_a_newer_grant() -> None:
    """Withdrawn, granted a day later, then the first message again: it still counts from when it first arrived."""
    world = World()
    withdrawn = statement("Consent Withdrawn", "w", NOW - timedelta(days=9))
    assert world.post("/v1/batch", {"batch": [withdrawn]}, STORE_KEY)[0] == 200
    world.clock.advance(timedelta(days=1))
    assert (
        world.post("/v1/batch", {"batch": [statement("Consent Granted", "g", world.clock.now())]}, STORE_KEY)[0] == 200
    )
    world.clock.advance(timedelta(days=2))
    assert world.post("/v1/batch", {"batch": [withdrawn]}, STORE_KEY)[0] == 200
    said = world.get("/v1/customers/user:ali")[1]["consent"]
    assert said["email"]["marketing"]["granted"] is True
