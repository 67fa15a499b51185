"""``GET /v1/channels``: an outage is told, with its cause and the next try."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shared.domain.messages.breaker import AnswerKind, Breaker, after_answer
from shared.stores.breakers import Breakers
from tests.unit.ingest.world import NOW, World, http_event

pytestmark = pytest.mark.unit


def outage(world: World) -> Breaker:
    def change(breaker: Breaker) -> Breaker:
        return after_answer(
            breaker, AnswerKind.REFUSED_FOR_NOW, NOW, probe=False, in_a_row=3, cause="provider_sending_paused"
        )

    return Breakers(world.catalog, "email").change(change)[1]


def listed(world: World) -> list[dict[str, Any]]:
    status, answer = world.send(http_event("GET", "/v1/channels", None, {"authorization": "Bearer admin-key"}))
    assert status == 200
    items: list[dict[str, Any]] = answer["items"]
    return items


def test_every_channel_is_listed_and_an_outage_is_told() -> None:
    """Working, down since when and why, recovering."""
    world = World()
    [email, sms, push] = listed(world)
    quiet = {"state": "sending", **dict.fromkeys(("since", "next_probe_at", "cause", "suspended", "warm_up", "quota"))}
    assert (email, sms, push) == tuple({"channel": name, **quiet} for name in ("email", "sms", "push"))
    outage(world)
    [email, sms, _] = listed(world)
    assert sms["state"] == "sending"
    assert (email["state"], email["cause"]) == ("provider_down", "provider_sending_paused")
    assert email["since"] < email["next_probe_at"]
    later = NOW + timedelta(minutes=1)
    Breakers(world.catalog, "email").change(lambda breaker: after_answer(breaker, AnswerKind.TAKEN, later, probe=True))
    [email, _, _] = listed(world)
    assert (email["state"], email["next_probe_at"]) == ("recovering", None)
