"""What Turkey's register of consent pushes: with its token alone, and only what can be read."""

from __future__ import annotations

from typing import Any

import pytest

from shared.domain.iys.tasks import read_task
from tests.unit.ingest.world import World, http_event

pytestmark = pytest.mark.unit
TOKEN = "a token of the register"
CHANGE = {
    "recipient": "ayse@example.com", "recipientType": "BIREYSEL", "type": "EPOSTA", "status": "RET",
    "consentDate": "2026-11-20 12:00:00", "source": "IYS_WEB", "transactionId": "abc",
}  # fmt: skip


def push(world: World, body: Any, token: str = TOKEN) -> tuple[int, Any]:
    return world.send(http_event("POST", "/v1/hooks/iys", body, {"authorization": f"Bearer {token}"}))


@pytest.fixture
def world() -> World:
    made = World()
    made.hook_secrets["iys"] = {"token": TOKEN}
    return made


@pytest.mark.parametrize("body", [CHANGE, [CHANGE], {"list": [CHANGE], "after": "1_2"}])
def test_changes_go_to_the_queue(world: World, body: Any) -> None:
    """One, a list, or the form of the register's own list."""
    assert push(world, body) == (200, {"accepted": 1, "unreadable": 0})
    [change] = read_task(world.iys_tasks.bodies[0]).changes
    assert (change.recipient, change.status, change.at.isoformat()) == (
        "ayse@example.com", "RET", "2026-11-20T09:00:00+00:00",
    )  # fmt: skip


def test_what_cannot_be_read_is_counted(world: World) -> None:
    """Calls, and whatever is no change."""
    dates = [{**CHANGE, "consentDate": text} for text in ("yesterday", "0001-01-01 00:00:00", None, 7)]
    rows = [{**CHANGE, "type": "ARAMA"}, *dates, 7, {}, CHANGE]
    assert push(world, rows) == (200, {"accepted": 1, "unreadable": 7})


@pytest.mark.parametrize("token", ["", "wrong", TOKEN + "x", "İ"])
def test_a_wrong_token_is_refused(world: World, token: str) -> None:
    """And nothing is queued."""
    assert push(world, CHANGE, token)[0] == 401
    assert world.iys_tasks.bodies == []


@pytest.mark.parametrize("secrets", [{}, {"token": ""}, {"token": "short"}])
def test_without_a_token_of_some_length_nobody_gets_in(secrets: dict[str, str]) -> None:
    """A deployment without the secret takes nothing, not even an empty token."""
    made = World()
    made.hook_secrets["iys"] = secrets
    assert push(made, CHANGE, secrets.get("token", ""))[0] == 401


def test_a_body_that_is_none(world: World) -> None:
    """400, and a list that is too long too."""
    assert push(world, "nonsense")[0] == 400
    assert push(world, [CHANGE] * 1_001)[0] == 400
