"""A stack that is stopped and started again goes on where it was: nothing of a trial is lost.

It is the stack of all tests of this worker, so much more is brought back than these lines made. These tests are its
last (``ORDER``): objects of S3 are not kept, and what was counted of AWS calls is not either.
"""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from cli import paths, run
from cli.deployment.api import AdminApi
from cli.deployment.track import Channel
from cli.local import clock, server
from cli.local.outbox import delivered
from cli.local.running import LocalStack, local_stack
from cli.local.wait_until_idle import settle
from tests.e2e.conftest import Kervan, keep_calls

pytestmark = pytest.mark.e2e


def test_customers_messages_clock_and_unread_events_come_back(
    kervan: Kervan, name: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Events that were not folded when it was stopped are folded after the start; keys stay; cleaned, nothing of it is
    left but the keys."""
    run.bring_up()  # other tests may have published something else
    capsys.readouterr()
    local, lale = paths.read(paths.LOCAL), f"lale-{name}"
    api, stack = kervan.api, kervan.stack
    kervan.advance_until("10:00")
    traits = {"email": f"{lale}@example.com", "language": "en"}
    kervan.channel("server").send("identify", userId=lale, traits=traits)
    order = {"order_id": lale, "total": 100, "currency": "TRY", "products": [{"product_id": "p", "name": "Bag"}]}
    kervan.channel("server").send("track", userId=lale, event="Order Completed", properties=order)
    kervan.advance(timedelta(minutes=5))
    before = api.get(f"/v1/customers/user:{lale}")
    sent = mails(stack)
    assert [step for to, step, _ in sent if to == traits["email"]] == ["confirmed"]
    keep_calls(stack.base)
    recorded = records(stack)
    batch = [
        {"type": "track", "userId": f"late-{name}-{number % 40}", "event": "Product Viewed",
         "messageId": f"v-{name}-{number}", "properties": {"product_id": f"p{number}"}}
        for number in range(400)
    ]  # fmt: skip
    Channel(local["endpoint"], local["write_keys"]["server"], clock.now).post("batch", {"batch": batch})
    moment = clock.now()
    assert server.stop()
    kept = shutil.copytree(paths.home(), tmp_path / "kept", symlinks=True)

    run.bring_up()
    assert "nothing changed" in capsys.readouterr().out
    again = paths.read(paths.LOCAL)
    assert {key: again[key] for key in ("endpoint", "write_keys", "admin_key")} == {
        key: local[key] for key in ("endpoint", "write_keys", "admin_key")
    }
    assert timedelta() <= clock.now() - moment < timedelta(minutes=5)
    api, stack = AdminApi(again["endpoint"], again["admin_key"]), local_stack()
    settle(stack.base)
    assert api.get(f"/v1/customers/user:{lale}") == before
    assert Counter(sent) - Counter(mails(stack)) == Counter()
    assert [step for to, step, _ in mails(stack) if to == traits["email"]] == ["confirmed"]
    seen = [len(list(api.items(f"/v1/customers/user:late-{name}-{number}/timeline"))) for number in range(40)]
    assert seen == [10] * 40
    assert api.get(f"/v1/customers/user:late-{name}-7")["identifiers"] == [f"user:late-{name}-7"]
    assert recorded - records(stack) == set()

    monkeypatch.setenv("KERVAN_HOME", str(kept))
    assert server.has_state()
    server.forget()
    assert not server.has_state()
    assert not paths.path("push.ndjson").exists()
    assert paths.read(paths.STATE)["keys"]["server"] == local["write_keys"]["server"]
    assert paths.read(paths.STATE).get("deployed") is None


def mails(stack: LocalStack) -> list[tuple[str, str, str]]:
    """Recipient, step and subject of every e-mail that was delivered."""
    return [(one["to"], one["step"], one["subject"]) for one in delivered(stack) if one["channel"] == "email"]


def records(stack: LocalStack) -> set[tuple[str, str]]:
    """The keys of what the ledger knows of messages that a provider took."""
    return {(one["pk"], one["sk"]) for one in stack.items("TableMessages") if one.get("provider_id")}
