"""Withdrawals of consent are counted by source, and those of public keys for an alarm."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from shared.ports import Throttled
from tests.unit.ingest.world import STORE_KEY, WEB_KEY, World

pytestmark = pytest.mark.unit


def withdrawal(number: int, name: str = "Consent Withdrawn", user: str = "42") -> dict[str, Any]:
    properties = {"channel": "email", "address": f"a{number}@example.com"}
    return {"type": "track", "event": name, "userId": user, "messageId": f"m-{number}", "properties": properties}


def withdrawn(world: World) -> dict[str | None, int]:
    return {item["name"]: item["withdrawn"] for item in world.get("/v1/sources")[1]["items"]}


def metrics(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Lines in the embedded metric format that were written since the last call."""
    written = capsys.readouterr().out.splitlines()
    return [json.loads(line) for line in written if "consents_withdrawn_public" in line]


def test_new_withdrawals_of_a_public_key_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    """Both events that withdraw; a grant and another event are none. The line names nobody and no source."""
    world = World()
    granted = withdrawal(3, "Consent Granted")
    other = {"type": "track", "event": "Product Viewed", "userId": "42", "properties": {"product_id": "p"}}
    events = [withdrawal(1), withdrawal(2, "Unsubscribed"), granted, other]
    assert world.post("/v1/batch", {"batch": events}, key=WEB_KEY)[0] == 200
    (line,) = metrics(capsys)
    assert line["consents_withdrawn_public"] == [2.0]
    assert line["function"] == "ingest-api"
    assert not {"42", "a1@example.com", "web"} & set(map(str, line.values()))
    assert withdrawn(world) == {"web": 2}


def test_a_withdrawal_that_is_sent_again_counts_once(capsys: pytest.CaptureFixture[str]) -> None:
    """In the same batch, and later: SDKs repeat what they got no answer for."""
    world = World()
    dated = withdrawal(1) | {"timestamp": "2026-11-22T09:00:00Z"}
    for _ in range(2):
        world.post("/v1/batch", {"batch": [dated, dated]}, key=WEB_KEY)
    assert [line["consents_withdrawn_public"] for line in metrics(capsys)] == [[1.0]]
    assert withdrawn(world) == {"web": 1}


def test_one_message_id_for_many_people_hides_nobody() -> None:
    """Who guesses ids may give all his events the same id and time."""
    world = World()
    events = [withdrawal(1, user=f"u-{user}") | {"timestamp": "2026-11-22T09:00:00Z"} for user in range(5)]
    world.post("/v1/batch", {"batch": events}, key=WEB_KEY)
    assert withdrawn(world) == {"web": 5}


def test_trusted_sources_ring_no_alarm(capsys: pytest.CaptureFixture[str]) -> None:
    """An import of refusals is no attack; it is shown with its source."""
    world = World()
    world.post("/v1/batch", {"batch": [withdrawal(1), withdrawal(2)]}, key=STORE_KEY)
    assert metrics(capsys) == []
    assert withdrawn(world) == {"store": 2}


def test_counters_that_cannot_be_written_lose_no_withdrawal() -> None:
    """The refusal is stored first; its count may come later."""
    world = World()

    def throttled(*_: Any, **__: Any) -> dict[str, int]:
        raise Throttled

    world.metrics.add = throttled  # type: ignore[method-assign]
    assert world.post("/v1/batch", {"batch": [withdrawal(1)]}, key=WEB_KEY)[0] == 200
    assert [item["granted"] for item in world.customers.items() if item["sk"].startswith("consent#")] == [False] * 2


@pytest.mark.parametrize("key", [WEB_KEY, STORE_KEY], ids=["public", "trusted"])
@pytest.mark.parametrize("fails_at", range(1, 9))
def test_what_a_throttle_cut_off_counts_once(capsys: pytest.CaptureFixture[str], key: str, fails_at: int) -> None:
    """The table stops at any call of the request, the sender gets no answer and sends all again: what was stored at
    first counted then, the rest now."""
    world = World()
    events = [withdrawal(number) | {"timestamp": "2026-11-22T09:00:00Z"} for number in range(3)]
    with refusing(world, fails_at), suppress(Throttled):
        world.post("/v1/batch", {"batch": events}, key=key)
    assert world.post("/v1/batch", {"batch": events}, key=key)[0] == 200
    assert sum(withdrawn(world).values()) == 3
    rung = sum(line["consents_withdrawn_public"][0] for line in metrics(capsys))
    assert rung == (3 if key == WEB_KEY else 0)


@contextmanager
def refusing(world: World, fails_at: int) -> Iterator[None]:
    """The table of customers refuses one write, the first or a later one."""
    calls = 0
    originals = {name: getattr(world.customers, name) for name in ("put", "put_many", "transact")}

    def failing(name: str) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == fails_at:
                raise Throttled
            return originals[name](*given, **named)

        return call

    for name in originals:
        setattr(world.customers, name, failing(name))
    yield
    for name, original in originals.items():
        setattr(world.customers, name, original)
