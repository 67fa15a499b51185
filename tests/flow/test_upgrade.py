"""Data of every version that was released, under the code of today: read, continued and never sent twice."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from cli.publishing import publish
from tests.flow.deployment import Deployment, local
from tests.flow.recorder import START
from tests.flow.stored_data import AUTUMN, CAMPAIGN_HOUR, FOLDER, QUESTIONS, answers, read, store
from tests.support.moto_wire import boto3_client
from tests.support.ready_definitions import ready_bundle

pytestmark = pytest.mark.flow
VERSIONS = sorted(FOLDER.glob("*.json.gz"))


@pytest.fixture(params=VERSIONS, ids=lambda path: path.name.removesuffix(".json.gz"))
def kept(request: pytest.FixtureRequest) -> Any:
    return read(request.param)


@pytest.fixture
def upgraded(deployment: Deployment, kept: Any) -> Deployment:
    """The tables as that version left them, the functions of today, and streams that begin now."""
    client = boto3_client("dynamodb")
    for table in kept["items"]:
        for page in client.get_paginator("scan").paginate(TableName=table):
            for item in page["Items"]:
                client.delete_item(TableName=table, Key={name: item[name] for name in ("pk", "sk")})
    store(kept)
    deployment.stream.forget()
    deployment.clock.at = datetime.fromisoformat(kept["at"])
    deployment.restart()
    return deployment


def told(deployment: Deployment) -> list[tuple[float, str, str]]:
    """(hours after Monday 10:00, step, address)"""
    return [(round((one.at - START).total_seconds() / 3600, 2), one.step, one.to) for one in deployment.sent]


def holds(now: Any, before: Any) -> bool:
    """Whether an answer says everything that it said before; a new version may say more."""
    if isinstance(before, dict):
        return isinstance(now, dict) and all(name in now and holds(now[name], before[name]) for name in before)
    if isinstance(before, list):
        return isinstance(now, list) and len(now) == len(before) and all(map(holds, now, before))
    return bool(now == before)


def test_every_released_version_is_here() -> None:
    """`python -m tests.flow.write_stored_data` writes one before a release."""
    assert "0.1.0.json.gz" in [path.name for path in VERSIONS]


def test_stored_data_says_what_it_said(upgraded: Deployment, kept: Any) -> None:
    """Who is who, what happened, what was sent and why, who agreed to what."""
    now = answers(upgraded)
    assert set(kept["answers"]) <= set(QUESTIONS)
    for question, before in kept["answers"].items():
        assert holds(now[question], before), (question, now[question], before)


@pytest.mark.parametrize("published", [False, True], ids=["with the old release", "published anew"])
def test_what_waited_goes_on_and_nothing_is_sent_twice(upgraded: Deployment, published: bool) -> None:
    """Two reminders of a cart and tomorrow's campaign, each once and at its time; who withdrew gets none."""
    if published:
        publish(upgraded.tables["catalog"], ready_bundle().release())
        upgraded.restart()
    upgraded.advance(local(100))
    ayse = "ayse@example.com"
    reminders = [one for one in told(upgraded) if one[2] == ayse and one[1] != "campaign"]
    assert [hour for hour, _step, _to in reminders] == [24, 72]
    assert len({step for _hour, step, _to in reminders}) == 2
    campaign = [(hour, to) for hour, step, to in told(upgraded) if step == "campaign"]
    assert campaign == [(CAMPAIGN_HOUR, "mehmet@example.com")]
    assert not [one for one in told(upgraded) if one[2].startswith("zeynep")]
    assert upgraded.failures() == []
    assert upgraded.read("campaigns", str(AUTUMN["campaign"]))["state"] == "done"
