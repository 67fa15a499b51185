"""``kervan status``: what the deployment says of itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from cli.main import run
from shared.domain.definitions.release import Release
from shared.domain.definitions.shop import Shop
from shared.domain.messages.reputation import Feedback, Suspension
from shared.domain.messages.sending_quota import SendingQuota
from shared.stores.releases import Releases
from shared.stores.reputation import Suspensions
from shared.stores.sending_quota import SendingQuotas
from tests.unit.admin.test_channels import outage
from tests.unit.ingest.world import NOW, World

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


def test_the_status_says_that_marketing_stopped_and_how_it_goes_on(
    connect: Callable[[World], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """With the counts; the command that it names lets marketing go on. A new sender's volume is shown as well."""
    world = World()
    warm_up = {"email": {"started": "2020-01-01", "daily": [5]}, "sms": {"started": "2099-01-01", "daily": [7]}}
    Releases(world.catalog).publish(Release(0, Shop.model_validate({"name": "Moda", "warm_up": warm_up})))
    connect(world)
    Suspensions(world.catalog, "email").suspend(Suspension(NOW, "bounces", Feedback(1_000, 40, 0)))
    assert run(["status"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "40 bounces and 0 complaints of 1000 messages" in shown
    assert "kervan sending resume --channel email" in shown
    assert "sms: the sender is new; 0 of today's 7 are used." in shown
    assert run(["sending", "resume", "--channel", "email"]) == 0
    capsys.readouterr()
    assert run(["status"]) == 0
    assert "bounces" not in capsys.readouterr().out
    assert run(["sending", "resume", "--channel", "fax"]) == 1


@pytest.mark.parametrize(
    ("quota", "words"),
    [
        (SendingQuota(NOW, 50_000, 14, 120), "120 of SES's 50,000 messages in 24 hours are used, 14 a second"),
        (SendingQuota(NOW, 200, 1, 190, production=False), "Marketing waits for room. The account is in the sandbox"),
        (SendingQuota(NOW, None, 14, 5), "SES sets no daily limit; 5 messages"),
        (SendingQuota(NOW, 200, 1, enabled=False), "SES does not send for this account"),
    ],
)
def test_the_status_tells_the_quota_of_ses(
    connect: Callable[[World], None], capsys: pytest.CaptureFixture[str], quota: SendingQuota, words: str
) -> None:
    """As it was last read, with what follows from it."""
    world = World()
    SendingQuotas(world.catalog).store(quota)
    connect(world)
    assert run(["status"]) == 0
    assert words in " ".join(capsys.readouterr().out.split())
    assert run(["status", "--json"]) == 0
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert told["channels"][0]["quota"]["sent_in_24h"] == quota.sent
    assert told["channels"][1]["quota"] is None
