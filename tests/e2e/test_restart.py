"""A stack that is stopped and started again goes on where it was: nothing of a trial is lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from cli import paths, run
from cli.deployment.api import AdminApi
from cli.deployment.track import Channel
from cli.local import clock, server
from cli.local.outbox import delivered
from cli.local.running import local_stack
from cli.local.wait_until_idle import settle
from tests.e2e.conftest import free_port


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A stack of this test's own, beside that of the others."""
    monkeypatch.setenv("KERVAN_HOME", str(tmp_path))
    monkeypatch.setenv("KERVAN_PORT", str(free_port()))
    try:
        yield tmp_path
    finally:
        server.stop()


def test_customers_messages_clock_and_unread_events_come_back(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Events that were not folded when it was stopped are folded after the start; keys stay; cleaned, nothing of it is
    left but the keys."""
    run.bring_up()
    local = paths.read(paths.LOCAL)
    api = AdminApi(local["endpoint"], local["admin_key"])
    stack = local_stack()
    server_channel = Channel(local["endpoint"], local["write_keys"]["server"], clock.now)
    clock.advance(stack.movable(), clock.next_local("10:00", clock.now(), stack.time_zone()))
    server_channel.send("identify", userId="lale", traits={"email": "lale@example.com", "language": "en"})
    order = {"order_id": "L-1", "total": 100, "currency": "TRY", "products": [{"product_id": "p", "name": "Bag"}]}
    server_channel.send("track", userId="lale", event="Order Completed", properties=order)
    clock.advance(stack.movable(), clock.now() + timedelta(minutes=5))
    before = api.get("/v1/customers/user:lale")
    sent = [(one["step"], one["subject"]) for one in delivered(stack)]
    assert [step for step, _ in sent] == ["confirmed"]
    batch = [
        {"type": "track", "userId": f"late-{number % 40}", "event": "Product Viewed", "messageId": f"v{number}",
         "properties": {"product_id": f"p{number}"}}
        for number in range(400)
    ]  # fmt: skip
    server_channel.post("batch", {"batch": batch})
    moment = clock.now()
    assert server.stop()

    run.bring_up()
    assert "nothing changed" in capsys.readouterr().out
    again = paths.read(paths.LOCAL)
    assert {name: again[name] for name in ("write_keys", "admin_key")} == {
        name: local[name] for name in ("write_keys", "admin_key")
    }
    assert timedelta() <= clock.now() - moment < timedelta(minutes=5)
    api, stack = AdminApi(again["endpoint"], again["admin_key"]), local_stack()
    settle(stack.base)
    assert api.get("/v1/customers/user:lale") == before
    assert [(one["step"], one["subject"]) for one in delivered(stack)] == sent
    seen = [len(list(api.items(f"/v1/customers/user:late-{number}/timeline"))) for number in range(40)]
    assert seen == [10] * 40
    profile = api.get("/v1/customers/user:late-7")
    assert profile["identifiers"] == ["user:late-7"]

    assert server.stop()
    server.forget()
    assert not server.has_state()
    assert not paths.path("push.ndjson").exists()
    assert paths.read(paths.STATE)["keys"]["server"] == local["write_keys"]["server"]
